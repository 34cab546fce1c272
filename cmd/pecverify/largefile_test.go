package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// placeholder is a line of base64 that the attachment of a large message has
// where its content goes. The message is signed over the content, which is
// written without ever being held.
const placeholder = "QUxMRUdBVE8gR1JBTkRFCg=="

// largeEnvelope writes a transport envelope with an attachment that makes it at
// least size bytes long, and returns its path and length.
func largeEnvelope(t testing.TB, size int64) (path string, length int64) {
	t.Helper()
	line := strings.Repeat("QUJD", 19) + "\r\n"
	content := func(w io.Writer) {
		b := bufio.NewWriterSize(w, 1<<20)
		for range size / int64(len(line)) {
			b.WriteString(line) // an error comes out of Flush
		}
		require.NoError(t, b.Flush())
	}
	original := strings.Join([]string{
		"From: mittente@pec.example.it", "To: destinatario@pec.example.com", "Subject: Trasmissione del verbale",
		"MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="grande"`, "",
		"--grande", "Content-Type: text/plain; charset=us-ascii", "", "In allegato.",
		"--grande", `Content-Type: application/zip; name="grande.zip"`, "Content-Transfer-Encoding: base64",
		`Content-Disposition: attachment; filename="grande.zip"`, "", placeholder, "--grande--", "",
	}, "\r\n")
	m := testsign.Message{Kind: daticert.TypeTransport, Original: []byte(original)}
	m.OriginalPart = testsign.Part{Encoding: "7bit", Body: []byte(original)}

	before, after, ok := bytes.Cut(m.SignedPart(), []byte(placeholder+"\r\n"))
	require.True(t, ok)
	digest := sha256.New()
	digest.Write(before)
	content(digest)
	digest.Write(after)
	m.CMS.Signer.Digest = digest.Sum(nil)

	before, after, ok = bytes.Cut(m.Bytes(), []byte(placeholder+"\r\n"))
	require.True(t, ok)
	path = filepath.Join(t.TempDir(), fmt.Sprintf("busta-%d.eml", size))
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = f.Write(before)
	require.NoError(t, err)
	content(f)
	_, err = f.Write(after)
	require.NoError(t, err)
	length, err = f.Seek(0, io.SeekCurrent)
	require.NoError(t, err)
	return path, length
}
