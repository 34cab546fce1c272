package pec_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
)

// Parts as deep as the limit allows hide nothing: there is no layer to report,
// of any kind.
func TestOutsideDeepestPartsAreNoLayer(t *testing.T) {
	t.Parallel()
	for depth := 18; depth <= 20; depth++ {
		var mail bytes.Buffer
		mail.WriteString("From: a@example.com\r\nSubject: x\r\n")
		for i := range depth {
			fmt.Fprintf(&mail, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		mail.WriteString("Content-Type: text/plain\r\n\r\nx\r\n")
		for i := depth - 1; i >= 0; i-- {
			fmt.Fprintf(&mail, "--b%d--\r\n", i)
		}
		m, err := pec.ReadAll(&mail)
		require.NoError(t, err, depth)
		require.Equal(t, pec.KindOrdinary, m.Kind)
		require.Empty(t, m.Layers, depth)
	}
}
