package mime

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The quick decoder takes what the standard library's takes and gives the same
// bytes, however the text is cut into lines and wherever something else stands.
func TestPlainBase64IsTheStandardOne(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) // the same in every run
	for range 20_000 {
		content := make([]byte, random.IntN(200))
		for i := range content {
			content[i] = byte(random.Uint32())
		}
		text := base64.StdEncoding.EncodeToString(content)
		width := 1 + random.IntN(80)
		end := []string{"\r\n", "\n", "\r\r\n", "\n\n"}[random.IntN(4)]
		var lines strings.Builder
		for len(text) > width {
			lines.WriteString(text[:width] + end)
			text = text[width:]
		}
		lines.WriteString(text + end)
		raw := []byte(lines.String())
		if random.IntN(3) == 0 && len(raw) > 0 { // something that does not belong there
			raw[random.IntN(len(raw))] = "= \x00!-_\xff\rA"[random.IntN(9)]
		}
		want := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
		n, err := base64.StdEncoding.Decode(want, raw)
		got := make([]byte, len(want))
		m, ok := plainBase64(got, raw)
		require.Equal(t, err == nil, ok, "%q", raw)
		if ok {
			require.True(t, bytes.Equal(want[:n], got[:m]), "%q", raw)
		}
	}
}
