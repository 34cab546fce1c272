package rest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedactMasksWhatTellsWhoWasAsked(t *testing.T) {
	t.Parallel()
	const code = "RSSMRA85T10A562S" // of nobody: the norm's own example
	for _, c := range []struct{ given, want, reason string }{
		{"unknown " + code + ".", "unknown RSS**********62S.", "a code among words"},
		{"rssmra85t10a562s", "rss**********62s", "in small letters"},
		{"S" + code, "***", "glued to another letter"},
		{"CF_" + code + "_2", "***", "glued to a key"},
		{"xRSSMRAURTMLARSNSy", "***", "glued, every digit replaced by a letter because two people had the same"},
		{"RSSMRA85T10A5X2Z", "RSS**********X2Z", "one with a wrong character"},
		{"IT12345678903", "***", "a firm's with the country"},
		{"12345678903", "123*****903", "a firm's"},
		{"a@pec.example.it", "***@pec.example.it", "an address"},
		{"token eyJhbGciOiJSUzI1NiJ9.x", "token ***", "a token"},
		{"WSPA_ERR_05 List PEC in progress", "WSPA_ERR_05 List PEC in progress", "what the service says"},
		{"4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "the number of a request"},
		{"internazionalizzazione", "internazionalizzazione", "a long word"},
	} {
		require.Equal(t, c.want, Redact(c.given), c.reason)
	}
}

func TestRedactDoesNotCutACode(t *testing.T) {
	t.Parallel()
	const code = "RSSMRA85T10A562S"
	addresses := strings.Repeat(strings.Repeat("x", 395)+"@b ", 9) // masked, they are short
	const head = 10                                                // of the code, before the cut
	given := addresses[:16*maxDetail-head-1] + " " + code
	require.Less(t, len(Redact(given)), maxDetail)
	require.NotContains(t, Redact(given), code[:head], "half a code tells nearly as much as a whole one")
}
