package cms_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
)

// The matrix holds one signature for every shape that is known to divide
// verifiers, with what this package says of it and what go.mozilla.org/pkcs7
// and OpenSSL say of the same bytes. The expectations of the two tools are
// observations: where they differ from ours the difference is listed by being
// in the table, and a change on any side fails.
//
// The tools are asked what most callers ask them: pkcs7 to Verify the content
// it is given, without a chain; OpenSSL to verify the signature and the chain at
// the time of the message.

// verdict is what a tool says. The zero value accepts.
type verdict int

const (
	accepts verdict = iota
	refuses
	varies // with the version of the tool
)

func (v verdict) String() string { return [...]string{"accepts", "refuses", "varies"}[v] }

// matrixCase is one row.
type matrixCase struct {
	name   string
	reason string // why ours says so

	data testsign.SignedData
	by   *testsign.Identity // nil: the circuit's first provider
	// make gives signature and content, instead of data and by.
	make func() (signature, content []byte)

	opaque  bool   // content inside, profile Opaque
	present []byte // content that is shown to the verifiers, instead of the signed one
	forget  bool   // the tools are not given the content, as when a caller forgets to

	want     string // "" accepts, else "check/code" of the first Problem
	mozilla  verdict
	openssl  verdict
	wantNote string // code of a Note
}

var matrixContent = []byte("Content-Type: text/plain\r\n\r\nMessaggio di prova, da firmare.\r\n")

// input returns the bytes of the case; content is nil for an opaque one.
func (c *matrixCase) input() (signature, content []byte) {
	content = matrixContent
	if c.make != nil {
		signature, content = c.make()
	} else {
		by := c.by
		if by == nil {
			by = testsign.NewCircle().One
		}
		signature = c.data.Sign(by, content)
	}
	switch {
	case c.opaque:
		content = nil
	case c.present != nil:
		content = c.present
	}
	return signature, content
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	cases := slices.Concat(matrixAlgorithms(), matrixEncodings(), matrixSigners(), matrixAttributes(), matrixCertificates(), matrixOtherLayers())
	names := map[string]bool{}
	for _, c := range cases {
		require.False(t, names[c.name], "two cases named %q", c.name)
		names[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			signature, content := c.input()
			got, notes := ourVerdict(signature, content)
			require.Equal(t, c.want, got, c.reason)
			if c.wantNote != "" {
				require.Contains(t, notes, c.wantNote)
			}
			if c.forget {
				content = nil
			}
			if c.mozilla != varies {
				got, err := mozillaVerdict(signature, content)
				require.Equal(t, c.mozilla.String(), got.String(), "go.mozilla.org/pkcs7 has changed: %v", err)
			}
			t.Run("openssl", func(t *testing.T) {
				got, messages := opensslVerdict(t, signature, content)
				if c.openssl != varies {
					require.Equal(t, c.openssl.String(), got.String(), "OpenSSL says otherwise: %s", messages)
				}
			})
		})
	}
}

// ourVerdict goes through the whole of this package as its callers do. The
// first rule broken is returned as "check/code". content is nil for an opaque
// signature.
func ourVerdict(signature, content []byte) (problem string, notes []string) {
	name := func(p *cms.Problem) string { return string(p.Check) + "/" + p.Code }
	profile := cms.Detached
	if content == nil {
		profile = cms.Opaque
	}
	s, err := cms.Parse(signature, profile)
	if err != nil {
		return name(err.(*cms.Problem)), nil
	}
	if content == nil {
		content = s.Content
	}
	var digest *cms.Problem
	h, noHash := s.NewHash()
	if noHash == nil {
		h.Write(content)
		digest = s.CheckDigest(h.Sum(nil))
	}
	signers, wrong := s.Signers()
	for _, n := range s.Notes {
		notes = append(notes, n.Code)
	}
	switch {
	case len(s.Problems) > 0:
		return name(s.Problems[0]), notes
	case noHash != nil:
		return name(noHash), notes
	case digest != nil:
		return name(digest), notes
	case wrong != nil:
		return name(wrong), notes
	case len(signers) == 0:
		return "no signer and no problem", notes
	}
	return "", notes
}

func mozillaVerdict(signature, content []byte) (verdict, error) {
	p, err := pkcs7.Parse(signature)
	if err == nil {
		if content != nil {
			p.Content = content
		}
		err = p.Verify()
	}
	if err != nil {
		return refuses, err
	}
	return accepts, nil
}

func opensslVerdict(t *testing.T, signature, content []byte) (verdict, string) {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	args := []string{
		"cms", "-verify", "-binary", "-inform", "DER", "-in", write("p7s", signature),
		"-CAfile", write("root", testsign.NewCircle().Root.PEM()),
		"-attime", strconv.FormatInt(testsign.Instant.Unix(), 10), "-out", filepath.Join(dir, "out"),
	}
	if content != nil {
		args = append(args, "-content", write("content", content))
	}
	messages, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
		return refuses, string(messages)
	}
	return accepts, string(messages)
}
