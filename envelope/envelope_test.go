package envelope_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

func TestRecipients(t *testing.T) {
	t.Parallel()
	recipient := func(kind daticert.RecipientType, address string) daticert.Recipient {
		return daticert.Recipient{Type: kind, Address: address}
	}
	for _, c := range []struct {
		reason              string
		recipients          []daticert.Recipient
		certified, external []string
	}{
		{"each kind in its own list, in order", []daticert.Recipient{
			recipient("esterno", "a@example.com"), recipient("certificato", "b@pec.example.com"),
			recipient("esterno", "c@example.com"), recipient("certificato", "d@pec.example.com")},
			[]string{"b@pec.example.com", "d@pec.example.com"}, []string{"a@example.com", "c@example.com"}},
		{"an unknown type is not taken for ordinary mail, of which no receipt would be waited for",
			[]daticert.Recipient{recipient("altro", "a@example.com")}, []string{"a@example.com"}, nil},
		{"none", nil, nil, nil},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			e := envelope.Transport{Data: &daticert.Data{Recipients: c.recipients}}
			certified, external := e.Recipients()
			require.Equal(t, c.certified, certified)
			require.Equal(t, c.external, external)
		})
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	for asked, want := range map[daticert.ReceiptType]daticert.ReceiptType{
		"":                       daticert.ReceiptComplete, // none asked for means a complete one
		daticert.ReceiptComplete: daticert.ReceiptComplete,
		daticert.ReceiptBrief:    daticert.ReceiptBrief,
		daticert.ReceiptConcise:  daticert.ReceiptConcise,
		"altra":                  "altra", // unknown tokens are kept
	} {
		e := envelope.Transport{Data: &daticert.Data{Receipt: asked}}
		require.Equal(t, want, e.Receipt())
	}
}

// Both envelopes give the mail that travels in them, byte for byte.
func TestOriginal(t *testing.T) {
	t.Parallel()
	for _, kind := range []daticert.Type{daticert.TypeTransport, testsign.Anomaly} {
		written := testsign.Message{Kind: kind}
		m, err := pec.ReadAll(bytes.NewReader(written.Bytes()))
		require.NoError(t, err)
		original := m.Original()
		require.NotNil(t, original)
		require.NoError(t, original.Err())
		got, err := io.ReadAll(original.Open())
		require.NoError(t, err)
		require.Equal(t, string(written.OriginalMail()), string(got))
		require.Equal(t, "message/rfc822", original.MediaType())
		require.Equal(t, kind == daticert.TypeTransport, m.Transport != nil)
		require.Equal(t, kind == testsign.Anomaly, m.Anomaly != nil)

		m, err = pec.ReadAll(bytes.NewReader(testsign.Message{Kind: kind, NoOriginal: true}.Bytes()))
		require.NoError(t, err)
		require.Nil(t, m.Original())
	}
}

// What counts as an attachment of the mail inside.
func TestAttachments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason, mail string
		names        []string
	}{
		{"a mail that is one text has none", "Subject: x\r\n\r\nciao", nil},
		{"text and HTML are the message", "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b\r\nContent-Type: text/html\r\n\r\nb\r\n--b--\r\n", nil},
		{"a text with a name is one", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\nb\r\n--b--\r\n", []string{"a.txt"}},
		{"a text that calls itself attachment is one", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b\r\nContent-Disposition: attachment\r\n\r\nb\r\n--b--\r\n", []string{""}},
		{"a mail inside is one, with all that it holds", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822; name=m.eml\r\n\r\n" +
			"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: image/png; name=i.png\r\n\r\nb\r\n--c--\r\n--b--\r\n", []string{"m.eml"}},
		{"a mail that is nothing but a file", "Content-Type: application/pdf; name=a.pdf\r\n\r\nx", []string{"a.pdf"}},
		{"parts within parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/related; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\na\r\n" +
			"--c\r\nContent-Type: image/png; name=i.png\r\n\r\nb\r\n--c--\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nb\r\n--b--\r\n", []string{"i.png", "a.pdf"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			m, err := pec.ReadAll(bytes.NewReader(testsign.Message{Kind: daticert.TypeTransport, Original: []byte(c.mail)}.Bytes()))
			require.NoError(t, err)
			var names []string
			for _, p := range m.Original().Attachments() {
				names = append(names, p.Name())
			}
			require.Equal(t, c.names, names)
		})
	}
}
