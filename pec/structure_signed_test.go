package pec_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// The frame around the signed part: what providers vary, what storage does to
// it, and what nobody may do to it.
func TestOutsideFrame(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideFrameCases())
}

func outsideFrameCases() []outsideCase {
	const kind = daticert.TypeDelivery
	finish := func(old, new string) testsign.Message {
		return testsign.Message{Kind: kind, Finish: func(mail []byte) []byte { return bytes.Replace(mail, []byte(old), []byte(new), 1) }}
	}
	return []outsideCase{
		{"the preamble that most clients write", testsign.Message{Kind: kind}, pec.CheckStructure, pec.Pass, true, ""},
		{"no preamble", testsign.Message{Kind: kind, Preamble: "-"}, pec.CheckStructure, pec.Pass, true, ""},
		{"blank lines behind the end", testsign.Message{Kind: kind, Epilogue: "\r\n \r\n"}, pec.CheckStructure, pec.Pass, true, ""},
		{"text behind the end is under no signature", testsign.Message{Kind: kind, Epilogue: "Il messaggio non è stato consegnato.\r\n"}, pec.CheckStructure, pec.Warn, true, "not signed"},
		{"the closing delimiter lost in storage", testsign.Message{Kind: kind, NoClosing: true}, pec.CheckStructure, pec.Warn, true, "breaks off"},
		{"a boundary that begins the boundary inside", testsign.Message{Kind: kind, PrefixBoundaries: true}, pec.CheckDigest, pec.Pass, true, ""},
		{"the older name of the type in protocol and part", testsign.Message{Kind: kind, Protocol: "application/x-pkcs7-signature",
			SignaturePart: testsign.Part{Type: "application/x-pkcs7-signature"}}, pec.CheckStructure, pec.Pass, true, ""},
		{"the older name in protocol only", testsign.Message{Kind: kind, Protocol: "application/x-pkcs7-signature"}, pec.CheckStructure, pec.Pass, true, ""},
		{"no protocol", testsign.Message{Kind: kind, Protocol: "-"}, pec.CheckStructure, pec.Pass, true, ""},
		{"another protocol over a signature of ours", testsign.Message{Kind: kind, Protocol: "application/x-altro"}, pec.CheckStructure, pec.Pass, true, ""},
		{"no micalg", testsign.Message{Kind: kind, Micalg: "-"}, pec.CheckStructure, pec.Pass, true, ""},
		{"a micalg that is not the digest's", testsign.Message{Kind: kind, Micalg: "md5"}, pec.CheckStructure, pec.Pass, true, ""},
		{"capitals in the type", finish("Content-Type: multipart/signed", "CONTENT-TYPE: Multipart/SIGNED"), pec.CheckStructure, pec.Pass, true, ""},
		{"a bare CR in the header, which some programs take for a line end", outsideAdd(kind, "X-Altro", "x\rSubject: ACCETTAZIONE: x"), pec.CheckStructure, pec.Warn, true, "bare-cr"},
		{"a NUL in the header, where some programs stop", outsideAdd(kind, "X-Altro", "x\x00"), pec.CheckStructure, pec.Warn, true, "nul"},
		{"the message inside its signature", testsign.Message{Kind: kind, Opaque: true}, pec.CheckStructure, pec.Pass, true, "inside"},
		{"the signature in binary", testsign.Message{Kind: kind, SignaturePart: testsign.Part{Encoding: "binary"}}, pec.CheckStructure, pec.Pass, true, ""},
		{"daticert in 8bit", testsign.Message{Kind: kind, XMLPart: testsign.Part{Encoding: "8bit"}}, pec.CheckLines, pec.Pass, true, ""},
	}
}

// Departures that stop nothing are listed on the message.
func TestOutsideDefects(t *testing.T) {
	t.Parallel()
	m := outsideRead(t, outsideAdd(daticert.TypeDelivery, "X-Altro", "x\x00").Bytes())
	require.Len(t, m.Defects, 1)
	require.Equal(t, "mime-nul", m.Defects[0].ID)
	require.Empty(t, m.Defects[0].Path)
	require.Empty(t, outsideRead(t, testsign.Message{Kind: daticert.TypeDelivery}.Bytes()).Defects)

	bad := bytes.Repeat([]byte("--b\r\n\r\n\x00\r\n"), 200)
	m = outsideRead(t, append([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), bad...))
	require.Len(t, m.Defects, 100, "a list of them is bounded")
}

