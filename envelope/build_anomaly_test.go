package envelope_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/pec"
)

func anomaly(t testing.TB, a *envelope.Arrival, mail string) []byte {
	t.Helper()
	out, err := provider().Anomaly(a, section(mail), instant)
	require.NoError(t, err)
	require.Nil(t, out.Data)
	b, err := out.Bytes()
	require.NoError(t, err)
	return b
}

func arrival(from string) *envelope.Arrival {
	return &envelope.Arrival{Sender: from, Recipients: []string{first}, Reason: "firma non presente o non autentica"}
}

// TestAnomaly: whatever arrives is wrapped unchanged, and nothing of it gets out
// of its place.
func TestAnomaly(t *testing.T) {
	t.Parallel()
	for _, c := range anomalyCases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			mail := anomaly(t, arrival(c.from), c.mail)
			r := certified(t, mail)
			require.Equal(t, pec.KindAnomaly, r.Kind)
			require.False(t, r.Certified)
			require.NotContains(t, warned(r), pec.CheckFrom)
			want := c.mail
			if !strings.HasPrefix(want, "%PDF") {
				want = strings.ReplaceAll(strings.ReplaceAll(want, "\r\n", "\n"), "\n", "\r\n")
			} else {
				want = strings.Replace(want, "%PDF-1.4\n", "%PDF-1.4\r\n", 1)
			}
			require.Equal(t, want, enclosed(t, r))
			require.Empty(t, r.Message.Header("X-Ricevuta"))
			require.Equal(t, []string{"errore"}, r.Message.Header("X-Trasporto"))
			from, err := mime.Addresses(r.Message.Header("From")[0])
			require.NoError(t, err)
			require.Equal(t, []mime.Address{{Name: c.name, Addr: "posta-certificata@pec.example.it"}}, from)
			require.Equal(t, c.replyTo, strings.Join(r.Message.Header("Reply-To"), "|"))
			id := r.Message.Header("Message-ID")
			require.Len(t, id, 1)
			if c.id != "?" && c.id != "" {
				require.Equal(t, c.id, id[0])
			}
			header, _, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
			require.NotContains(t, strings.ReplaceAll(string(header), "\r\n", ""), "\r")
			require.NotContains(t, string(header), "\x00")
		})
	}
}

// TestAnomalyText: the reason is said in the sentence that readers look for, and
// what others wrote in it stays in one line.
func TestAnomalyText(t *testing.T) {
	t.Parallel()
	a := arrival("a@example.org")
	a.Reason, a.Recipients = "motivo\r\ndi prova", []string{"b@example.org\r\nc", first}
	mail := anomaly(t, a, "Subject: =?utf-8?q?a=0Ab?=\r\n\r\n")
	m, err := pec.ReadAll(bytes.NewReader(mail))
	require.NoError(t, err)
	require.NotNil(t, m.Anomaly)
	text := strings.ReplaceAll(string(mail), "=\r\n", "")
	require.Contains(t, text, "Tali dati non sono stati certificati per il seguente errore:\r\nmotivo  di prova\r\n")
	require.Contains(t, text, "\"a b\" proveniente da \"a@example.org\"\r\ned indirizzato a:\r\nb@example.org  c\r\n"+first+"\r\n")
}

// TestAnomalyRefuses: only what was not given, and what could not be read
// afterwards.
func TestAnomalyRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field string
		a     *envelope.Arrival
	}{
		{"destinatari", nil},
		{"destinatari", &envelope.Arrival{Reason: "x"}},
		{"errore-esteso", &envelope.Arrival{Recipients: []string{first}}},
		{"errore-esteso", &envelope.Arrival{Recipients: []string{first}, Reason: "\r\n"}},
	} {
		_, err := provider().Anomaly(c.a, section(plain), instant)
		requireField(t, c.field, err, "")
	}
	_, err := provider().Anomaly(arrival(sender), nil, instant)
	requireField(t, "original", err, "no mail")
	_, err = provider().Anomaly(arrival(sender), section(strings.Repeat("A: b\r\n", 200_000)), instant)
	requireField(t, "original", err, "a header over the limit")
}
