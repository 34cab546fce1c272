package receipt_test

import (
	"crypto/sha1"
	"encoding/hex"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/receipt"
)

func sha1hex(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// briefOf builds the brief receipt of a message and returns the enclosed copy.
func briefOf(t testing.TB, i *receipt.Issuer, mail string) (*receipt.Notice, string) {
	t.Helper()
	i.About.Receipt, i.About.MessageID = daticert.ReceiptBrief, ""
	out, err := i.Delivery(first, section(mail))
	n := certified(t, out, err)
	s, err := n.Original.Section()
	require.NoError(t, err)
	b, err := io.ReadAll(s)
	require.NoError(t, err)
	return n, strings.Replace(string(b), "Message-ID: <"+pecID+">\r\n", "", 1)
}

func hashFile(name, sum string) string {
	return "Content-Type: text/plain; charset=\"us-ascii\";\r\n\tname=\"" + name + "\"\r\nContent-Transfer-Encoding: 7bit\r\n" +
		"Content-Disposition: attachment;\r\n\tfilename=\"" + name + "\"\r\n\r\n" + sum
}

// to is the field that makes first a primary recipient.
const to = "To: " + first + "\r\n"

// briefRuleCase is one of briefRules.
type briefRuleCase struct {
	reason, in, want string
}

// briefRules are messages and the copies that their brief receipts enclose.
func briefRules() []briefRuleCase {
	multi := func(kind string, parts ...string) string {
		return "Content-Type: " + kind + "; boundary=b\r\n\r\npreambolo\r\n--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\nepilogo\r\n"
	}
	const text = "Content-Type: text/plain\r\n\r\nTesto\r\n"
	const pdf = "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
	const inner = "Subject: dentro\r\n\r\nTesto\r\n"
	const p7s = "Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAG"
	return []briefRuleCase{
		{"a message without attachments", text, text},
		{"a named part of each kind", multi("multipart/mixed", text, pdf, "Content-Disposition: attachment; filename=b.txt\r\n\r\nx"),
			multi("multipart/mixed", text, hashFile("a.pdf.hash", sha1hex("QUJD\r\n")), hashFile("b.txt.hash", sha1hex("x")))},
		{"an unnamed part stays, whatever it is", multi("multipart/mixed", "Content-Type: image/png\r\n\r\nx", pdf),
			multi("multipart/mixed", "Content-Type: image/png\r\n\r\nx", hashFile("a.pdf.hash", sha1hex("QUJD\r\n")))},
		{"parts of parts", multi("multipart/mixed", "Content-Type: multipart/related; boundary=c\r\n\r\n--c\r\n"+text+"\r\n--c\r\n"+pdf+"\r\n--c--"),
			multi("multipart/mixed", "Content-Type: multipart/related; boundary=c\r\n\r\n--c\r\n"+text+"\r\n--c\r\n"+hashFile("a.pdf.hash", sha1hex("QUJD\r\n"))+"\r\n--c--")},
		{"a named multipart is no file: its parts are", multi("multipart/mixed; name=cartella", pdf), multi("multipart/mixed; name=cartella", hashFile("a.pdf.hash", sha1hex("QUJD\r\n")))},
		{"a mail goes as a whole", multi("multipart/mixed", "Content-Type: message/rfc822; name=m.eml\r\n\r\n"+multi("multipart/mixed; x=y", pdf)),
			multi("multipart/mixed", hashFile("m.eml.hash", sha1hex(multi("multipart/mixed; x=y", pdf))))},
		{"a mail without name", multi("multipart/mixed", "Content-Type: message/rfc822\r\n\r\n"+inner), multi("multipart/mixed", hashFile("messaggio.eml.hash", sha1hex(inner)))},
		{"a mail in base64, which is not opened", multi("multipart/mixed", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ=="),
			multi("multipart/mixed", hashFile("messaggio.eml.hash", sha1hex("QQ==")))},
		{"mails of a digest", multi("multipart/digest", "\r\n"+inner), multi("multipart/digest", hashFile("messaggio.eml.hash", sha1hex(inner)))},
		{"an empty file", multi("multipart/mixed", "Content-Type: application/pdf; name=a.pdf\r\n\r\n"), multi("multipart/mixed", hashFile("a.pdf.hash", sha1hex("")))},
		{"two files of one name", multi("multipart/mixed", pdf, pdf), multi("multipart/mixed", hashFile("a.pdf.hash", sha1hex("QUJD\r\n")), hashFile("a.pdf.hash", sha1hex("QUJD\r\n")))},
		{"a signed message: its first part only", multi("multipart/signed", multi("multipart/mixed; x=y", text, pdf), p7s),
			multi("multipart/signed", multi("multipart/mixed; x=y", text, hashFile("a.pdf.hash", sha1hex("QUJD\r\n"))), p7s)},
		{"a signed message that is one file", multi("multipart/signed", pdf, p7s), multi("multipart/signed", hashFile("a.pdf.hash", sha1hex("QUJD\r\n")), p7s)},
		{"a signed message inside is a part like others", multi("multipart/mixed", "Content-Type: multipart/signed; boundary=c\r\n\r\n--c\r\n"+text+"\r\n--c\r\n"+p7s+"\r\n--c--"),
			multi("multipart/mixed", "Content-Type: multipart/signed; boundary=c\r\n\r\n--c\r\n"+text+"\r\n--c\r\n"+hashFile("smime.p7s.hash", sha1hex("MIAG"))+"\r\n--c--")},
		{"an opaque message stays whole", "Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIAG\r\n", "Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIAG\r\n"},
		{"an opaque message of the old type", "Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\n\r\nMIAG\r\n", "Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\n\r\nMIAG\r\n"},
		{"a message that is one file", "MIME-Version: 1.0\r\nContent-Type: application/pdf;\r\n name=a.pdf\r\nX: y\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n",
			"MIME-Version: 1.0\r\nX: y\r\n" + hashFile("a.pdf.hash", sha1hex("QUJD\r\n")) + "\r\n"},
		{"a message with LF line ends", strings.ReplaceAll(multi("multipart/mixed", text, pdf), "\r\n", "\n"), multi("multipart/mixed", text, hashFile("a.pdf.hash", sha1hex("QUJD\r\n")))},
		{"a message that is cut off", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + pdf, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + hashFile("a.pdf.hash", sha1hex("QUJD\r\n"))},
	}
}

// TestBriefRules: what §3.3.2.2 has replaced is replaced, and nothing else
// changes.
func TestBriefRules(t *testing.T) {
	t.Parallel()
	for _, c := range briefRules() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			n, got := briefOf(t, issuer(), to+c.in)
			// The identifier is put at the end of a header that had none.
			require.Equal(t, to+c.want, strings.Replace(got, "\r\n\r\n", "\r\n\r\n", 1))
			b, err := n.Brief()
			require.NoError(t, err)
			compared, err := b.Compare(strings.NewReader(to+c.in), int64(len(to+c.in)))
			require.NoError(t, err)
			require.True(t, compared.Same(), "%+v", compared.Matches)
			require.Len(t, compared.Matches, strings.Count(c.want, ".hash\"")/2)
		})
	}
}

