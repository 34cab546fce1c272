package envelope_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
)

// TestFacts: what is certified of a message comes from the SMTP envelope, and
// from four fields of its header.
func TestFacts(t *testing.T) {
	t.Parallel()
	for _, c := range factsCases {
		c.want.Type, c.want.Sender, c.want.Recipients, c.want.ID = daticert.TypeTransport, sender, recipients(), pecID
		if c.want.Receipt == "" {
			c.want.Receipt = daticert.ReceiptComplete
		}
		require.Equal(t, &c.want, facts(t, c.header+"\r\nTesto\r\n"), c.reason)
	}
	for _, c := range []struct {
		reason, field, mail, id string
		to                      []daticert.Recipient
	}{
		{"an unknown kind of receipt", "X-TipoRicevuta", "X-TipoRicevuta: normale\r\n\r\n", pecID, recipients()},
		{"a Message-ID that fits no line", "msgid", "Message-ID: <" + strings.Repeat("a", 900) + "@b>\r\n\r\n", pecID, recipients()},
		{"no recipient", "destinatari", plain, pecID, nil},
		{"an identifier without @", "identificativo", plain, "abc", recipients()},
		{"a header over the limit", "original", strings.Repeat("A: b\r\n", 200_000), pecID, recipients()},
	} {
		_, err := envelope.Facts(section(c.mail), sender, c.to, c.id)
		requireField(t, c.field, err, c.reason)
	}
	_, err := envelope.Facts(nil, sender, recipients(), pecID)
	requireField(t, "original", err, "no message")
}

func requireField(t testing.TB, field string, err error, reason string) {
	t.Helper()
	var e *envelope.FieldError
	require.ErrorAs(t, err, &e, reason)
	require.Equal(t, field, e.Field, "%s: %v", reason, err)
}

// TestTransportFacts: the facts of an envelope that was read are those that
// receipts about it are built from, made fit to be written.
func TestTransportFacts(t *testing.T) {
	t.Parallel()
	f := facts(t, plain)
	r := certified(t, transport(t, provider(), plain))
	require.Equal(t, f, r.Message.Transport.Facts())
	read := &envelope.Transport{Data: &daticert.Data{Sender: sender, Subject: "due\n\trighe\x01", MessageID: "<è\n@b>", ReplyTo: "a\t<b@c>"}}
	got := read.Facts()
	require.Equal(t, "due  righe\ufffd", got.Subject)
	require.Equal(t, "<? @b>", got.MessageID)
	require.Equal(t, "a <b@c>", got.ReplyTo)
	require.Equal(t, daticert.ReceiptComplete, got.Receipt)
}

// TestTransportEncloses: of the message inside nothing changes but the
// identifiers, and bare LF, whatever it is made of.
func TestTransportEncloses(t *testing.T) {
	t.Parallel()
	for _, c := range enclosedCases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			mail := transport(t, provider(), c.in)
			r := certified(t, mail)
			require.Equal(t, c.want, enclosed(t, r))
			require.NotContains(t, r.Data.Raw(), []byte("mixed_00"))
			require.Contains(t, string(mail), "Content-Type: message/rfc822; name=\"postacert.eml\"\r\nContent-Transfer-Encoding: "+c.encoding+"\r\n")
			if c.encoding != "7bit" {
				require.Equal(t, 3, strings.Count(string(mail), "Content-Transfer-Encoding: "+c.encoding+"\r\n"), "the parts around it say so too")
			}
		})
	}
}

// TestNoMessageID: a client that wrote none leaves no trace of one.
func TestNoMessageID(t *testing.T) {
	t.Parallel()
	mail := transport(t, provider(), "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nX-Riferimento-Message-ID: <x@y>\r\n\r\nTesto\r\n")
	require.NotContains(t, string(mail), "X-Riferimento-Message-ID")
	r := certified(t, mail)
	require.False(t, r.Data.Has("msgid"))
	require.Empty(t, r.Warnings())
}

// TestTransportInherits: the fields of §2.1.1.2 come over unchanged, and no
// other.
func TestTransportInherits(t *testing.T) {
	t.Parallel()
	const inherited = "Return-Path: <mittente@pec.example.it>\r\n" +
		"Received: from a\r\n\tby b;\r\n  date\r\nReceived: from c\r\n"
	const to = "TO: =?UTF-8?Q?D=C3=A8?=\r\n <destinatario@pec.example.com>\r\nCc: destinatario@pec.example.com\r\n"
	const in = inherited + "From: mittente@pec.example.it\r\n" + to +
		"Reply-To: Segreteria\r\n <segreteria@pec.example.it>\r\nBcc: nascosto@example.it\r\nSender: x@example.it\r\n" +
		"X-Ricevuta: avvenuta-consegna\r\nX-Trasporto: errore\r\nDKIM-Signature: v=1\r\nSubject: prova\r\n\r\nTesto\r\n"
	mail := transport(t, provider(), in)
	header, _, _ := strings.Cut(string(mail), "\r\n\r\n")
	require.True(t, strings.HasPrefix(header, inherited+"Subject: "))
	require.Contains(t, header, "\r\nReply-To: Segreteria\r\n <segreteria@pec.example.it>\r\n")
	require.Contains(t, header, "\r\n"+to)
	for _, absent := range []string{"Bcc", "Sender", "X-Ricevuta", "DKIM", "errore"} {
		require.NotContains(t, header, absent)
	}
	r := certified(t, mail)
	require.Equal(t, "segreteria@pec.example.it", r.Data.ReplyTo)
	require.Empty(t, r.Warnings())
}

