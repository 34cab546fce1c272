package pec_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/vectors"
)

// deception is a mail that tries to make a person or a program believe what
// was not certified.
type deception struct {
	reason    string
	mail      []byte
	certified bool        // the outermost layer is
	id        pec.CheckID // the check that says what is wrong; "" if nothing is
}

// Nobody is made to believe what was not certified: either the message is not
// certified, or the facts are those that were signed, and what lies about them
// is named by a check.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for _, d := range deceptions() {
		t.Run(d.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, d.mail)
			require.Equal(t, d.certified, r.Certified, "failed %v, warned %v", outsideFailed(r), outsideWarned(r))
			if d.id != "" {
				want := pec.Fail
				if d.certified {
					want = pec.Warn
				}
				require.Equal(t, want, r.Check(d.id).Status, "%s: %s; failed %v, warned %v", d.id, r.Check(d.id).Detail(pec.English), outsideFailed(r), outsideWarned(r))
			}
			meaningHolds(t, r)
			outsideShown(t, r)
		})
	}
}

// meaningHolds requires of a layer and those inside it that what is certified
// is what one of the signers in this suite signed, and that the first line for
// a person says the same.
func meaningHolds(t testing.TB, r *pec.Report) {
	t.Helper()
	for _, inner := range r.Layers {
		meaningHolds(t, inner)
	}
	first := r.Outcome(pec.Italian)
	if !r.Certified {
		require.NotContains(t, first, "autentica: ", "nothing else may begin like the good news")
		return
	}
	signed, ok := meaningSigned()[hex.EncodeToString(meaningHash(r.Data.Raw()))]
	require.True(t, ok, "nobody signed these data")
	require.Equal(t, signed.kind, r.Kind)
	require.Equal(t, signed.proves, r.Proves)
	require.Equal(t, signed.id, r.Data.ID)
	require.Contains(t, first, signed.outcome)
}

func meaningHash(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }

// What a mail client shows and what is certified are read by different
// programs. Where Python's email package lists another daticert.xml than the
// one that was certified, a check has to say that something is wrong.
func TestMeaningAsRendered(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	dir := t.TempDir()
	type rendered struct {
		name   string
		report *pec.Report
	}
	var all []rendered
	var files strings.Builder
	add := func(name string, mail []byte, r *pec.Report) {
		file := filepath.Join(dir, fmt.Sprintf("%d.eml", len(all)))
		require.NoError(t, os.WriteFile(file, mail, 0o600))
		fmt.Fprintln(&files, file)
		all = append(all, rendered{name, r})
	}
	for _, d := range deceptions() {
		add(d.reason, d.mail, outsideVerify(t, d.mail))
	}
	ca, err := fs.ReadFile(vectors.Files(), "trust/test-ca.pem")
	require.NoError(t, err)
	anchors, err := trust.ParseAnchors(ca)
	require.NoError(t, err)
	believed, err := trust.NewStore(false, anchors...)
	require.NoError(t, err)
	names, err := fs.Glob(vectors.Files(), "eml/*.eml")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		mail, err := fs.ReadFile(vectors.Files(), name)
		require.NoError(t, err)
		m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
		if err != nil {
			continue // a limit was passed
		}
		if r, _ := pec.Verify(m, &pec.VerifyOptions{Trust: believed}); r != nil {
			add(name, mail, r)
		}
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/rendered.py")
	cmd.Stdin = strings.NewReader(files.String())
	out, err := cmd.Output()
	require.NoError(t, err)
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	require.Len(t, lines, len(all))

	same, told := 0, 0
	for i, line := range lines {
		var shown meaningShown
		require.NoError(t, json.Unmarshal(line, &shown))
		r := all[i].report
		switch {
		case !r.Certified || shown.Type == "application/pkcs7-mime": // which Python does not open
		case shown.only(r.Data.Raw()):
			same++
		default:
			told++
			warned := slices.ContainsFunc(outsideWarned(r), func(id pec.CheckID) bool { return id == pec.CheckStructure || id == pec.CheckLines })
			require.True(t, warned, "%s: shown %v", all[i].name, shown)
		}
	}
	require.Greater(t, same, 150, "the rendering was not compared")
	t.Logf("%d certified mails are shown with the certified data; %d are not, and a warning says why", same, told)
}

// meaningShown is what Python lists of a mail.
type meaningShown struct {
	Type  string
	Parts []struct{ Name, SHA256 string }
}

// only reports whether the certified data are listed once, and nothing else
// under their name.
func (s meaningShown) only(certified []byte) bool {
	certified = bytes.Trim(bytes.ReplaceAll(certified, []byte("\r\n"), []byte("\n")), "\n")
	want, found := hex.EncodeToString(meaningHash(certified)), 0
	for _, p := range s.Parts {
		switch {
		case p.SHA256 == want:
			found++
		case strings.EqualFold(p.Name, "daticert.xml"):
			return false
		}
	}
	return found == 1
}