// TestBriefNames: a file's name of any characters comes back with .hash after it.
func TestBriefNames(t *testing.T) {
	t.Parallel()
	for parameter, name := range map[string]string{
		`filename="attivit=?utf-8?q?=C3=A0?=.pdf"`:    "attività.pdf",
		`filename*=utf-8''a%0D%0AX%3A%20y.pdf`:        "a\r\nX: y.pdf",
		`filename="` + strings.Repeat("n", 300) + `"`: strings.Repeat("n", 300),
		`filename="..\\..\\x"`:                        `..\..\x`,
		`filename="a.hash"`:                           "a.hash",
		`filename=" .pdf "`:                           " .pdf ",
	} {
		mail := "To: " + first + "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; " + parameter + "\r\n\r\nx\r\n--b--\r\n"
		n, copied := briefOf(t, issuer(), mail)
		require.NotContains(t, copied, "\r\nX: y")
		b, err := n.Brief()
		require.NoError(t, err)
		require.Len(t, b.Hashes, 1)
		require.Equal(t, name, b.Hashes[0].Name)
		c, err := b.Compare(strings.NewReader(mail), int64(len(mail)))
		require.NoError(t, err)
		require.True(t, c.Same(), "%q", name)
	}
}

// TestBriefLarge: a brief receipt of a message of 34 MB, and its comparison, hold
// nothing of it.
func TestBriefLarge(t *testing.T) {
	mail := "To: " + first + "\r\n" + kept(file("a.pdf", "base64", strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 436_000)))
	require.Greater(t, len(mail), 34_000_000)
	i := issuer()
	briefOf(t, i, "To: "+first+"\r\n\r\n") // what is made once per process
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, copied := briefOf(t, i, mail)
	b, err := n.Brief()
	require.NoError(t, err)
	c, err := b.Compare(strings.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.True(t, c.Same())
	require.Less(t, len(copied), 2000)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20))
}
