package envelope_test

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// withoutMbox takes off what is no part of a mail: a byte order mark, and the
// "From " line of a mailbox file.
func withoutMbox(mail string) string {
	mail = strings.TrimPrefix(mail, "\ufeff")
	if line, rest, _ := strings.Cut(mail, "\r\n"); strings.HasPrefix(line, "From ") {
		return rest
	}
	return mail
}

// FuzzAnomaly: every mail within the limits is wrapped and comes out unchanged,
// whatever was said of it. A source that fails gives its own error.
func FuzzAnomaly(f *testing.F) {
	for _, s := range []string{plain, "", "\r\n", "To: a\rb\r\n\r\n", "Message-ID: <a@b>\n\nx", "X\x00: y\r\n\r\n", "Subject: =?utf-8?b?/w==?=\r\n\r\n",
		strings.Repeat("A: b\r\n", 200_000), strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 40)} {
		f.Add("a@example.org", "motivo", []byte(s), first, uint16(0))
	}
	for _, c := range anomalyCases {
		f.Add(c.from, c.reason, []byte(c.mail), first+"\n"+sender, uint16(0))
	}
	f.Add(sender, "motivo", []byte(plain), "", uint16(0))
	f.Add(sender, "\r\n", []byte(plain), first, uint16(0))
	f.Add(sender, "motivo", []byte(plain), first, uint16(10))
	f.Add(sender, "motivo", []byte(nil), first, noArrival)
	f.Add(sender, "motivo", []byte(nil), first, noMail)
	p := fastProvider()
	f.Fuzz(func(t *testing.T, from, reason string, mail []byte, to string, stop uint16) {
		a := &envelope.Arrival{Sender: from, Reason: reason, Recipients: strings.FieldsFunc(to, func(r rune) bool { return r == '\n' })}
		breaks := stop > 0 && stop < noMail && int(stop) <= len(mail)
		broken := &source{b: mail}
		if breaks {
			broken.from = int64(stop)
		}
		original := io.NewSectionReader(broken, 0, int64(len(mail)))
		switch stop {
		case noArrival:
			a = nil
		case noMail:
			original = nil
		}
		out, err := p.Anomaly(a, original, instant)
		if err != nil {
			field := requireRefused(t, err, out == nil)
			require.Contains(t, []string{"destinatari", "errore-esteso", "original", "header"}, field.Field)
			require.True(t, !breaks || field.Field != "original" || errors.Is(err, errBroken), "%v", err)
			return
		}
		require.False(t, breaks || a == nil || original == nil || len(a.Recipients) == 0, "there is nothing to build it from")
		require.Nil(t, out.Data)
		b, err := out.Bytes()
		require.NoError(t, err)
		r := certified(t, b)
		require.Equal(t, pec.KindAnomaly, r.Kind)
		require.False(t, r.Certified)
		id := r.Message.FirstHeader("Message-ID")
		require.NotEmpty(t, id)
		if !strings.Contains(out.MessageID, "?") { // for what is not ASCII
			require.Equal(t, out.MessageID, strings.Join(strings.Fields(id), " "), "it stands there as it came")
		}
		require.Empty(t, r.Message.Header("X-Ricevuta"))
		require.Len(t, r.Message.Header("From"), 1)
		canonical := strings.ReplaceAll(strings.ReplaceAll(string(mail), "\r\n", "\n"), "\n", "\r\n")
		require.Equal(t, withoutMbox(canonical), enclosed(t, r))
	})
}

// Places of failure that stand for something else that is not there.
const (
	noArrival uint16 = 0xffff
	noMail    uint16 = 0xfffe
)

// What may be wrong with a provider, bit by bit.
const (
	lacksAll             = 1 << iota
	lacksSigner          //
	hasOtherKey          //
	hasNoTime            // the zero time
	signsOutsideValidity //
	asksBriefHash        // the lower bit of two that choose the hash of brief receipts
)

var briefHashes = []crypto.Hash{0, crypto.SHA1, crypto.SHA256, crypto.MD5}

