package compose_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/internal/mime"
)

// brokenAt reads a mail up to a place.
type brokenAt struct {
	mail string
	at   int64
}

var errBroken = errors.New("disk on fire")

func (b brokenAt) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.at {
		return 0, errBroken
	}
	return strings.NewReader(b.mail).ReadAt(p, off)
}

// instead stands in the place of the leaves of a multipart.
const instead = "sostituito \xe8"

// FuzzEnclose: the copy of a mail has the identifier, what replaces its leaves,
// and CRLF; no other byte changes, and nothing leaves its part. A mail that
// cannot be read is no copy, with the reader's own error.
func FuzzEnclose(f *testing.F) {
	for _, c := range identified {
		f.Add([]byte(c.in+"testo\r\n"), "id@pec.example.it", c.reference, false, -1)
	}
	for i, block := range append(notInherited, inherited) {
		f.Add([]byte(block+"\xe8\r\n"), pecID, clientID, false, 10*i)
	}
	for _, form := range []string{original, strings.ReplaceAll(original, "\r\n", "\n")} {
		f.Add([]byte(form), pecID, clientID, false, 500)
		f.Add([]byte(form), pecID, "", true, -1)
		f.Add([]byte(form), pecID, clientID, true, len(form))
	}
	for _, s := range []string{
		"", "\r\n", "\n", "testo", "A: b", "A: b\r\n\r\n" + strings.Repeat("x", 999), "A: b\r\n\r\n" + strings.Repeat("x", 998) + "\r\n",
		"A: b\n\na\rb", "A: b\n\n\x00", "A: b\r\n\r\na\r", "From a@b\nA: b\n c\n\nd\n", "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nc",
		strings.Repeat("Content-Type: message/rfc822\n\n", 18),
	} {
		f.Add([]byte(s), "a@b", "", true, -1)
	}
	f.Add([]byte("A: b\r\n\r\n"), "a@b>\r\nX: y", "", false, -1)
	f.Add([]byte("A: b\r\n\r\n"), "a@b", "<c@d>\r\nX: y", false, -1)
	f.Fuzz(func(t *testing.T, mail []byte, id, reference string, replace bool, fail int) {
		if fail >= 0 {
			r := io.NewSectionReader(brokenAt{string(mail), int64(fail)}, 0, int64(len(mail)))
			if c, err := compose.NewCopy(r); err != nil {
				require.Nil(t, c)
				if _, limit := errors.AsType[*mime.LimitError](err); !limit {
					require.ErrorIs(t, err, errBroken)
				}
			} else {
				require.GreaterOrEqual(t, fail, len(mail))
			}
		}
		c, err := compose.NewCopy(section(string(mail)))
		if err != nil {
			require.Nil(t, c)
			_, limit := errors.AsType[*mime.LimitError](err)
			require.True(t, limit, "%v", err)
			return
		}
		block, err := c.Header()
		require.NoError(t, err)
		checkFields(t, block)
		checkInherit(t, block)
		data := about("a@b", "c@d", id, reference)
		if compose.Check(data) != nil {
			return // refused before it comes here
		}
		identified := compose.Identify(block, id, reference)
		checkIdentified(t, block, identified, id, reference)

		want := append([]byte{}, identified...)
		at := c.Root.Body.Offset
		for e := range c.Root.All {
			if replace && e != c.Root && len(e.Parts) == 0 {
				c.Replace(e.Body, []byte(instead))
				want = append(append(want, crlf(mail[at:e.Body.Offset])...), instead...)
				at = e.Body.End()
			}
		}
		want = append(want, crlf(mail[at:])...)
		d := draft("prova")
		d.Title, d.Text, d.XML = "Titolo", "testo\n", []byte("<a/>\n")
		require.NoError(t, d.Enclose(c, data))
		require.Same(t, c, d.Original)
		after, err := c.Header()
		require.NoError(t, err)
		require.Equal(t, string(block), string(after), "that of the source")
		write, encoding := d.Content()
		raw := writtenTwice(t, write, fail)
		e, err := mime.Scan(mime.NewBytes(raw), nil)
		require.NoError(t, err)
		require.Len(t, e.Parts, 3)
		p := e.Parts[2]
		require.Equal(t, "message/rfc822", p.MediaType)
		require.Equal(t, "postacert.eml", p.Filename())
		got, err := io.ReadAll(p.Reader(p.Body, mime.Form{}))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
		checkEncoding(t, got, p.Encoding)
		checkEncoding(t, raw, encoding)
	})
}

