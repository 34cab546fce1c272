package smime_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// TestSection: the mail inside an envelope can be read from anywhere, in every
// form in which an envelope is stored.
func TestSection(t *testing.T) {
	t.Parallel()
	envelope := testsign.Message{Kind: daticert.TypeTransport}
	want := envelope.OriginalMail()
	quoted := envelope
	quoted.Original = bytes.Replace(want, []byte("Gentile dottoressa"), []byte("From Roma\r\n>From Milano"), 1)
	quoted.Finish = func(mail []byte) []byte {
		mail = bytes.ReplaceAll(mail, []byte("\n>From "), []byte("\n>>From "))
		return bytes.ReplaceAll(mail, []byte("\nFrom R"), []byte("\n>From R"))
	}
	encoded := envelope
	encoded.OriginalPart.Encoding = "base64"
	stored := envelope
	stored.LineEnds = testsign.LF
	for name, c := range map[string]struct {
		mail testsign.Message
		want []byte
	}{
		"as it stands": {envelope, want},
		"base64":       {encoded, want},
		"LF":           {stored, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))},
		"mbox":         {quoted, quoted.Original},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := pec.ReadAll(bytes.NewReader(c.mail.Bytes()))
			require.NoError(t, err)
			if name == "mbox" { // the form is known once the digest was found
				r, _ := pec.Verify(m, nil)
				m = r.Message
			}
			s, err := m.Original().Section()
			require.NoError(t, err)
			require.NoError(t, iotest.TestReader(s, c.want))
		})
	}
	m, err := pec.ReadAll(strings.NewReader("From: a@example.it\r\n\r\nbody\r\n"))
	require.NoError(t, err)
	require.Nil(t, m.Original())
}
