package pec_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// outsidePlain writes an ordinary mail: the fields, and a multipart/mixed of
// a text and the given parts.
func outsidePlain(fields string, parts ...string) []byte {
	const boundary = "=_outside_plain"
	var b strings.Builder
	b.WriteString("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\n" + fields)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n")
	for _, p := range append([]string{"Content-Type: text/plain\r\n\r\nciao"}, parts...) {
		b.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return []byte(b.String())
}

// outsideBase64 writes a part in base64.
func outsideBase64(mediaType, name string, content []byte) string {
	text := base64.StdEncoding.EncodeToString(content)
	var lines strings.Builder
	for len(text) > 76 {
		lines.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return fmt.Sprintf("Content-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n%s%s",
		mediaType, name, lines.String(), text)
}

// outsideQP writes a part in quoted-printable.
func outsideQP(mediaType, name string, content []byte) string {
	escaped := strings.NewReplacer("=", "=3D", ".", "=2E", "-", "=2D").Replace(string(content))
	return fmt.Sprintf("Content-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s", mediaType, name, escaped)
}

// outsideInner is a certified delivery receipt that shares no fact with the
// example exchange.
func outsideInner() testsign.Message {
	return testsign.Message{Kind: daticert.TypeDelivery, BoundarySeed: "inner", Data: daticert.Data{
		ID: "interno.1@pec.example.it", MessageID: "<interno@client.example.it>", Subject: "Interno", Sender: "interno@pec.example.it",
		Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: "altra@pec.example.com"}}, Receipt: daticert.ReceiptConcise,
	}}
}

func outsideForward(mail []byte) string {
	return "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"inoltrato.eml\"\r\n\r\n" + string(mail)
}

// A PEC message inside another mail is a layer of its own, found wherever a
// client may have put it, with its place.
func TestOutsideLayerIsFound(t *testing.T) {
	t.Parallel()
	inner := outsideInner().Bytes()
	envelope := func(original []byte) []byte {
		return testsign.Message{Kind: daticert.TypeTransport, Original: original}.Bytes()
	}
	list := testsign.MailingList(inner, "lista@example.org")
	for _, c := range []struct {
		reason string
		mail   []byte
		kind   pec.Kind
		outer  bool // certified
		path   string
	}{
		{"forwarded as a message by a PEC message", envelope(outsidePlain("", outsideForward(inner))), pec.KindTransport, true, "1.3.1.2.1"},
		{"forwarded as an encoded message, which the norm forbids", envelope(outsidePlain("", outsideBase64("message/rfc822", "x.eml", inner))), pec.KindTransport, true, "1.3.1.2.1"},
		{"forwarded in quoted-printable", envelope(outsidePlain("", outsideQP("message/rfc822", "x.eml", inner))), pec.KindTransport, true, "1.3.1.2.1"},
		{"attached as a file", envelope(outsidePlain("", outsideBase64("application/octet-stream", "Ricevuta.EML", inner))), pec.KindTransport, true, "1.3.1.2.1"},
		{"the original itself is a PEC message", envelope(inner), pec.KindTransport, true, "1.3.1"},
		{"the original is a PEC message and encoded", testsign.Message{Kind: daticert.TypeTransport, Original: inner,
			OriginalPart: testsign.Part{Encoding: "base64"}}.Bytes(), pec.KindTransport, true, "1.3.1"},
		{"wrapped by an anomaly envelope", testsign.Message{Kind: testsign.Anomaly, Original: inner}.Bytes(), pec.KindAnomaly, false, "1.2.1"},
		{"forwarded by an ordinary mail", outsidePlain("", outsideForward(inner)), pec.KindOrdinary, false, "2.1"},
		{"attached as a file to an ordinary mail", outsidePlain("", outsideBase64("application/octet-stream", "x.eml", inner)), pec.KindOrdinary, false, "2.1"},
		{"a mail that is nothing but a message", append([]byte("From: a@example.it\r\nContent-Type: message/rfc822\r\n\r\n"), inner...), pec.KindOrdinary, false, "1"},
		{"a mail that is nothing but an encoded message", []byte("From: a@example.it\r\n" + outsideBase64("message/rfc822", "x.eml", inner)), pec.KindOrdinary, false, "1"},
		{"a digest of messages", []byte("Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n" + string(inner) + "\r\n--d--\r\n"), pec.KindOrdinary, false, "1.1"},
		{"the original came over a mailing list that kept the header", envelope(list), pec.KindTransport, true, "1.3.1"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, c.mail)
			require.Equal(t, c.kind, r.Kind)
			require.Equal(t, c.outer, r.Certified, "%v", outsideFailed(r))
			require.Len(t, r.Layers, 1)
			in := r.Layers[0]
			require.Equal(t, c.path, in.Path)
			if len(in.Layers) == 1 { // the list's mail calls itself PEC and is a layer around it
				require.False(t, in.Certified)
				in = in.Layers[0]
			} else {
				require.Equal(t, pec.Pass, in.Check(pec.CheckFrom).Status, "a message has a header, and it is checked")
			}
			require.True(t, in.Certified, "%v", outsideFailed(in))
			require.Equal(t, pec.ProvesDelivered, in.Proves)
			require.Equal(t, "interno.1@pec.example.it", in.Data.ID)
		})
	}
}