// crlf has a CRLF for each LF.
func crlf(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// checkFields: the fields of a header are all of it.
func checkFields(t *testing.T, block []byte) {
	t.Helper()
	var all []byte
	for name, raw := range compose.Fields(block) {
		require.NotEmpty(t, raw)
		require.True(t, bytes.HasPrefix(raw, []byte(name)) && !strings.Contains(name, ":"))
		all = append(all, raw...)
	}
	require.Equal(t, string(block), string(all))
	for _, raw := range compose.Fields(block) {
		require.True(t, bytes.HasPrefix(block, raw))
		break // who has found a field asks for no other
	}
}

// checkInherit: fields that are taken over hold no line that could be read in
// two ways, and what is strict about them is no other text.
func checkInherit(t *testing.T, block []byte) {
	t.Helper()
	names := []string{"Received", "To", "Cc"}
	loose, err := compose.Inherit(block, true, names...)
	require.NoError(t, err)
	strict, err := compose.Inherit(block, false, names...)
	if err != nil {
		require.Nil(t, strict)
	} else {
		require.Equal(t, string(loose), string(strict))
	}
	require.False(t, strings.ContainsAny(strings.ReplaceAll(string(loose), "\r\n", ""), "\r\n\x00"))
	for line := range strings.Lines(string(loose)) {
		require.NotEmpty(t, strings.Trim(line, " \t\r\n"))
	}
	for name := range compose.Fields(loose) {
		require.True(t, compose.SameAddress(name, "Received") || compose.SameAddress(name, "TO") || compose.SameAddress(name, "cc"), "%q", name)
	}
	again, err := compose.Inherit(loose, false, names...)
	require.NoError(t, err)
	require.Equal(t, string(loose), string(again))
}

// checkIdentified: a header has the one identifier and the one reference, and
// everything else as it was.
func checkIdentified(t *testing.T, before, after []byte, id, reference string) {
	t.Helper()
	require.Equal(t, string(after), string(compose.Identify(after, id, reference)), "a second time")
	var kept [2][]byte
	var ids, references []string
	for i, block := range [][]byte{before, after} {
		for name, raw := range compose.Fields(block) {
			_, value, _ := strings.Cut(string(raw), ":")
			value = strings.Join(strings.Fields(value), " ")
			switch {
			case compose.SameAddress(name, "Message-ID"):
				ids = append(ids, value)
			case compose.SameAddress(name, "X-Riferimento-Message-ID"):
				references = append(references, value)
			default:
				kept[i] = append(kept[i], raw...)
			}
		}
		if i == 0 {
			ids, references = nil, nil
		}
	}
	require.Equal(t, string(kept[0]), string(kept[1]))
	require.Equal(t, []string{"<" + id + ">"}, ids)
	require.Equal(t, reference, strings.Join(references, "\n"))
}

// about are facts that are in order but for what is given.
func about(sender, to, id, reference string) *daticert.Data {
	return &daticert.Data{Type: daticert.TypeTransport, Receipt: daticert.ReceiptComplete, Error: daticert.ErrorNone,
		Sender: sender, ReplyTo: "a@b", Subject: "prova", ID: id, MessageID: reference, Provider: "Gestore", Date: compose.Date(instant),
		Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: to}}}
}

var kinds = []daticert.Type{daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance, daticert.TypeTakingInCharge,
	daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection, "altro"}

var receipts = []daticert.ReceiptType{daticert.ReceiptComplete, daticert.ReceiptBrief, daticert.ReceiptConcise, "", "altra"}