// TestTransportRefuses: what cannot be valid is an error that names the field.
func TestTransportRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason, field string
		edit          func(p *envelope.Provider, f *daticert.Data, mail *string, at *time.Time)
	}{
		{"no sender", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Sender = "" }},
		{"a sender that is no address", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Sender = "mittente" }},
		{"a sender with a line end", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.Sender = "a@b\r\nX-Ricevuta: c"
		}},
		{"a sender with a quote, which would end the name in From", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.Sender = `"a"@b`
		}},
		{"two addresses in one", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Sender = "a@b,c@d" }},
		{"a letter that passes for another", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Sender = "а@b" }},
		{"an address over the limit", "mittente", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.Sender = strings.Repeat("a", 250) + "@b.it"
		}},
		{"no recipient", "destinatari", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Recipients = nil }},
		{"a second recipient that is none", "destinatari[2]", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.Recipients = append(f.Recipients, daticert.Recipient{Address: "@example.it"})
		}},
		{"a recipient of unknown type", "destinatari[1]/@tipo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.Recipients[0].Type = "interno"
		}},
		{"no identifier", "identificativo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ID = "" }},
		{"an identifier without @", "identificativo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ID = "abc" }},
		{"an identifier with two", "identificativo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ID = "a@b@c" }},
		{"an identifier in brackets", "identificativo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ID = "<a@b>" }},
		{"an identifier with a line end", "identificativo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ID = "a@b\r\nX: y" }},
		{"an identifier over the limit", "identificativo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.ID = strings.Repeat("a", 249) + "@b"
		}},
		{"a msgid with a line end", "msgid", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.MessageID = "<a@b>\r\nX: y"
		}},
		{"a msgid with a NUL", "msgid", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.MessageID = "<a\x00@b>" }},
		{"an unknown kind of receipt", "ricevuta/@tipo", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Receipt = "normale" }},
		{"a subject of two lines", "oggetto", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			f.Subject = "a\r\nX-Ricevuta: b"
		}},
		{"a subject with a NUL", "oggetto", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Subject = "a\x00b" }},
		{"a subject that is not UTF-8", "oggetto", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Subject = "attivit\xe0" }},
		{"a subject that XML forbids", "oggetto", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.Subject = "a\uffffb" }},
		{"answers to no address", "risposte", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ReplyTo = "nessuno" }},
		{"answers with a line end", "risposte", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) { f.ReplyTo = "a@b\r\nX: y" }},
		{"data that no reader takes", "daticert.xml", func(_ *envelope.Provider, f *daticert.Data, _ *string, _ *time.Time) {
			for range 25_000 {
				f.Recipients = append(f.Recipients, daticert.Recipient{Address: "destinatario@pec.example.com"})
			}
		}},
		{"no header", "original", func(_ *envelope.Provider, _ *daticert.Data, mail *string, _ *time.Time) { *mail = "\r\nTesto\r\n" }},
		{"an empty message", "original", func(_ *envelope.Provider, _ *daticert.Data, mail *string, _ *time.Time) { *mail = "" }},
		{"a CR in To, which some take for a line end", "original", func(_ *envelope.Provider, _ *daticert.Data, mail *string, _ *time.Time) {
			*mail = "To: destinatario@pec.example.com\rX-Ricevuta: a\r\n\r\n"
		}},
		{"no time", "time", func(_ *envelope.Provider, _ *daticert.Data, _ *string, at *time.Time) { *at = time.Time{} }},
		{"a time of before mail", "time", func(_ *envelope.Provider, _ *daticert.Data, _ *string, at *time.Time) {
			*at = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)
		}},
		{"an offset with seconds", "time", func(_ *envelope.Provider, _ *daticert.Data, _ *string, at *time.Time) {
			*at = at.In(time.FixedZone("", 2996))
		}},
		{"a provider without name", "provider.name", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) { p.Name = "" }},
		{"a name with a line end", "provider.name", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) { p.Name = "a\nb" }},
		{"no service address", "provider.address", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) { p.Address = "" }},
		{"another mailbox than the norm's", "provider.address", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) {
			p.Address = "certified-mail@pec.example.it"
		}},
		{"an address that is not the certificate's", "provider.signer", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) {
			p.Address = "posta-certificata@pec.example.org"
		}},
		{"no signer", "provider.signer", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) { p.Signer = nil }},
		{"a key that is not the certificate's", "provider.signer", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) {
			p.Signer.Key = testsign.NewCircle().Two.Key
		}},
		{"a certificate that has expired", "provider.signer", func(_ *envelope.Provider, _ *daticert.Data, _ *string, at *time.Time) { *at = at.AddDate(3, 0, 0) }},
		{"a certificate that is not yet valid", "provider.signer", func(_ *envelope.Provider, _ *daticert.Data, _ *string, at *time.Time) { *at = at.AddDate(-2, 0, 0) }},
		{"a hash that brief receipts do not have", "provider.habits", func(p *envelope.Provider, _ *daticert.Data, _ *string, _ *time.Time) { p.Habits.BriefHash = crypto.MD5 }},
	} {
		p, f, mail, at := provider(), facts(t, plain), plain, instant
		c.edit(p, f, &mail, &at)
		out, err := p.Transport(f, section(mail), at)
		requireField(t, c.field, err, c.reason)
		require.Nil(t, out)
	}
	_, err := provider().Transport(nil, section(plain), instant)
	requireField(t, "mittente", err, "no facts")
	_, err = provider().Transport(facts(t, plain), nil, instant)
	requireField(t, "original", err, "no message")
	_, err = (*envelope.Provider)(nil).Transport(facts(t, plain), section(plain), instant)
	requireField(t, "provider", err, "no provider")
}