// A frame that is not the norm's carries no signature that counts.
func TestOutsideFrameBroken(t *testing.T) {
	t.Parallel()
	const kind = daticert.TypeDelivery
	text := "Content-Type: text/plain\r\n\r\nIl messaggio non è stato consegnato."
	swap := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	}
	sameBoundary := testsign.Message{Kind: kind, PrefixBoundaries: true, BeforeSign: func(part []byte) []byte {
		return bytes.ReplaceAll(part, []byte("----=_Part_1_2\""), []byte("----=_Part_1\""))
	}}
	for _, c := range []struct {
		reason string
		mail   []byte
		says   string
	}{
		{"a third part would be shown beside the signed one", testsign.Message{Kind: kind, Finish: func(m []byte) []byte { return outsideInsertPart(m, text, -1) }}.Bytes(), "3 parts"},
		{"a part in front would be taken for the signed one", testsign.Message{Kind: kind, Finish: func(m []byte) []byte { return outsideInsertPart(m, text, 0) }}.Bytes(), "3 parts"},
		{"no boundary", testsign.Message{Kind: kind, Finish: swap(`boundary="`, `altro="`)}.Bytes(), "0 parts"},
		{"a boundary that never occurs", testsign.Message{Kind: kind, Finish: swap(`boundary="`, `boundary="x`)}.Bytes(), "0 parts"},
		{"the same boundary inside and outside", sameBoundary.Bytes(), "parts"},
		{"a signature of another type", testsign.Message{Kind: kind, SignaturePart: testsign.Part{Type: "application/octet-stream"}}.Bytes(), "application/octet-stream"},
		{"a signature that cannot be decoded", testsign.Message{Kind: kind, Finish: swap("smime.p7s\"\r\n\r\n", "smime.p7s\"\r\n\r\nAA=A")}.Bytes(), "decoded"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, c.mail)
			require.False(t, r.Certified)
			require.Equal(t, pec.TotalFailed, r.Verdict)
			require.Equal(t, pec.FormatFailure, r.SubIndication)
			require.Equal(t, pec.Fail, r.Check(pec.CheckStructure).Status)
			require.Contains(t, r.Check(pec.CheckStructure).Detail(pec.English), c.says)
		})
	}
}

// Without a signature on the layer there is no verdict.
func TestOutsideNoSignature(t *testing.T) {
	t.Parallel()
	pgp := bytes.ReplaceAll(testsign.Message{Kind: daticert.TypeDelivery, Protocol: "application/pgp-signature"}.Bytes(),
		[]byte("application/pkcs7-signature"), []byte("application/pgp-signature"))
	for _, c := range []struct {
		reason string
		mail   string
		claims bool
	}{
		{"an empty file", "", false},
		{"junk", "\x00\xff\r\r\r\n:::::", false},
		{"one line without end", "From", false},
		{"an ordinary mail", string(outsidePlain("")), false},
		{"the signed part without signature", string(testsign.Message{Kind: daticert.TypeDelivery, NoSignature: true}.Bytes()), true},
		{"a PGP signature is none of ours", string(pgp), true},
		{"a body that looks like a signed message", "Subject: x\r\n\r\n" + string(testsign.Message{Kind: daticert.TypeDelivery}.Bytes()), false},
		{"an encrypted message is no signed one", "X-Trasporto: posta-certificata\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nAAAA", true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, []byte(c.mail))
			require.Equal(t, pec.KindOrdinary, r.Kind)
			require.Empty(t, r.Verdict)
			require.Empty(t, r.SubIndication)
			require.Nil(t, r.Data, "nothing is signed, so nothing is certification data")
			require.Nil(t, r.Signer)
			require.Equal(t, c.claims, r.Message.Claims.IsPEC())
			require.Equal(t, []pec.CheckID{pec.CheckSignature}, outsideFailed(r))
		})
	}
}