// A mailing list that wraps a message leaves its signed part whole and takes
// its header.
func TestOutsideLayerOfMailingList(t *testing.T) {
	t.Parallel()
	mail := testsign.MailingList(testsign.Message{Kind: daticert.TypeTransport}.Bytes(), "lista@example.org")
	r := outsideVerify(t, mail)
	require.Equal(t, pec.KindOrdinary, r.Kind)
	require.False(t, r.Certified, "the layer around it is not certified")
	require.Empty(t, r.Verdict)
	require.Equal(t, "posta-certificata", r.Message.Claims.Transport)
	require.Contains(t, r.Outcome(pec.English), "NOT certified")
	require.Nil(t, r.Data, "facts of one layer never stand for another")
	require.Len(t, r.Layers, 1)
	in := r.Layers[0]
	require.Equal(t, "1", in.Path)
	require.True(t, in.Certified, "%v", outsideFailed(in))
	for _, id := range []pec.CheckID{pec.CheckFrom, pec.CheckDuplicates, pec.CheckFromName, pec.CheckKind, pec.CheckReferenceI, pec.CheckSecurity,
		pec.CheckReceipt, pec.CheckSubject, pec.CheckReplyTo, pec.CheckRecipients, pec.CheckDate, pec.CheckMessageID, pec.CheckSender} {
		require.Equal(t, pec.Skip, in.Check(id).Status, id)
		require.Contains(t, in.Check(id).Detail(pec.English), "no header of its own")
	}
	require.Nil(t, in.Message.Header("Content-Type"), "a bare part has no header fields of a mail")
}

// What is no PEC message and does not call itself one is no layer.
func TestOutsideLayerIsNone(t *testing.T) {
	t.Parallel()
	signedByUser := testsign.Message{Kind: daticert.TypeTransport, NoXML: true, NoOriginal: true, Remove: []string{"X-Trasporto", "X-TipoRicevuta"}}.Bytes()
	for _, c := range []struct {
		reason   string
		original []byte
		encoding string
	}{
		{"the user's ordinary message", nil, ""},
		{"the same in base64", nil, "base64"},
		{"a message signed by the user", signedByUser, ""},
		{"a message that forwards an ordinary one", outsidePlain("", outsideForward(outsidePlain(""))), ""},
		{"a subject is no claim", outsidePlain("Subject: POSTA CERTIFICATA: x\r\n"), ""},
		{"a field that only some of PEC's messages have is no claim", outsidePlain("X-TipoRicevuta: breve\r\nX-Riferimento-Message-ID: <x@example.it>\r\n"), ""},
		{"a file of that name is no certification", outsidePlain("", outsideBase64("application/xml", "daticert.xml", []byte("<postacert/>"))), ""},
		{"an attachment that cannot be decoded", outsidePlain("", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAA=BBB"), ""},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, testsign.Message{Kind: daticert.TypeTransport, Original: c.original,
				OriginalPart: testsign.Part{Encoding: c.encoding}}.Bytes())
			require.True(t, r.Certified, "%v", outsideFailed(r))
			require.Empty(t, r.Layers)
		})
	}
}

