package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func text(name, content string) extractFile {
	return extractFile{name, func() (io.Reader, error) { return strings.NewReader(content), nil }}
}

func plainManifest(written []writtenFile) ([]byte, error) {
	var out strings.Builder
	for _, w := range written {
		fmt.Fprintf(&out, "%q %s %d %s\n", w.original, w.name, w.size, w.sha256)
	}
	return []byte(out.String()), nil
}

// tree returns every file below a folder with its content, folders with "".
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		rel, _ := filepath.Rel(dir, path)
		if d.IsDir() {
			if rel != "." {
				all[filepath.ToSlash(rel)+"/"] = ""
			}
			return nil
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		all[filepath.ToSlash(rel)] = string(data)
		return nil
	}))
	return all
}

func TestExtract(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	x, err := newExtractor(dir, false)
	require.NoError(t, err)
	folder, err := x.write(t.Context(), extraction{
		number: 7, id: "<opec1.20240315@pec.example.it>",
		files: []extractFile{
			text("postacert.eml", "mail"), text("daticert.xml", "<x/>"), text("manifest.json", "not the real one"),
			text("../../Relazione città.PDF", "a"), text("relazione citta.pdf", "b"), text("", "c"), text("\x1b[2J", "d"),
		},
		manifest: plainManifest,
	})
	require.NoError(t, err)
	require.Equal(t, "0007-opec1.20240315_pec.example.it", folder)
	require.NoError(t, x.close())
	got := tree(t, dir)
	manifest := got[folder+"/manifest.json"]
	delete(got, folder+"/manifest.json")
	require.Equal(t, map[string]string{
		folder + "/": "", folder + "/postacert.eml": "mail", folder + "/daticert.xml": "<x/>", folder + "/manifest-2.json": "not the real one",
		folder + "/Relazione citta.PDF": "a", folder + "/relazione citta-2.pdf": "b", folder + "/unnamed": "c", folder + "/_2J": "d",
	}, got)
	require.Contains(t, manifest, `"../../Relazione città.PDF" Relazione citta.PDF 1 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb`)
}

func TestExtractModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "out")
	x, err := newExtractor(dir, false)
	require.NoError(t, err)
	folder, err := x.write(t.Context(), extraction{number: 1, files: []extractFile{text("a", "a")}, manifest: plainManifest})
	require.NoError(t, err)
	for path, want := range map[string]fs.FileMode{
		dir: fs.ModeDir | 0o700, filepath.Join(dir, folder): fs.ModeDir | 0o700,
		filepath.Join(dir, folder, "a"): 0o600, filepath.Join(dir, folder, "manifest.json"): 0o600,
	} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode(), path)
	}
}

func TestExtractNeverWritesOverAnything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "0001-id"), []byte("mine"), 0o600))
	_, err := newExtractor(dir, false)
	require.ErrorIs(t, err, errNotEmpty)
	x, err := newExtractor(dir, true)
	require.NoError(t, err)
	for _, want := range []string{"0001-id-2", "0001-id-3"} {
		folder, err := x.write(t.Context(), extraction{number: 1, id: "id", files: []extractFile{text("a", "new")}, manifest: plainManifest})
		require.NoError(t, err)
		require.Equal(t, want, folder)
	}
	got := tree(t, dir)
	require.Equal(t, "mine", got["0001-id"])
	require.Equal(t, "new", got["0001-id-2/a"])
}

func TestExtractLeavesNothingOfAFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	failing := func(files ...extractFile) extraction {
		return extraction{number: 1, files: append([]extractFile{text("ok", "ok")}, files...), manifest: plainManifest}
	}
	noManifest := failing()
	noManifest.manifest = func([]writtenFile) ([]byte, error) { return nil, broken }
	for _, c := range []struct {
		reason string
		ctx    context.Context
		e      extraction
		want   error
	}{
		{"cannot be opened", t.Context(), failing(extractFile{"b", func() (io.Reader, error) { return nil, broken }}), broken},
		{"fails half-way", t.Context(), failing(extractFile{"b", func() (io.Reader, error) {
			return io.MultiReader(strings.NewReader("half"), failingReader{broken}), nil
		}}), broken},
		{"no manifest", t.Context(), noManifest, broken},
		{"canceled", canceled, failing(), context.Canceled},
	} {
		dir := t.TempDir()
		x, err := newExtractor(dir, false)
		require.NoError(t, err)
		_, err = x.write(c.ctx, c.e)
		require.ErrorIs(t, err, c.want, c.reason)
		require.Empty(t, tree(t, dir), c.reason)
		folder, err := x.write(t.Context(), extraction{number: 2, files: []extractFile{text("a", "a")}, manifest: plainManifest})
		require.NoError(t, err, "the next message is not touched by that")
		require.Equal(t, "0002", folder)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func TestExtractIsNotLedOutside(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "0001-id")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	x, err := newExtractor(dir, true)
	require.NoError(t, err)
	folder, err := x.write(t.Context(), extraction{number: 1, id: "id", files: []extractFile{text("a", "a")}, manifest: plainManifest})
	require.NoError(t, err)
	require.Equal(t, "0001-id-2", folder)
	require.Empty(t, tree(t, outside))
}

func TestExtractByManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	x, err := newExtractor(dir, false)
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				_, err := x.write(t.Context(), extraction{number: 1, id: "same", files: []extractFile{text("a", "a")}, manifest: plainManifest})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 40)
}

func TestExtractorNeedsAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := newExtractor(file, false)
	require.Error(t, err)
	_, err = newExtractor(filepath.Join(dir, "a", "b"), false)
	require.ErrorIs(t, err, fs.ErrNotExist, "parents are not made: a mistyped path is an error")
}

func TestFolderName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason, id, want string
	}{
		{"ordinary", "<opec1.2024@pec.example.it>", "0001-opec1.2024_pec.example.it"},
		{"none", "", "0001"},
		{"nothing that is left", "<>../..", "0001"},
		{"climbing", "../../x", "0001-x"},
		{"long", strings.Repeat("a", 300), "0001-" + strings.Repeat("a", 60)},
	} {
		require.Equal(t, c.want, folderName(1, c.id), c.reason)
	}
	require.Equal(t, "12345-a", folderName(12345, "a"))
}