// TestNesting: a message is wrapped if it can be read afterwards, and refused if
// it is nested one level deeper.
func TestNesting(t *testing.T) {
	t.Parallel()
	nested := func(levels int) string {
		mail := "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: prova\r\n"
		return mail + strings.Repeat("Content-Type: message/rfc822\r\n\r\n", levels) + "Subject: dentro\r\n\r\nTesto\r\n"
	}
	certified(t, transport(t, provider(), nested(17)))
	_, err := provider().Transport(facts(t, plain), section(nested(18)), instant)
	requireField(t, "original", err, "it could not be read")
}

// TestHeaderLimit: a header is written if it can be read afterwards.
func TestHeaderLimit(t *testing.T) {
	t.Parallel()
	f := facts(t, plain)
	f.Subject = strings.Repeat("漢 ", 150_000)
	out, err := provider().Transport(f, section(plain), instant)
	require.NoError(t, err)
	require.Greater(t, len(out.Mail.Header), 900<<10)
	b, err := out.Bytes()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(f.Subject), certified(t, b).Data.Subject)
	f.Subject = strings.Repeat("漢 ", 155_000)
	_, err = provider().Transport(f, section(plain), instant)
	requireField(t, "header", err, "longer than readers take")
}

// TestHabits: every habit of a provider is written as asked for, and certified
// all the same.
func TestHabits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(p *envelope.Provider)
		has  []string
		not  []string
		warn []pec.CheckID
	}{
		{"none", func(*envelope.Provider) {}, []string{"multipart/alternative", "This is an S/MIME"}, nil, nil},
		{"text only", func(p *envelope.Provider) { p.Habits.TextOnly = true }, []string{"text/plain"}, []string{"text/html", "multipart/alternative"}, nil},
		{"plain XML", func(p *envelope.Provider) { p.Habits.PlainXML = true }, []string{"<identificativo>" + pecID + "</identificativo>\r\n"}, nil, nil},
		{"SHA-1", func(p *envelope.Provider) { p.Signer.SHA1ForTestsOfOldHabits = true }, []string{`micalg="sha-1"`}, nil, []pec.CheckID{pec.CheckDigestAge}},
		{"BER", func(p *envelope.Provider) { p.Signer.BER = true }, []string{"\r\nMIAG"}, nil, nil},
		{"authority", func(p *envelope.Provider) { p.Signer.Chain = []*x509.Certificate{testsign.NewCircle().Root.X509()} }, nil, nil, nil},
		{"old names", func(p *envelope.Provider) { p.Signer.SignatureType = "application/x-pkcs7-signature" }, []string{`protocol="application/x-pkcs7-signature"`, "Content-Type: application/x-pkcs7-signature"}, []string{"application/pkcs7"}, nil},
		{"no preamble", func(p *envelope.Provider) { p.Signer.NoPreamble = true }, nil, []string{"This is an S/MIME"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := provider()
			c.edit(p)
			mail := transport(t, p, plain)
			r := certified(t, mail)
			for _, s := range c.has {
				require.Contains(t, string(mail), s)
			}
			for _, s := range c.not {
				require.NotContains(t, string(mail), s)
			}
			require.Equal(t, c.warn, warned(r))
		})
	}
	p := provider()
	order := func() bool {
		mail := transport(t, p, plain)
		certified(t, mail)
		return bytes.Index(mail, []byte("daticert.xml")) < bytes.Index(mail, []byte("postacert.eml"))
	}
	require.True(t, order())
	p.Habits.OriginalFirst = true
	require.False(t, order())

	p.Habits.OutsideValidity = true
	out, err := p.Transport(facts(t, plain), section(plain), instant.AddDate(3, 0, 0))
	require.NoError(t, err, "signed all the same")
	b, err := out.Bytes()
	require.NoError(t, err)
	m, err := pec.ReadAll(bytes.NewReader(b))
	require.NoError(t, err)
	r, _ := pec.Verify(m, &pec.VerifyOptions{Trust: store(), Clock: func() time.Time { return instant.AddDate(3, 0, 1) }})
	require.Equal(t, pec.Expired, r.SubIndication)
}

