package pec_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// outsideCost reads, verifies and renders a mail in both languages, and
// returns what was allocated. It is of use only in tests that run alone.
func outsideCost(t *testing.T, mail []byte) (cost uint64, reported bool) {
	t.Helper()
	start, before := time.Now(), outsideAllocated()
	m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	if err == nil {
		r, _ := pec.Verify(m, outsideOptions())
		if r != nil {
			for _, l := range []pec.Lang{pec.English, pec.Italian} {
				_, err = r.JSON("x", l)
				require.NoError(t, err)
			}
		}
	}
	cost = outsideAllocated() - before
	t.Logf("%d bytes cost %d in %v", len(mail), cost, time.Since(start))
	return cost, err == nil
}

// Hostile mail costs memory in proportion to its size. Not parallel: what is
// allocated is counted for the whole process.
func TestOutsideExhaustion(t *testing.T) {
	const kind = daticert.TypeTransport
	const most = 1<<20 - 4000 // of header, or of daticert.xml
	field := func(name, value string) []byte { return outsideSet(kind, name, value).Bytes() }
	fill := func(s string) string { return strings.Repeat(s, most/len(s)) }
	recipients := func(n int) []daticert.Recipient {
		var all []daticert.Recipient
		for i := range n {
			all = append(all, daticert.Recipient{Type: "certificato", Address: fmt.Sprintf("u%d@x", i)})
		}
		return all
	}
	deep := func(n int, open func(i int) string) []byte {
		var b strings.Builder
		for i := range n {
			b.WriteString(open(i))
		}
		return []byte(b.String())
	}
	for _, c := range []struct {
		reason string
		mail   []byte
		factor uint64 // bytes allocated for each byte of mail
		limit  bool   // it passes a limit
	}{
		{"a large message that is nothing special", testsign.Message{Kind: kind, Original: append(outsidePlain(""), bytes.Repeat([]byte("0123456789abcde\n"), 1<<18)...)}.Bytes(), 2, false},
		{"a header of fields of two bytes", append([]byte(fill("a:\r\n")), field("Subject", "x")...), 60, false},
		{"a header of From", append([]byte(fill("From:a@b\r\n")), field("Subject", "x")...), 60, false},
		{"a header of X-Trasporto", append([]byte(fill("X-Trasporto:\r\n")), field("Subject", "x")...), 60, false},
		{"From with a hundred thousand addresses", field("From", fill("a@b,")), 60, false},
		{"From with comments in comments", field("From", fill("(")+"a@b"), 60, false},
		{"From with quotes that never close", field("From", fill("\"a@b,")), 60, false},
		{"From with brackets that never close", field("From", fill("<a@b ")), 60, false},
		{"From with groups", field("From", fill("a:b@c;,")), 60, false},
		{"From of encoded words", field("From", fill("=?utf-8?q?a=40b?= ")), 60, false},
		{"From of at signs", field("From", fill("@")), 60, false},
		{"To with a hundred thousand recipients", field("To", fill("a@b, ")), 80, false},
		{"To with a hundred thousand different recipients", func() []byte {
			var to strings.Builder
			for i := range 90_000 {
				fmt.Fprintf(&to, "u%d@x,", i)
			}
			return field("To", to.String())
		}(), 80, false},
		{"Reply-To of backslashes", field("Reply-To", "\""+fill("\\")), 60, false},
		{"Subject of encoded words", field("Subject", fill("=?utf-8?B?QQ==?= ")), 60, false},
		{"X-Riferimento-Message-ID of escapes", field("X-Riferimento-Message-ID", fill("&amp;")), 60, false},
		{"Date of digits", field("Date", fill("1")), 60, false},
		{"Content-Type of parameters", append([]byte("Content-Type: multipart/signed;"+fill("a=b;")+"\r\n"), field("Subject", "x")...), 100, false},
		{"Content-Type of RFC 2231 pieces", append([]byte("Content-Type: multipart/signed;"+fill("boundary*0=b;")+"\r\n"), field("Subject", "x")...), 100, false},
		{"fifteen thousand recipients in daticert.xml", testsign.Message{Kind: kind, Data: daticert.Data{Recipients: recipients(15_000)}}.Bytes(), 100, false},
		{"a megabyte of oggetto", testsign.Message{Kind: kind, Data: daticert.Data{Subject: strings.Repeat("x", most-4000)}, Set: []testsign.Field{{Name: "Subject", Value: "x"}}, NoOriginal: true}.Bytes(), 60, false},
		{"a megabyte of forbidden characters", testsign.Message{Kind: kind, Data: daticert.Data{Subject: strings.Repeat("\x16", most-4000)}, Set: []testsign.Field{{Name: "Subject", Value: "x"}}, NoOriginal: true}.Bytes(), 60, false},
		{"a megabyte of errore-esteso in a notice of time", testsign.Message{Kind: daticert.TypeTimeout, Data: daticert.Data{ErrorExtended: strings.Repeat("24 ore ", 100_000)}}.Bytes(), 60, false},
		{"a megabyte of text in a notice of time", testsign.Message{Kind: daticert.TypeTimeout, Text: strings.Repeat("24 ore ", 150_000), Data: daticert.Data{ErrorExtended: "x"}}.Bytes(), 60, false},
		{"ten thousand parts and one", append([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), []byte(strings.Repeat("--b\r\n\r\n", 10_001))...), 200, true},
		{"nine thousand parts that are signed", append([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
			[]byte(strings.Repeat("--b\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=c\r\n\r\n", 9_000))...), 200, false},
		{"multiparts in one another", deep(100, func(i int) string {
			return fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}), 60, true},
		{"messages in one another", deep(1000, func(int) string { return "Content-Type: message/rfc822\r\n\r\n" }), 60, true},
		{"signed parts in one another, as deep as is read", deep(19, func(i int) string {
			return fmt.Sprintf("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}), 400, false},
		{"encoded messages in one another", outsideNest(outsidePlain(""), 18), 60, false},
		{"lines that quote From", []byte("Subject: x\r\n\r\n" + fill(">From ")), 60, false},
	} {
		t.Run(c.reason, func(t *testing.T) {
			const fixed = 1 << 20 // a verification of the smallest message takes less
			cost, reported := outsideCost(t, c.mail)
			require.Equal(t, !c.limit, reported)
			require.Less(t, cost, fixed+c.factor*uint64(len(c.mail)))
		})
	}
}

// A sentence stays a sentence, whatever it has to list.
func TestOutsideDetailIsShort(t *testing.T) {
	t.Parallel()
	var to strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&to, "u%05d@x,", i)
	}
	long := strings.Repeat("x", 100_000)
	m := testsign.Message{Kind: daticert.TypeTransport, Data: daticert.Data{Subject: long, ID: long, Receipt: daticert.ReceiptType(long)}, NoOriginal: true,
		Set: []testsign.Field{{Name: "To", Value: to.String()}, {Name: "Reply-To", Value: to.String()}, {Name: "From", Value: to.String()},
			{Name: "Sender", Value: long}, {Name: "Message-ID", Value: long + "y"}, {Name: "X-Trasporto", Value: long}}}
	r := outsideVerify(t, m.Bytes())
	require.Contains(t, r.Check(pec.CheckRecipients).Detail(pec.English), "u00019@x, … (+19980)")
	for _, c := range r.Checks() {
		for _, l := range []pec.Lang{pec.English, pec.Italian} {
			require.Less(t, len(c.Detail(l)), 4500, c.ID)
		}
	}
}