// FuzzCheck: facts that are let through can be written into a header and read
// again; others are refused with the name of a field, in one line.
func FuzzCheck(f *testing.F) {
	add := func(sender, to, id, reference, text, delivery string, kind, receipt uint8, outside bool) {
		f.Add(sender, to, id, reference, text, delivery, kind, receipt, outside)
	}
	for kind := range kinds {
		for receipt := range receipts {
			add(sender, first, pecID, clientID, subject, strings.ToUpper(first), uint8(kind), uint8(receipt), receipt == 2)
		}
		add(sender, first, pecID, clientID, subject, "", uint8(kind), 0, false)
		add(sender, first, pecID, clientID, subject, external, uint8(kind), 0, false)
	}
	for _, s := range append(append([]string{
		"", "@", "a@b", "a@-b", "a@b-", "a@b..c", "a@b_c", "a b@c", `"a"@b`, "è@b", "a..b@c.d", "a", "a\r\nX: y", "a  b", " a", "\xff", "\x7f",
		strings.Repeat("a", 254) + "@b", strings.Repeat("a", 900), strings.Repeat("a", 901),
	}, subjects...), displayNames...) {
		add(s, first, pecID, clientID, "", first, 0, 0, false)
		add(sender, s, pecID, clientID, "", s, 4, 0, false)
		add(sender, first, s, clientID, "", first, 0, 0, false)
		add(sender, first, pecID, s, "", first, 0, 0, false)
		add(sender, first, pecID, "", s, first, 1, 0, true)
	}
	f.Fuzz(func(t *testing.T, sender, to, id, reference, text, delivery string, kind, receipt uint8, outside bool) {
		d := about(sender, to, id, reference)
		d.Type, d.Receipt = kinds[int(kind)%len(kinds)], receipts[int(receipt)%len(receipts)]
		d.Subject, d.Delivery, d.Receptions = text, delivery, []string{delivery}
		if outside {
			d.Recipients[0].Type, d.Receptions = daticert.RecipientExternal, nil
		}
		if to == "" && delivery == "" {
			d.Recipients = nil
		}
		err := compose.Check(d)
		if err != nil {
			checkFieldError(t, err)
			return
		}
		require.NoError(t, compose.CheckAddress(sender))
		require.True(t, d.Type.Known())
		if d.Delivery != "" && (d.Type == daticert.TypeDelivery || d.Type == daticert.TypeTimeout) {
			require.True(t, compose.SameAddress(to, delivery) && compose.SameAddress(delivery, to))
			require.False(t, outside && d.Type == daticert.TypeDelivery)
		}
		m := &compose.Draft{Subject: d.Subject, Date: instant, Reference: d.MessageID, MessageID: "<" + d.ID + ">",
			To: to, From: sender, FromName: "Per conto di: " + sender}
		h := headerOf(t, m)
		require.Len(t, h, 5+len(h.Values("X-Riferimento-Message-ID")))
		require.Equal(t, m.MessageID, h.Get("Message-ID"))
		require.Equal(t, reference, h.Get("X-Riferimento-Message-ID"))
		for field, address := range map[string]string{"From": sender, "To": to} {
			list, err := mime.Addresses(h.Get(field))
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.Equal(t, address, list[0].Addr)
		}
		checkAbout(t, d)
	})
}

func checkFieldError(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*compose.FieldError](err)
	require.True(t, ok, "%v", err)
	require.NotEmpty(t, e.Field)
	require.Equal(t, e.Field+": "+e.Err.Error(), err.Error())
	require.ErrorIs(t, err, e.Err)
	require.Equal(t, e.Err, errors.Unwrap(err))
	require.True(t, utf8.ValidString(err.Error()) && !strings.ContainsAny(err.Error(), "\r\n\x00\x1b"), "%q", err)
}

// checkAbout: what a notice takes over is in order if the facts are, and the
// data are read as they were written.
func checkAbout(t *testing.T, d *daticert.Data) {
	t.Helper()
	n := compose.About(d)
	require.Equal(t, strings.Trim(d.Subject, " \t\r\n"), n.Subject)
	require.Empty(t, n.Receipt)
	require.Equal(t, n, compose.About(n))
	n.Type, n.Error, n.Provider, n.Date = daticert.TypeAcceptance, d.Error, d.Provider, d.Date
	require.NoError(t, compose.Check(n))
	xml, err := n.AppendXML(nil)
	if err != nil {
		return // what XML cannot carry is for it to refuse
	}
	back, err := daticert.Parse(xml, nil)
	require.NoError(t, err)
	require.Equal(t, facade(n), facade(back))
}