// A message that was cut off is never certified, unless all that is lost
// stands behind the signature.
func TestOutsideCut(t *testing.T) {
	t.Parallel()
	mail := testsign.Message{Kind: daticert.TypeDelivery, Epilogue: "\r\n\r\n"}.Bytes()
	end := bytes.LastIndex(mail, []byte("\r\n--")) // of the signature
	cuts := []int{end - 1, end, end + 1, end + 2, end + 3, len(mail) - 1}
	for i := 0; i < len(mail); i += 997 {
		cuts = append(cuts, i)
	}
	for _, cut := range cuts {
		r := outsideVerify(t, mail[:cut])
		require.Equal(t, cut >= end, r.Certified, "cut at %d of %d: %v", cut, len(mail), outsideFailed(r))
		switch {
		case r.Certified:
			require.Contains(t, []pec.Status{pec.Pass, pec.Warn}, r.Check(pec.CheckStructure).Status)
		case r.Kind == pec.KindOrdinary:
			require.Empty(t, r.Verdict)
		default:
			require.Equal(t, pec.FormatFailure, r.SubIndication, "cut at %d", cut)
		}
	}
}

// One bit anywhere in the signed part takes certified away.
func TestOutsideBitInSignedPart(t *testing.T) {
	t.Parallel()
	m := testsign.Message{Kind: daticert.TypeAcceptance}
	mail, part := m.Bytes(), m.SignedPart()
	start := bytes.Index(mail, part)
	require.Positive(t, start)
	for i := 0; i < len(part); i += 101 {
		changed := bytes.Clone(mail)
		changed[start+i] ^= 1
		r, _ := pec.Verify(outsideRead(t, changed), outsideOptions())
		require.NotNil(t, r)
		require.False(t, r.Certified, "byte %d of the signed part", i)
	}
}

// Line ends as storage leaves them.
func TestOutsideLineEnds(t *testing.T) {
	t.Parallel()
	const kind = daticert.TypeDelivery
	lfBelow := testsign.Message{Kind: kind, Finish: func(mail []byte) []byte {
		header, body, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
		return append(append(header, "\r\n\r\n"...), bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))...)
	}}
	inText := func(old, new string) testsign.Message {
		return testsign.Message{Kind: kind, BeforeSign: func(part []byte) []byte { return bytes.Replace(part, []byte(old), []byte(new), 1) }}
	}
	outsideRun(t, []outsideCase{
		{"as it was sent", testsign.Message{Kind: kind}, pec.CheckLines, pec.Pass, true, "as it stands"},
		{"stored with LF", testsign.Message{Kind: kind, LineEnds: testsign.LF}, pec.CheckLines, pec.Pass, true, "hashed with CRLF"},
		{"LF in the header and CRLF below", testsign.Message{Kind: kind, LineEnds: testsign.LFHeader}, pec.CheckLines, pec.Pass, true, "as it stands"},
		{"CRLF in the header and LF below", lfBelow, pec.CheckLines, pec.Warn, true, "all of them as CRLF"},
		{"LF in every second line, signed with CRLF", testsign.Message{Kind: kind, LineEnds: testsign.LFAlternate}, pec.CheckLines, pec.Warn, true, "all of them as CRLF"},
		{"LF in every second line, and signed so", testsign.Message{Kind: kind, LineEnds: testsign.LFAlternate, SignAsStored: true}, pec.CheckLines, pec.Pass, true, "as it stands"},
		{"a NUL in signed text: programs may stop there", inText("Identificativo", "Identi\x00ficativo"), pec.CheckStructure, pec.Warn, true, "nul"},
		{"a bare CR in signed text: programs may take it for a line end", inText("Identificativo", "Identi\rficativo"), pec.CheckStructure, pec.Warn, true, "bare-cr"},
	})
	t.Run("stored with LF and signed so, against the norm", func(t *testing.T) {
		t.Parallel()
		r := outsideVerify(t, testsign.Message{Kind: kind, LineEnds: testsign.LF, SignAsStored: true}.Bytes())
		require.Equal(t, pec.HashFailure, r.SubIndication, "bare LF is hashed as CRLF")
	})
	t.Run("a CR more at the end of a line is a change", func(t *testing.T) {
		t.Parallel()
		m := testsign.Message{Kind: kind, AfterSign: func(part []byte) []byte { return bytes.Replace(part, []byte("\r\n"), []byte("\r\r\n"), 1) }}
		require.Equal(t, pec.HashFailure, outsideVerify(t, m.Bytes()).SubIndication)
	})
}

