package verifypage_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/docs/wasm/verifypage"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/vectors"
)

// The page says what the command says, byte for byte, on every vector. Vectors
// that need another present time are compared with the library alone, since the
// command reads the clock of the machine.
func TestLineIsThatOfTheCommand(t *testing.T) {
	t.Parallel()
	program := command(t)
	groups := make(map[string][]vectors.Vector)
	clocks := 0
	for v := range vectors.All() {
		if v.Options.Clock != "any" {
			clocks++
			continue
		}
		key := strings.Join(arguments(v), " ")
		groups[key] = append(groups[key], v)
	}
	require.Greater(t, len(groups), 10)
	require.Positive(t, clocks)
	compared := 0
	for _, group := range groups {
		args := arguments(group[0])
		for _, v := range group {
			args = append(args, v.File)
		}
		cmd := exec.Command(program, args...)
		cmd.Dir = filepath.Join("..", "..", "..", "vectors")
		out, err := cmd.Output()
		if _, refused := errors.AsType[*exec.ExitError](err); !refused {
			require.NoError(t, err)
		}
		lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		require.Len(t, lines, len(group))
		for i, v := range group {
			q := requestFor(t, v)
			q.Clock = presentOf(t, lines[i])
			got := one(t, q, v.Mail())
			require.Equal(t, lines[i], got.Line, v.ID)
			require.Equal(t, v.Expected.Exit, got.Status, v.ID)
			compared++
		}
	}
	require.Greater(t, compared, 500)
}

// presentOf is the present time of the command's machine, where a line states it:
// a second may have passed since.
func presentOf(t *testing.T, line string) string {
	t.Helper()
	var said struct {
		ReferenceTime struct{ Time, Source string }
	}
	require.NoError(t, json.Unmarshal([]byte(line), &said))
	if said.ReferenceTime.Source != string(pec.FromClock) {
		return ""
	}
	return said.ReferenceTime.Time
}

// arguments are the flags that a vector's options ask for.
func arguments(v vectors.Vector) []string {
	args := []string{"-json"}
	for _, a := range v.Options.Trust {
		args = append(args, "-trust", a)
	}
	if v.Options.At != "certified" {
		args = append(args, "-at", v.Options.At)
	}
	switch pec.Policy(v.Options.Policy) {
	case pec.PolicyStrict:
		args = append(args, "-strict")
	case pec.PolicyLegacy:
		args = append(args, "-legacy")
	}
	return args
}

func TestClock(t *testing.T) {
	t.Parallel()
	n := 0
	for v := range vectors.All() {
		if v.Options.Clock != "any" {
			require.Equal(t, v.Expected.Exit, one(t, requestFor(t, v), v.Mail()).Status, v.ID)
			n++
		}
	}
	require.Positive(t, n)
}

func TestDetailLanguage(t *testing.T) {
	t.Parallel()
	v := vector(t, "kind-delivery-complete")
	q := requestFor(t, v)
	require.Contains(t, one(t, q, v.Mail()).Line, "the signer's certificate leads to")
	q.DetailLang = pec.Italian
	require.Contains(t, one(t, q, v.Mail()).Line, "il certificato del firmatario conduce a")
}

// An archive gives a result for each message, under the command's names, and
// says what it left out.
func TestArchive(t *testing.T) {
	t.Parallel()
	good, forged := vector(t, "kind-delivery-complete"), vector(t, "forged-authority")
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, e := range []struct {
		name string
		data []byte
	}{{"a/1.eml", good.Mail()}, {"a/2.eml", forged.Mail()}, {"old.pst", []byte("!BDN and more")}, {"cut.eml", []byte("%PDF-1.4")}} {
		f, err := w.Create(e.name)
		require.NoError(t, err)
		_, err = f.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())

	q := requestFor(t, good)
	q.Name, q.Lang = "posta.zip", pec.Italian
	var files []string
	var status []int
	var last *verifypage.Result
	summary, err := q.Verify(t.Context(), bytes.NewReader(archive.Bytes()), int64(archive.Len()), func(r *verifypage.Result) bool {
		files, status, last = append(files, r.File), append(status, r.Status), r
		return true
	})
	require.NoError(t, err)
	require.Equal(t, []string{"posta.zip!/a/1.eml", "posta.zip!/a/2.eml", "posta.zip!/cut.eml"}, files)
	require.Equal(t, []int{0, 1, 2}, status)
	require.Equal(t, 1, summary.Others)
	require.Len(t, summary.Hints, 1, "a format that holds mail is named")
	require.Equal(t, "unreadable", decoded(t, last.Line)["error"].(map[string]any)["code"])
	require.Len(t, last.View.Meaning, 2, "why, and what to do about it: %v", last.View.Meaning)

	view, err := q.View(t.Context(), bytes.NewReader(archive.Bytes()), int64(archive.Len()), 2)
	require.NoError(t, err)
	require.Equal(t, verifypage.Bad, view.Tone)
	_, err = q.View(t.Context(), bytes.NewReader(archive.Bytes()), int64(archive.Len()), 4)
	require.Error(t, err, "there is no fourth message")
}

