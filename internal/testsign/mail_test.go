package testsign_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
)

// read is a mail as Python's email package sees it.
type read struct {
	Fields             [][2]string
	Parts              []readPart
	Preamble, Epilogue string
}

type readPart struct {
	Path, Type, Name, Encoding, Disposition, Text string
	Defects                                       []string
	Body                                          []byte
}

func readMail(t *testing.T, mail []byte) read {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), counterpart.Look(t, "python"), "testdata/parts.py")
	cmd.Stdin = bytes.NewReader(mail)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	require.NoError(t, err, messages.String())
	var r read
	require.NoError(t, json.Unmarshal(out, &r))
	return r
}

func (r read) field(name string) string {
	for _, f := range r.Fields {
		if strings.EqualFold(f[0], name) {
			return f[1]
		}
	}
	return ""
}

// shape lists the parts as "type" or "type name".
func (r read) shape() []string {
	var all []string
	for _, p := range r.Parts {
		all = append(all, strings.TrimSpace(p.Path+" "+p.Type+" "+p.Name))
	}
	return all
}

// part returns the first part of that name or type.
func (r read) part(name string) readPart {
	for _, p := range r.Parts {
		if p.Name == name || p.Type == name {
			return p
		}
	}
	return readPart{}
}

func (r read) text(name string) string { return r.part(name).Text }

var (
	textParts   = []string{"multipart/signed", "1 multipart/mixed", "1.1 multipart/alternative", "1.1.1 text/plain", "1.1.2 text/html"}
	datiCert    = []string{"1.2 application/xml daticert.xml"}
	postacert   = []string{"1.3 message/rfc822 postacert.eml", "1.3.1 multipart/mixed", "1.3.1.1 text/plain", "1.3.1.2 application/pdf verbale.pdf"}
	signature   = []string{"2 application/pkcs7-signature smime.p7s"}
	plainNotice = slices.Concat(textParts, datiCert, signature)
)

