package mime_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	stdmultipart "mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/mime"
)

// OpenSSL hashes the file it is given as it stands (-binary): it accepts the
// signature only if our slice, in the form that the header's line ends call
// for, is what the provider signed.
func TestGenuineSignedPartAgainstOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	for folder, good := range map[string]bool{"genuine": true, "structure": false} {
		files, err := filepath.Glob(filepath.Join(counterpart.Reference(t, "corpus", folder), "*.eml"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				f, err := os.Open(file)
				require.NoError(t, err)
				defer f.Close()
				info, err := f.Stat()
				require.NoError(t, err)
				root, err := mime.Scan(mime.NewSource(f, info.Size(), true), nil)
				require.NoError(t, err)
				require.Empty(t, defects(root))
				signed := firstSigned(root)
				require.NotNil(t, signed)
				dir := t.TempDir()
				form := mime.Form{Canonical: signed.HeaderLines.CRLF == 0}
				save(t, filepath.Join(dir, "content"), signed.Parts[0].Reader(signed.Parts[0].Raw, form))
				save(t, filepath.Join(dir, "sig"), signed.Parts[1].Open(mime.Form{}))
				cmd := exec.CommandContext(t.Context(), openssl, "cms", "-verify", "-noverify", "-inform", "DER",
					"-in", "sig", "-content", "content", "-binary", "-out", os.DevNull)
				cmd.Dir = dir
				out, err := cmd.CombinedOutput()
				if good {
					require.NoError(t, err, "%s", out)
				} else {
					require.Error(t, err, "the content is known to be changed")
					require.Contains(t, string(out), "verification failure")
				}
			})
		}
	}
}

func firstSigned(root *mime.Entity) *mime.Entity {
	for e := range root.All {
		if e.MediaType == "multipart/signed" && len(e.Parts) == 2 {
			return e
		}
	}
	return nil
}

func save(t *testing.T, path string, r io.Reader) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	_, err = io.Copy(f, r)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// generator writes well-formed messages of any shape.
type generator struct {
	*rand.Rand
	boundaries int
}

func (g *generator) lines(eol string) string {
	var b strings.Builder
	for range g.IntN(6) {
		b.WriteString([]string{"", "text", "--", "-- ", "perch\xc3\xa8", " --b1", "a: b", ">From me", strings.Repeat("x", 100)}[g.IntN(9)])
		b.WriteString(eol)
	}
	return b.String()
}

// entity returns a header block, its blank line and a body.
func (g *generator) entity(depth int, eol string) string {
	header := "X-Number: " + fmt.Sprint(g.IntN(100)) + eol
	kind := g.IntN(5)
	if depth == 0 {
		kind = g.IntN(3)
	} else if depth >= 3 {
		kind = 3 + g.IntN(2)
	}
	switch kind {
	case 0:
		return header + "Content-Type: text/plain; charset=utf-8" + eol + "Content-Transfer-Encoding: 8bit" + eol + eol + g.lines(eol)
	case 1:
		data := make([]byte, g.IntN(200))
		for i := range data {
			data[i] = byte(g.Uint32())
		}
		return header + "Content-Type: application/octet-stream" + eol + "Content-Transfer-Encoding: base64" + eol + eol + fold(base64.StdEncoding.EncodeToString(data), eol)
	case 2:
		return header + "Content-Type: text/html" + eol + "Content-Transfer-Encoding: quoted-printable" + eol + eol + "a=3Db=C3=A8 c=" + eol + "d" + eol + strings.ReplaceAll(g.lines(eol), "-- ", "--") // Python keeps blanks at line ends
	case 3:
		return header + "Content-Type: message/rfc822" + eol + eol + g.entity(depth-1, eol)
	}
	g.boundaries++
	boundary := fmt.Sprintf("b%d", g.boundaries)
	if g.IntN(2) == 0 {
		boundary = fmt.Sprintf("----=_Part %d'()", g.boundaries)
	}
	out := header + "Content-Type: multipart/" + []string{"mixed", "alternative", "signed"}[g.IntN(3)] + ";" + eol + "\tboundary=\"" + boundary + "\"" + eol + eol
	if g.IntN(2) == 0 {
		out += "preamble" + eol
	}
	for range 1 + g.IntN(3) {
		out += "--" + boundary + eol + g.entity(depth-1, eol) + eol
	}
	return out + "--" + boundary + "--" + eol + []string{"", "epilogue" + eol}[g.IntN(2)]
}

func fold(s, eol string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + eol)
		s = s[76:]
	}
	return b.String() + s + eol
}

func generated(n int) []string {
	var out []string
	for i := range n {
		g := &generator{Rand: rand.New(rand.NewPCG(1, uint64(i)))}
		out = append(out, g.entity(4, []string{"\n", "\r\n"}[i%2]))
	}
	return out
}

const pythonTree = `
import sys, json, base64, email
def walk(m, path, out):
    leaf = not m.is_multipart()
    body = base64.b64encode(m.get_payload(decode=True)).decode() if leaf else ""
    out.append([path, m.get_content_type(), m.get("X-Number"), body])
    if not leaf:
        for i, p in enumerate(m.get_payload()):
            walk(p, (path + "." if path else "") + str(i + 1), out)
for line in sys.stdin:
    out = []
    walk(email.message_from_bytes(base64.b64decode(line)), "", out)
    print(json.dumps(out))
`

// Python's email package must see the same tree and the same contents in
// well-formed messages.
func TestTreeAgainstPython(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	msgs := generated(500)
	var in bytes.Buffer
	for _, m := range msgs {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(m)) + "\n")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", pythonTree)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	dec := json.NewDecoder(bytes.NewReader(out))
	entities := 0
	for _, m := range msgs {
		var want [][]string
		require.NoError(t, dec.Decode(&want))
		root := scan(t, m)
		require.Empty(t, defects(root))
		var got [][]string
		for e := range root.All {
			body := ""
			if len(e.Parts) == 0 {
				b, err := io.ReadAll(e.Open(mime.Form{}))
				require.NoError(t, err)
				body = base64.StdEncoding.EncodeToString(b)
			}
			got = append(got, []string{e.Path, e.MediaType, e.Header.Get("X-Number"), body})
		}
		require.Equal(t, want, got, "%q", m)
		checkTree(t, m, root)
		entities += len(got)
	}
	t.Logf("%d messages, %d entities", len(msgs), entities)
	require.Greater(t, entities, 2000)
}

// mime/multipart of the standard library must cut the same bodies.
func TestTreeAgainstStandardLibrary(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, m := range generated(500) {
		for e := range scan(t, m).All {
			if !strings.HasPrefix(e.MediaType, "multipart/") {
				continue
			}
			r := stdmultipart.NewReader(strings.NewReader(cut(m, e.Body)), e.Params.Get("boundary"))
			for _, p := range e.Parts {
				std, err := r.NextRawPart()
				require.NoError(t, err)
				body, err := io.ReadAll(std)
				require.NoError(t, err)
				require.Equal(t, cut(m, p.Body), string(body))
				require.Equal(t, std.Header.Get("X-Number"), p.Header.Get("X-Number"))
				compared++
			}
			_, err := r.NextRawPart()
			require.ErrorIs(t, err, io.EOF)
		}
	}
	require.Greater(t, compared, 1000)
}