// FuzzProvider: a provider either issues envelopes that name it and the time, or
// is told what it lacks, the same for both envelopes.
func FuzzProvider(f *testing.F) {
	p := fastProvider()
	for _, s := range []struct {
		name, address string
		at            time.Time
		zone          int
		flags         uint16
	}{
		{p.Name, p.Address, instant, 3600, 0}, {"", p.Address, instant, 0, 0}, {"a\nb", p.Address, instant, 0, 0}, {"a\xff", p.Address, instant, 0, 0},
		{"漢 <&> \"x\"", "POSTA-CERTIFICATA@PEC.EXAMPLE.IT", instant, 7200, 0}, {p.Name, "", instant, 0, 0}, {p.Name, "certified-mail@pec.example.it", instant, 0, 0},
		{p.Name, "posta-certificata@pec.example.org", instant, 0, 0}, {p.Name, p.Address, instant.AddDate(3, 0, 0), 0, 0}, {p.Name, p.Address, instant.AddDate(-2, 0, 0), 0, 0},
		{p.Name, p.Address, instant.AddDate(3, 0, 0), 0, signsOutsideValidity}, {p.Name, p.Address, time.Unix(-1e8, 0), 0, 0}, {p.Name, p.Address, time.Unix(1<<40, 0), 0, 0},
		{p.Name, p.Address, instant, 2996, 0}, {p.Name, p.Address, instant, -12 * 3600, 0}, {p.Name, p.Address, instant, 0, lacksAll}, {p.Name, p.Address, instant, 0, lacksSigner},
		{p.Name, p.Address, instant, 0, hasOtherKey}, {p.Name, p.Address, instant, 0, hasNoTime}, {p.Name, p.Address, instant, 0, asksBriefHash},
		{p.Name, p.Address, instant, 0, 2 * asksBriefHash}, {p.Name, p.Address, instant, 0, 3 * asksBriefHash},
	} {
		f.Add(s.name, s.address, s.at.Unix(), int32(s.zone), s.flags)
	}
	data := facts(f, plain)
	f.Fuzz(func(t *testing.T, name, address string, seconds int64, zone int32, flags uint16) {
		asked := func(what uint16) bool { return flags&what != 0 }
		signer := *p.Signer
		own := &envelope.Provider{Name: name, Address: address, Signer: &signer}
		own.Habits.OutsideValidity, own.Habits.BriefHash = asked(signsOutsideValidity), briefHashes[flags/asksBriefHash%4]
		at := time.Unix(seconds, 0).In(time.FixedZone("", int(zone)%(14*3600)))
		if asked(hasNoTime) {
			at = time.Time{}
		}
		if asked(hasOtherKey) {
			signer.Key = testsign.NewCircle().Two.Key
		}
		if asked(lacksSigner) {
			own.Signer = nil
		}
		if asked(lacksAll) {
			own = nil
		}
		out, err := own.Transport(data, section(plain), at)
		anomaly, errAnomaly := own.Anomaly(arrival(sender), section(plain), at)
		require.Equal(t, err, errAnomaly)
		if err != nil {
			field := requireRefused(t, err, out == nil && anomaly == nil)
			require.True(t, field.Field == "time" || strings.HasPrefix(field.Field, "provider"), field.Field)
			return
		}
		require.False(t, asked(lacksAll|lacksSigner|hasOtherKey|hasNoTime) || own.Habits.BriefHash == crypto.MD5)
		b, err := out.Bytes()
		require.NoError(t, err)
		m, err := pec.ReadAll(bytes.NewReader(b))
		require.NoError(t, err)
		require.Equal(t, strings.Trim(name, " "), strings.Trim(m.Transport.Data.Provider, " "))
		when, err := m.Transport.Data.Time()
		require.NoError(t, err)
		require.True(t, at.Equal(when), "%s, not %s", when, at)
		_, offset := at.Zone()
		_, written := when.Zone()
		require.Equal(t, offset, written)
		if c := signer.Certificate; at.Before(c.NotBefore) || at.After(c.NotAfter) {
			require.True(t, asked(signsOutsideValidity))
			return
		}
		_, err = pec.Verify(m, &pec.VerifyOptions{Trust: store(), Clock: func() time.Time { return at }})
		require.NoError(t, err)
	})
}