// TestKinds: each kind, read by another program, has the header, the parts and
// the texts that RFC 6109 gives it, and OpenSSL finds the signature good.
func TestKinds(t *testing.T) {
	t.Parallel()
	const subject = "Trasmissione del verbale: l'attività è conclusa"
	virus := daticert.Data{Error: daticert.ErrorVirus}
	tests := []struct {
		name    string
		mail    testsign.Message
		prefix  string
		claim   [2]string
		shape   []string
		in      string // the daticert
		says    string // the text
		absence string // not in the header
	}{
		{"transport", testsign.Message{Kind: daticert.TypeTransport}, "POSTA CERTIFICATA: ", [2]string{"X-Trasporto", "posta-certificata"},
			slices.Concat(textParts, datiCert, postacert, signature), `<ricevuta tipo="completa"/>`, "è stato inviato da", "X-Ricevuta"},
		{"acceptance", testsign.Message{Kind: daticert.TypeAcceptance}, "ACCETTAZIONE: ", [2]string{"X-Ricevuta", "accettazione"},
			plainNotice, `tipo="accettazione" errore="nessuno"`, `("posta certificata")`, "X-Trasporto"},
		{"non-acceptance", testsign.Message{Kind: daticert.TypeNonAcceptance}, "AVVISO DI NON ACCETTAZIONE: ", [2]string{"X-Ricevuta", "non-accettazione"},
			plainNotice, `errore="altro"`, "Il messaggio non è stato accettato.", "X-VerificaSicurezza"},
		{"non-acceptance for virus", testsign.Message{Kind: daticert.TypeNonAcceptance, Data: virus}, "AVVISO DI NON ACCETTAZIONE PER VIRUS: ", [2]string{"X-VerificaSicurezza", "errore"},
			plainNotice, `errore="virus"`, "problema di sicurezza", "X-Trasporto"},
		{"taking in charge", testsign.Message{Kind: daticert.TypeTakingInCharge}, "PRESA IN CARICO: ", [2]string{"To", "posta-certificata@pec.example.it"},
			plainNotice, "<ricezione>destinatario@pec.example.com</ricezione>", "è stato accettato dal sistema", "X-Trasporto"},
		{"delivery", testsign.Message{Kind: daticert.TypeDelivery}, "CONSEGNA: ", [2]string{"X-Ricevuta", "avvenuta-consegna"},
			slices.Concat(textParts, datiCert, postacert, signature), "<consegna>destinatario@pec.example.com</consegna>", "è stato consegnato nella casella di destinazione", "X-Trasporto"},
		{"brief delivery", testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Receipt: daticert.ReceiptBrief}}, "CONSEGNA: ", [2]string{"X-Ricevuta", "avvenuta-consegna"},
			slices.Concat(textParts, datiCert, postacert[:3], []string{"1.3.1.2 text/plain verbale.pdf.hash"}, signature), `<ricevuta tipo="breve"/>`, "avvenuta consegna breve", "X-Trasporto"},
		{"concise delivery", testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Receipt: daticert.ReceiptConcise}}, "CONSEGNA: ", [2]string{"X-Ricevuta", "avvenuta-consegna"},
			plainNotice, `<ricevuta tipo="sintetica"/>`, "avvenuta consegna sintetica", "X-Trasporto"},
		{"delivery error", testsign.Message{Kind: daticert.TypeDeliveryError}, "AVVISO DI MANCATA CONSEGNA: ", [2]string{"X-Ricevuta", "errore-consegna"},
			plainNotice, "<errore-esteso>5.1.1 - Gestore Due S.p.A. - indirizzo non valido</errore-esteso>", "Il messaggio è stato rifiutato dal sistema.", "X-VerificaSicurezza"},
		{"delivery error for virus", testsign.Message{Kind: daticert.TypeDeliveryError, Data: virus}, "AVVISO DI MANCATA CONSEGNA PER VIRUS: ", [2]string{"X-VerificaSicurezza", "errore"},
			plainNotice, `errore="virus"`, "Il messaggio non è stato consegnato.", "X-Trasporto"},
		{"12 hours", testsign.Message{Kind: daticert.TypeTimeout}, "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ", [2]string{"X-Ricevuta", "preavviso-errore-consegna"},
			plainNotice, "prime dodici ore", "prime dodici ore dal suo invio", "X-Trasporto"},
		{"24 hours", testsign.Message{Kind: daticert.TypeTimeout, Final: true}, "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ", [2]string{"X-Ricevuta", "preavviso-errore-consegna"},
			plainNotice, "<errore-esteso>5.4.1 - Gestore Uno S.p.A.", "ventiquattro ore successive", "X-Trasporto"},
		{"virus detection", testsign.Message{Kind: daticert.TypeVirusDetection}, "PROBLEMA DI SICUREZZA: ", [2]string{"X-Mittente", "mittente@pec.example.it"},
			plainNotice, `tipo="rilevazione-virus" errore="virus"`, "problema di sicurezza", "X-VerificaSicurezza"},
		{"anomaly", testsign.Message{Kind: testsign.Anomaly}, "ANOMALIA MESSAGGIO: ", [2]string{"X-Trasporto", "errore"},
			slices.Concat(textParts, []string{"1.2 message/rfc822 postacert.eml", "1.2.1 multipart/mixed", "1.2.1.1 text/plain", "1.2.1.2 application/pdf verbale.pdf"}, signature),
			"", "Tali dati non sono stati certificati per il seguente errore:", "X-Riferimento-Message-ID"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mail := test.mail.Bytes()
			require.Equal(t, mail, test.mail.Bytes(), "the writer is deterministic")
			r := readMail(t, mail)
			require.Equal(t, test.prefix+subject, r.field("Subject"))
			require.Equal(t, test.claim[1], r.field(test.claim[0]))
			require.Empty(t, r.field(test.absence), test.absence)
			require.Equal(t, test.shape, r.shape())
			require.Contains(t, r.text("daticert.xml"), test.in)
			require.Contains(t, r.text("text/plain"), test.says)
			require.Equal(t, string(test.mail.DatiCert()), r.text("daticert.xml"))
			require.Equal(t, "This is an S/MIME signed message\n", strings.ReplaceAll(r.Preamble, "\r", ""))
			for _, p := range r.Parts {
				require.Empty(t, p.Defects, p.Path)
			}
			shown, err := opensslMail(t, testsign.NewCircle().Root, mail)
			require.NoError(t, err)
			require.Equal(t, test.mail.SignedPart(), shown)
		})
	}
}

// TestCertifiedData: package daticert, which shares nothing with the writer,
// reads back what was written and finds nothing to say against it.
func TestCertifiedData(t *testing.T) {
	t.Parallel()
	for _, kind := range []daticert.Type{
		daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance, daticert.TypeTakingInCharge,
		daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection,
	} {
		m := testsign.Message{Kind: kind}
		got, err := daticert.Parse(m.DatiCert(), nil)
		require.NoError(t, err)
		require.Empty(t, got.Defects, kind)
		want := m.Certified()
		at, err := got.Time()
		require.NoError(t, err)
		require.True(t, at.Equal(testsign.Instant))
		require.Equal(t, []any{
			want.Type, want.Error, want.Sender, want.Recipients, want.ReplyTo, want.Subject, want.Provider, want.Date, want.ID,
			want.MessageID, want.Receipt, want.Delivery, want.Receptions, want.ErrorExtended,
		}, []any{
			got.Type, got.Error, got.Sender, got.Recipients, got.ReplyTo, got.Subject, got.Provider, got.Date, got.ID,
			got.MessageID, got.Receipt, got.Delivery, got.Receptions, got.ErrorExtended,
		}, kind)
	}
}

// TestEveryLineFits: no line of a header or a body is longer than RFC 5322
// §2.1.1 allows, and everything is 7-bit.
func TestEveryLineFits(t *testing.T) {
	t.Parallel()
	for _, kind := range []daticert.Type{daticert.TypeTransport, daticert.TypeDelivery, daticert.TypeTimeout, testsign.Anomaly} {
		for line := range bytes.SplitSeq(testsign.Message{Kind: kind}.Bytes(), []byte("\r\n")) {
			require.LessOrEqual(t, len(line), 998)
			require.False(t, bytes.ContainsFunc(line, func(r rune) bool { return r > 126 || r == '\n' }), "%q", line)
		}
	}
}
