package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func writes(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// entries are the names in a folder, those that start with a dot too.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestOutFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	o, err := newOutFile(path, false)
	require.NoError(t, err)
	require.Len(t, entries(t, dir), 1, "only the temporary file")
	require.NoFileExists(t, path)
	require.NoError(t, o.publish(writes("uno")))
	o.remove()
	require.Equal(t, []string{"a.txt"}, entries(t, dir))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "uno", string(text))

	_, err = newOutFile(path, false)
	require.ErrorIs(t, err, fs.ErrExist)
	o, err = newOutFile(path, true)
	require.NoError(t, err)
	require.NoError(t, o.publish(writes("due")))
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "due", string(text))
	require.Equal(t, []string{"a.txt"}, entries(t, dir))
}

// Whatever fails, nothing is left and what stood there stays.
func TestOutFileFails(t *testing.T) {
	t.Parallel()
	failed := errors.New("no room")
	for _, c := range []struct {
		reason string
		force  bool
		before bool // a file stands there from the beginning
		write  func(path string) func(io.Writer) error
		want   error
		left   bool
	}{
		{"writing fails halfway", false, false, func(string) func(io.Writer) error {
			return func(w io.Writer) error { io.WriteString(w, "mezzo"); return failed }
		}, failed, false},
		{"writing fails, and a file was to be replaced", true, true, func(string) func(io.Writer) error {
			return func(io.Writer) error { return failed }
		}, failed, true},
		{"somebody takes the name meanwhile", false, false, func(path string) func(io.Writer) error {
			return func(w io.Writer) error { return os.WriteFile(path, []byte("prima"), 0o600) }
		}, fs.ErrExist, true},
		{"somebody puts a folder there meanwhile", true, false, func(path string) func(io.Writer) error {
			return func(w io.Writer) error { return os.Mkdir(path, 0o700) }
		}, errNotRegular, true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "a.txt")
			if c.before {
				require.NoError(t, os.WriteFile(path, []byte("prima"), 0o600))
			}
			o, err := newOutFile(path, c.force)
			require.NoError(t, err)
			require.ErrorIs(t, o.publish(c.write(path)), c.want)
			if !c.left {
				require.Empty(t, entries(t, dir))
				return
			}
			require.Equal(t, []string{"a.txt"}, entries(t, dir))
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, "prima", string(text))
			}
		})
	}
}

// Two runs at once write beside each other: neither takes the other's temporary
// file, and the second finds the name taken.
func TestOutFilesAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	one, err := newOutFile(path, false)
	require.NoError(t, err)
	two, err := newOutFile(path, false)
	require.NoError(t, err)
	require.Len(t, entries(t, dir), 2)
	require.NoError(t, two.publish(writes("due")))
	require.ErrorIs(t, one.publish(writes("uno")), fs.ErrExist)
	require.Equal(t, []string{"a.txt"}, entries(t, dir))
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]format{
		"a.html": formatHTML, "b/c.JSON": formatJSON, "d.e.Txt": formatText,
		"a": "", "a.htm": "", "a.pdf": "", "html": "", "a.html/": "", "-": "", ".html": formatHTML,
	} {
		require.Equal(t, want, formatOf(path), path)
	}
}
