package mailbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/internal/printable"
)

// What happens to a folder while it is walked, or to those who walk it.
const (
	folderStays uint8 = iota
	folderIsCanceled
	folderLosesFiles
	folderIsCut   // its files are cut to half
	folderSwaps   // its files become links to one outside
	folderIsStdin // its first file is standard input, a byte of it read already
)

// FuzzFolder: the messages of a folder come in the order of their paths, each
// with the bytes of its file, and what hides, or is a link, is only counted.
// What happens to the files meanwhile is an error of each item, and never
// anything from outside the folder.
func FuzzFolder(f *testing.F) {
	const id = "1704099600.M123P45.host"
	two := "From a\n" + mail + "\nFrom b\n" + mail
	for event := folderStays; event <= folderIsStdin; event++ {
		f.Add("b.eml\na/z.eml\na.eml\na-b.EML\nB.eml\nempty/", []byte(mail), event)
		f.Add("a/m.mbox\na/Inbox\nm.eml", []byte(two), event)
		f.Add("cur/"+id+":2,S\ncur/junk\nnew/"+id+"\ntmp/"+id+"\n.Sent/cur/"+id+"\ncur/sub/x", []byte("a name is enough"), event)
		f.Add("citt\xe0.eml\n\xff/\x1b.eml\nè.eml\na@\nb.eml@", []byte(mail), event)
	}
	f.Add(strings.Repeat("n", 250), []byte(mail), folderIsStdin) // a few bytes more are a name that no system takes
	f.Add("notes.txt\nprint.pdf\nwrong.eml", []byte("%PDF-1.7"), folderStays)
	f.Add("", []byte(mail), folderStays)
	f.Add("empty.mbox\na/b/c/d.eml", []byte{}, folderStays)
	f.Add(strings.Repeat("d/", 101)+"a.eml\nb.eml", []byte(mail), folderStays)
	f.Add("b.mbox", []byte("From a\n"+mail+strings.Repeat("\nFrom b\n"+mail+strings.Repeat("x", 20_000), 4)), folderIsCut)
	f.Fuzz(func(t *testing.T, names string, content []byte, event uint8) {
		dir := filepath.Join(t.TempDir(), "p")
		outside := write(t, filepath.Join(filepath.Dir(dir), "outside.eml"), mail+"from outside")
		require.NoError(t, os.Mkdir(dir, 0o700))
		files := makeFiles(dir, outside, names, content)
		event %= folderIsStdin + 1
		if event == folderIsStdin && len(files) > 0 && len(content) > 0 {
			requireStdin(t, files[0], content)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		box := mailbox.New(dir+strings.Repeat("/", len(names)%2), nil)
		var order []string
		seen := 0
		for it := range box.Items(ctx) {
			if seen++; seen == 1 {
				happen(t, event, files, outside, cancel)
			}
			r, size, err := it.Open(ctx)
			path, inside := strings.CutPrefix(it.File, printable.FileName([]byte(dir)))
			require.True(t, inside, it.File)
			if err == nil {
				text, err := io.ReadAll(io.NewSectionReader(r, 0, size))
				require.NoError(t, err)
				require.True(t, bytes.Contains(content, text), "%s: not its file", it.File)
			} else {
				e := requireError(t, err)
				require.Nil(t, r)
				require.NotContains(t, err.Error(), dir, "the caller names the file")
				require.Equal(t, ctx.Err() != nil, e.Code == mailbox.CodeCanceled)
				require.True(t, errors.Is(err, fs.ErrNotExist) == (e.Reason == mailbox.ReasonNoSuchFile))
			}
			require.NoError(t, it.Close())
			file, _, numbered := strings.Cut(path, "#")
			if !numbered {
				require.NotContains(t, path, "/.", "hidden")
			}
			if strings.Contains(file, "/") && !strings.Contains(file, `\x`) {
				order = append(order, file)
			}
		}
		require.NotZero(t, seen, "an argument never yields nothing")
		if event == folderStays && !strings.Contains(names, "#") {
			require.True(t, slices.IsSorted(order), "%q", order)
			require.LessOrEqual(t, box.Others().Count, strings.Count(names, "\n")+1)
		}
	})
}

// makeFiles makes a file of each name, a folder of one that ends in a slash and
// a link of one that ends in @, and returns the files. Names that the system
// does not take are left out.
func makeFiles(dir, outside, names string, content []byte) (files []string) {
	for i, name := range strings.Split(names, "\n") {
		if i > 11 || len(name) > 250 || !filepath.IsLocal(name) {
			continue
		}
		path := filepath.Join(dir, name)
		if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
			continue
		}
		switch link, isLink := strings.CutSuffix(path, "@"); {
		case strings.HasSuffix(name, "/"):
			_ = os.Mkdir(path, 0o700) // not if there is one
		case isLink:
			_ = os.Symlink(outside, link)
		default:
			file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				continue
			}
			_, err = file.Write(content)
			if errors.Join(err, file.Close()) == nil {
				files = append(files, path)
			}
		}
	}
	return files
}

// happen makes happen what a number says.
func happen(t *testing.T, event uint8, files []string, outside string, cancel func()) {
	t.Helper()
	switch event {
	case folderIsCanceled:
		cancel()
	case folderLosesFiles, folderSwaps:
		for i, file := range files {
			if os.Remove(file) != nil {
				continue // not every system removes a file that is open
			}
			if event == folderSwaps && i%2 == 0 {
				_ = os.Symlink(outside, file) // where there are none, the file is gone
			} else if event == folderSwaps {
				require.NoError(t, os.Mkdir(file, 0o700))
			}
		}
	case folderIsCut:
		for _, file := range files {
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(file, info.Size()/2))
		}
	}
}

// requireStdin: a file is read in place from its present offset on, with what
// opening the rest of it by its bytes finds, or naming it finds in whole.
func requireStdin(t *testing.T, path string, content []byte) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	_, err = file.Seek(1, io.SeekStart)
	require.NoError(t, err)
	piped, _ := walk(t, "-", &mailbox.Options{Stdin: bytes.NewReader(content[1:])})
	inPlace, _ := walk(t, "-", &mailbox.Options{Stdin: file})
	require.Equal(t, piped, inPlace)
	named, _ := walk(t, path, nil)
	var opened []found
	for it := range mailbox.NewOpened(path, bytes.NewReader(content), int64(len(content)), nil).Items(t.Context()) {
		opened = append(opened, open(t, it))
	}
	require.Equal(t, opened, named)
	missing, _ := walk(t, filepath.Join(t.TempDir(), "missing.eml"), nil)
	require.Equal(t, []mailbox.Code{mailbox.CodeNotFound}, []mailbox.Code{missing[0].Code})
}