// What an mbox does to lines that begin with From.
func TestOutsideMboxQuoting(t *testing.T) {
	t.Parallel()
	// The lines of the text part as they are signed, and as they are stored.
	mail := func(signed, stored string) testsign.Message {
		return testsign.Message{Kind: daticert.TypeDelivery, TextOnly: true, Text: "Ricevuta\n\n" + signed + "\nfine\n",
			AfterSign: func(part []byte) []byte {
				signed, stored := strings.ReplaceAll(signed, "\n", "\r\n"), strings.ReplaceAll(stored, "\n", "\r\n")
				if !bytes.Contains(part, []byte(signed)) {
					panic("not in the signed part")
				}
				return bytes.Replace(part, []byte(signed), []byte(stored), 1)
			}}
	}
	same := func(lines string) testsign.Message { return mail(lines, lines) }
	outsideRun(t, []outsideCase{
		{"From as it was signed", same("From qui in poi"), pec.CheckLines, pec.Pass, true, "as it stands"},
		{">From as it was signed", same(">From qui in poi"), pec.CheckLines, pec.Pass, true, "as it stands"},
		{"one > was added", mail("From qui in poi", ">From qui in poi"), pec.CheckLines, pec.Warn, true, "mbox"},
		{"one > was added to each quoted line (mboxrd)", mail("From uno\n>From due\n>>From tre", ">From uno\n>>From due\n>>>From tre"), pec.CheckLines, pec.Warn, true, "mbox"},
		{"one > was added to From only (mboxo)", mail("From uno\n>>From due", ">From uno\n>>From due"), pec.CheckLines, pec.Warn, true, "mbox"},
	})
	for _, c := range []struct {
		reason string
		mail   testsign.Message
	}{
		{"two > added by one mbox are a change", mail("From qui", ">>From qui")},
		{"a > before another word is a change", mail("Da qui", ">Da qui")},
		{"a > taken away is a change", mail(">From qui", "From qui")},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, pec.HashFailure, outsideVerify(t, c.mail.Bytes()).SubIndication)
		})
	}
	t.Run("the data are read without the quoting, too", func(t *testing.T) {
		t.Parallel()
		m := testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Subject: "riga\nFrom qui"}, NoText: true, NoOriginal: true,
			XMLPart:   testsign.Part{Encoding: "7bit"},
			AfterSign: func(part []byte) []byte { return bytes.ReplaceAll(part, []byte("\nFrom "), []byte("\n>From ")) }}
		mail := m.Bytes()
		require.Contains(t, string(mail), "\n>From qui")
		for _, ends := range []string{"\r\n", "\n"} {
			r := outsideVerify(t, bytes.ReplaceAll(mail, []byte("\r\n"), []byte(ends)))
			require.True(t, r.Certified, "%v", outsideFailed(r))
			require.Equal(t, "riga\nFrom qui", r.Data.Subject)
			require.Equal(t, pec.Warn, r.Check(pec.CheckLines).Status)
		}
	})
	t.Run("an mbox From line before the message is no part of it", func(t *testing.T) {
		t.Parallel()
		mail := append([]byte("From mittente@pec.example.it Tue Mar 10 10:15:30 2026\r\n"), testsign.Message{Kind: daticert.TypeDelivery}.Bytes()...)
		require.True(t, outsideVerify(t, mail).Certified)
	})
}

// A program that takes the second Content-Type shows other parts than the
// signed one, and no provider writes two that differ.
func TestOutsideSecondContentType(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"text/plain", `multipart/mixed; boundary="other"`, `multipart/signed; protocol="application/pkcs7-signature"; boundary="other"`} {
		r := outsideVerify(t, outsideAdd(daticert.TypeDelivery, "Content-Type", value).Bytes())
		require.False(t, r.Certified, value)
		require.Equal(t, pec.FormatFailure, r.SubIndication, value)
		require.Equal(t, pec.Fail, r.Check(pec.CheckStructure).Status, value)
	}
}