func TestRequestThatCannotBeObeyed(t *testing.T) {
	t.Parallel()
	for reason, q := range map[string]*verifypage.Request{
		"no time":          {At: "yesterday"},
		"no clock":         {Clock: "noon"},
		"no authority":     {Trust: []string{"not PEM"}},
		"an empty one":     {Trust: []string{""}},
		"a time that is 0": {At: "0001-01-01T00:00:00Z"},
	} {
		q.Name = "a.eml"
		_, err := q.Verify(t.Context(), strings.NewReader(""), 0, func(*verifypage.Result) bool {
			require.Fail(t, "a result of a request that cannot be obeyed", reason)
			return false
		})
		require.Error(t, err, reason)
	}
	unknown := &verifypage.Request{Name: "a.eml", Policy: "gopec/none/1"}
	require.Equal(t, 2, one(t, unknown, []byte("From: a@example.it\n\n")).Status, "an unknown policy gives no verdict")
}

// What a failing reader says does not pass for a verdict.
func TestReadFails(t *testing.T) {
	t.Parallel()
	v := vector(t, "kind-delivery-complete")
	mail := v.Mail()
	for _, end := range []int{0, 100, len(mail) / 2, len(mail) - 1} {
		q := requestFor(t, v)
		n := 0
		_, err := q.Verify(t.Context(), shortReader{mail, end}, int64(len(mail)), func(r *verifypage.Result) bool {
			n++
			require.Equal(t, 2, r.Status)
			require.Equal(t, "unreadable", decoded(t, r.Line)["error"].(map[string]any)["code"])
			return true
		})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
}

// shortReader fails from an offset on.
type shortReader struct {
	data []byte
	end  int
}

func (s shortReader) ReadAt(p []byte, off int64) (int, error) {
	if int(off)+len(p) > s.end && int(off) < len(s.data) {
		return 0, os.ErrPermission
	}
	return bytes.NewReader(s.data).ReadAt(p, off)
}

// Every vector in one mbox: the numbers are those of the messages.
func TestMailboxFile(t *testing.T) {
	t.Parallel()
	v := vector(t, "kind-delivery-complete")
	mbox := slices.Concat([]byte("From a\n"), v.Mail(), []byte("\nFrom b\n"), v.Mail())
	q := requestFor(t, v)
	q.Name = "inbox.mbox"
	all := results(t, q, mbox)
	require.Len(t, all, 2)
	require.Equal(t, []any{"inbox.mbox#1", 1, "inbox.mbox#2", 2}, []any{all[0].File, all[0].Number, all[1].File, all[1].Number})
}

// What a bundle keeps beside its messages is not used, and that is said.
func TestBundle(t *testing.T) {
	t.Parallel()
	v := vector(t, "kind-delivery-complete")
	file := filepath.Join(t.TempDir(), "prova.zip")
	cmd := exec.Command(command(t), "-q", "-trust", v.Options.Trust[0], "-bundle", file, v.File)
	cmd.Dir = filepath.Join("..", "..", "..", "vectors")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	q := requestFor(t, v)
	q.Name = "prova.zip"
	certified := 0
	summary, err := q.Verify(t.Context(), bytes.NewReader(data), int64(len(data)), func(r *verifypage.Result) bool {
		if r.Certified {
			certified++
		}
		return true
	})
	require.NoError(t, err)
	require.Equal(t, 1, certified)
	require.Contains(t, strings.Join(summary.Hints, " "), "pecverify uses them")
}

// A genuine envelope, under AgID's authority and with no option chosen.
func TestGenuine(t *testing.T) {
	t.Parallel()
	file := counterpart.Reference(t, "corpus", "genuine", "namirial-2024-12-transport.eml")
	mail, err := os.ReadFile(file)
	require.NoError(t, err)
	r := one(t, &verifypage.Request{Name: "a.eml", Clock: "2026-11-22T00:00:00Z", Lang: pec.Italian}, mail)
	require.True(t, r.Certified)
	require.Equal(t, verifypage.Good, r.View.Tone)
	require.Equal(t, "autentica: INVIATO con posta certificata", r.View.Outcome)
}