// TestKeys: an envelope can be signed with every kind of key.
func TestKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range []testsign.KeyType{testsign.P256, testsign.P384, testsign.Ed25519} {
		one := testsign.NewCircle().One
		id := testsign.Certificate{KeyType: kind, Subject: one.Subject, Addresses: []string{one.Address}}.IssuedBy(testsign.NewCircle().Root)
		p := provider()
		p.Signer = &smime.Signer{Key: id.Key, Certificate: id.X509()}
		require.Empty(t, certified(t, transport(t, p, plain)).Warnings(), kind)
	}
	p := provider()
	p.Signer.PSS = true
	require.Empty(t, certified(t, transport(t, p, plain)).Warnings())
}

// TestDeterministic: the same facts, time and key give the same bytes; another
// time gives others.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	require.Equal(t, transport(t, provider(), plain), transport(t, provider(), plain))
	out, err := provider().Transport(facts(t, plain), section(plain), instant.Add(999*time.Millisecond))
	require.NoError(t, err)
	one, err := out.Bytes()
	require.NoError(t, err)
	two, err := out.Bytes()
	require.NoError(t, err)
	require.Equal(t, one, two, "written twice")
	require.Equal(t, transport(t, provider(), plain), one, "fractions of a second are not certified")
	later, err := provider().Transport(facts(t, plain), section(plain), instant.Add(time.Second))
	require.NoError(t, err)
	three, err := later.Bytes()
	require.NoError(t, err)
	require.NotEqual(t, one, three)
}

// changing is a message that another program writes to.
type changing struct{ b []byte }

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(c.b).ReadAt(p, off)
}

// TestChanged: a message that changes between building and writing is an error,
// not a signature over something else.
func TestChanged(t *testing.T) {
	t.Parallel()
	c := &changing{[]byte(plain + strings.Repeat("Una riga di testo.\r\n", 20_000))} // more than is cached
	out, err := provider().Transport(facts(t, plain), io.NewSectionReader(c, 0, int64(len(c.b))), instant)
	require.NoError(t, err)
	c.b[len(c.b)-4] ^= 1
	var b bytes.Buffer
	_, err = out.WriteTo(&b)
	require.ErrorIs(t, err, smime.ErrChanged)
	require.Zero(t, b.Len())
}

// TestLarge: a message of 34 MB goes from file to file without being held.
func TestLarge(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "original.eml")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: prova\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: application/octet-stream; name=grande.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	require.NoError(t, err)
	block := []byte(strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 1000))
	for range 436 {
		_, err = f.Write(block)
		require.NoError(t, err)
	}
	info, err := f.Stat()
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(34_000_000))
	original := io.NewSectionReader(f, 0, info.Size())
	p := provider()
	transport(t, p, plain) // what is made once per process

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fs, err := envelope.Facts(original, sender, recipients(), pecID)
	require.NoError(t, err)
	out, err := p.Transport(fs, original, instant)
	require.NoError(t, err)
	target, err := os.Create(filepath.Join(dir, "envelope.eml"))
	require.NoError(t, err)
	defer target.Close()
	n, err := out.WriteTo(target)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	t.Logf("allocated in all: %d bytes", after.TotalAlloc-before.TotalAlloc)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20))

	m, err := pec.Read(target, n)
	require.NoError(t, err)
	_, err = pec.Verify(m, options)
	require.NoError(t, err)
}

// TestWriteFails: the writer's error comes back.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	out, err := provider().Transport(facts(t, plain), section(plain), instant)
	require.NoError(t, err)
	full := errors.New("disk full")
	r, w := io.Pipe()
	r.CloseWithError(full)
	_, err = out.WriteTo(w)
	require.ErrorIs(t, err, full)
}
