package receipt_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// brief is a brief delivery receipt that encloses a mail of these parts.
func brief(t *testing.T, parts ...string) *receipt.Notice {
	t.Helper()
	mail := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nciao\r\n"
	for _, p := range parts {
		mail += "--b\r\n" + p + "\r\n"
	}
	mail += "--b--\r\n"
	return enclosing(t, mail)
}

func enclosing(t *testing.T, mail string) *receipt.Notice {
	t.Helper()
	e, err := mime.Scan(mime.NewBytes([]byte("Content-Type: message/rfc822\r\n\r\n"+mail)), nil)
	require.NoError(t, err)
	return &receipt.Notice{
		Type: daticert.TypeDelivery, Original: smime.NewOriginal(e, mime.Form{}, nil),
		Data: &daticert.Data{Type: daticert.TypeDelivery, Receipt: daticert.ReceiptBrief},
	}
}

func hashPart(name, text string) string {
	return "Content-Type: text/plain; name=\"" + name + "\"\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n" + text
}

// hashTextCase is one of hashTexts.
type hashTextCase struct {
	reason string
	text   string
	sum    []byte
	kept   string // "" for text
}

// hashTexts are texts in the place of an attachment.
func hashTexts() []hashTextCase {
	one, two := sha1.Sum([]byte("x")), sha256.Sum256([]byte("x"))
	hex1, hex2 := hex.EncodeToString(one[:]), hex.EncodeToString(two[:])
	long := strings.Repeat("a", 1000)
	return []hashTextCase{
		{"SHA-1, as the norm has it", hex1, one[:], ""},
		{"SHA-256", hex2, two[:], ""},
		{"in capitals", strings.ToUpper(hex1), one[:], ""},
		{"with white space around it", "\r\n " + hex1 + " \r\n", one[:], ""},
		{"in base64 it is no hash that the norm knows", "EfTf8HZ6gXX7", nil, ""},
		{"one digit less", hex1[1:], nil, ""},
		{"one octet more", hex1 + "00", nil, ""},
		{"the length of another digest", strings.Repeat("ab", 64), nil, ""},
		{"with a name behind it", hex1 + " verbale.pdf", nil, ""},
		{"words", "non disponibile", nil, ""},
		{"nothing", "", nil, ""},
		{"a long text is kept in part", long, nil, long[:256]},
	}
}

func TestBriefHashes(t *testing.T) {
	t.Parallel()
	for _, c := range hashTexts() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			b, err := brief(t, hashPart("verbale.pdf.hash", c.text)).Brief()
			require.NoError(t, err)
			require.Len(t, b.Hashes, 1)
			kept := c.kept
			if kept == "" {
				kept = c.text
			}
			require.Equal(t, receipt.Hash{Name: "verbale.pdf", Sum: c.sum, Text: kept}, b.Hashes[0])
		})
	}
}

// hashPartCase is one of hashParts.
type hashPartCase struct {
	reason string
	parts  []string
	names  []string
}

// hashParts are parts of a brief receipt, and those that stand for one that was replaced.
func hashParts() []hashPartCase {
	sum := strings.Repeat("ab", 20)
	return []hashPartCase{
		{"none", nil, nil},
		{"each replaced part, in order", []string{hashPart("a.pdf.hash", sum), hashPart("b.pdf.hash", sum)}, []string{"a.pdf", "b.pdf"}},
		{"two of one name", []string{hashPart("a.pdf.hash", sum), hashPart("a.pdf.hash", sum)}, []string{"a.pdf", "a.pdf"}},
		{"a name in an encoded word", []string{hashPart("=?utf-8?q?citt=C3=A0.pdf.hash?=", sum)}, []string{"città.pdf"}},
		{"a part that was not replaced", []string{hashPart("a.txt", sum)}, nil},
		{"a part of another type", []string{strings.Replace(hashPart("a.pdf.hash", sum), "text/plain", "application/pdf", 1)}, nil},
		{"a text without name is the message", []string{"Content-Type: text/plain\r\n\r\n" + sum}, nil},
		{"what is inside an enclosed message belongs to that", []string{"Content-Type: message/rfc822\r\n\r\n" + hashPart("a.pdf.hash", sum)}, nil},
		{"a name that is nothing but the ending", []string{hashPart(".hash", sum)}, []string{""}},
	}
}

// Which parts stand for one that was replaced.
func TestBriefParts(t *testing.T) {
	t.Parallel()
	for _, c := range hashParts() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			b, err := brief(t, c.parts...).Brief()
			require.NoError(t, err)
			var names []string
			for _, h := range b.Hashes {
				names = append(names, h.Name)
			}
			require.Equal(t, c.names, names)
		})
	}
	t.Run("a hash that cannot be decoded", func(t *testing.T) {
		t.Parallel()
		_, err := brief(t, strings.Replace(hashPart("a.pdf.hash", "AA=A"), "Content-Disp", "Content-Transfer-Encoding: base64\r\nContent-Disp", 1)).Brief()
		require.ErrorContains(t, err, "base64")
	})
}

// Only brief delivery receipts hold hashes.
func TestBriefOfOthers(t *testing.T) {
	t.Parallel()
	good := brief(t, hashPart("a.hash", strings.Repeat("ab", 20)))
	for _, c := range []struct {
		reason string
		change func(n *receipt.Notice)
	}{
		{"a complete receipt", func(n *receipt.Notice) { n.Data.Receipt = daticert.ReceiptComplete }},
		{"a receipt that names no type", func(n *receipt.Notice) { n.Data.Receipt = "" }},
		{"another notice", func(n *receipt.Notice) { n.Type = daticert.TypeDeliveryError }},
		{"nothing enclosed", func(n *receipt.Notice) { n.Original = nil }},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			n, data := *good, *good.Data
			n.Data = &data
			c.change(&n)
			b, err := n.Brief()
			require.NoError(t, err)
			require.Nil(t, b)
		})
	}
}

// The hash in a receipt as a provider writes it is that of the part that the
// envelope carries.
func TestBriefAgainstTheEnvelope(t *testing.T) {
	t.Parallel()
	data := daticert.Data{Receipt: daticert.ReceiptBrief}
	open := func(kind daticert.Type) *pec.Message {
		m, err := pec.ReadAll(bytes.NewReader(testsign.Message{Kind: kind, Data: data}.Bytes()))
		require.NoError(t, err)
		return m
	}
	b, err := open(daticert.TypeDelivery).Notice.Brief()
	require.NoError(t, err)
	require.Len(t, b.Hashes, 1)
	sent := open(daticert.TypeTransport).Transport.Original.Attachments()
	require.Len(t, sent, 1)
	require.Equal(t, sent[0].Name(), b.Hashes[0].Name)
	raw, err := io.ReadAll(sent[0].Raw())
	require.NoError(t, err)
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	sum := sha1.Sum(body)
	require.Equal(t, sum[:], b.Hashes[0].Sum)
}