// A layer that calls itself PEC and is not is shown as what it is.
func TestOutsideLayerThatOnlyClaims(t *testing.T) {
	t.Parallel()
	forged := outsidePlain("X-Ricevuta: avvenuta-consegna\r\nSubject: CONSEGNA: tutto\r\n")
	r := outsideVerify(t, testsign.Message{Kind: daticert.TypeTransport, Original: forged}.Bytes())
	require.True(t, r.Certified, "the envelope is; what travels in it is not")
	require.Equal(t, pec.ProvesSent, r.Proves)
	require.Len(t, r.Layers, 1)
	require.Equal(t, pec.KindOrdinary, r.Layers[0].Kind)
	require.False(t, r.Layers[0].Certified)
	require.Contains(t, r.Layers[0].Outcome(pec.Italian), "NON certificato")
}

// Facts of one layer never stand for another.
func TestOutsideLayersAreApart(t *testing.T) {
	t.Parallel()
	inner := outsideInner().Bytes()
	changed := func(part []byte) []byte { return bytes.Replace(part, []byte("inoltro"), []byte("inoltrO"), 1) }
	forgery := testsign.Certificate{Addresses: []string{outsideService}}.SelfSigned()
	original := outsidePlain("Subject: inoltro\r\n", outsideForward(inner))
	for _, c := range []struct {
		reason string
		outer  testsign.Message
		want   pec.SubIndication
	}{
		{"a forged envelope around a genuine receipt", testsign.Message{Kind: daticert.TypeTransport, By: forgery, Original: original}, pec.NoCertificateChainFound},
		{"a changed envelope around a genuine receipt", testsign.Message{Kind: daticert.TypeTransport, Original: original, AfterSign: changed}, pec.HashFailure},
		{"an envelope whose header lies around a genuine receipt", testsign.Message{Kind: daticert.TypeTransport, Original: original,
			Set: []testsign.Field{{Name: "X-Trasporto", Value: "errore"}}}, pec.SigConstraintsFailure},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, c.outer.Bytes())
			require.False(t, r.Certified)
			require.Equal(t, c.want, r.SubIndication)
			require.NotEqual(t, "interno.1@pec.example.it", r.Data.ID)
			require.Len(t, r.Layers, 1)
			require.True(t, r.Layers[0].Certified, "%v", outsideFailed(r.Layers[0]))
			require.Equal(t, "interno.1@pec.example.it", r.Layers[0].Data.ID)
		})
	}

	t.Run("a genuine envelope around a receipt with a forged header", func(t *testing.T) {
		t.Parallel()
		lying := outsideInner()
		lying.Set = []testsign.Field{{Name: "From", Value: "altri@example.com"}, {Name: "Subject", Value: "ACCETTAZIONE: Interno"}}
		for _, original := range [][]byte{lying.Bytes(), outsidePlain("", outsideForward(lying.Bytes()))} {
			r := outsideVerify(t, testsign.Message{Kind: daticert.TypeTransport, Original: original}.Bytes())
			require.True(t, r.Certified)
			require.Len(t, r.Layers, 1)
			require.Equal(t, []pec.CheckID{pec.CheckFrom, pec.CheckSubject}, outsideFailed(r.Layers[0]))
		}
	})
	t.Run("a message with a forged header that is all of a mail is checked as one", func(t *testing.T) {
		t.Parallel()
		lying := outsideInner()
		lying.Set = []testsign.Field{{Name: "From", Value: "altri@example.com"}}
		r := outsideVerify(t, append([]byte("From: a@example.it\r\nContent-Type: message/rfc822\r\n\r\n"), lying.Bytes()...))
		require.False(t, r.Certified)
		require.Len(t, r.Layers, 1)
		require.Equal(t, []pec.CheckID{pec.CheckFrom}, outsideFailed(r.Layers[0]))
	})
	t.Run("two receipts in one mail", func(t *testing.T) {
		t.Parallel()
		other := testsign.Message{Kind: daticert.TypeAcceptance}.Bytes()
		r := outsideVerify(t, outsidePlain("", outsideForward(inner), outsideForward(other)))
		require.Len(t, r.Layers, 2)
		require.Equal(t, []string{"2.1", "3.1"}, []string{r.Layers[0].Path, r.Layers[1].Path})
		require.Equal(t, []pec.Proof{pec.ProvesDelivered, pec.ProvesAccepted}, []pec.Proof{r.Layers[0].Proves, r.Layers[1].Proves})
		require.False(t, r.Certified)
	})
}
