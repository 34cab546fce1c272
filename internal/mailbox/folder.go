package mailbox

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/gopec/gopec/internal/printable"
)

// maxDepth is how deep folders are followed. A path of that depth is longer
// than most systems can name.
const maxDepth = 100

// folder walks a folder in byte order of the paths below it.
func (w *walk) folder(path, file string, depth int, inbox bool) bool {
	if w.ctx.Err() != nil {
		return w.fail(file, canceled(w.ctx))
	}
	if depth > maxDepth {
		return w.fail(file, passed(ReasonDepth, maxDepth))
	}
	entries, err := os.ReadDir(path)
	if err != nil && !w.fail(file, err) {
		return false
	}
	// A folder's name counts with the slash that follows it, so that the order
	// is that of whole paths: "a.eml" before "a/b.eml".
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	maildir := isMaildir(entries)
	for _, e := range entries {
		if !w.folderEntry(e, below(path, e.Name()), below(file, printable.FileName([]byte(e.Name()))), depth, maildir, inbox) {
			return false
		}
	}
	return true
}

func (w *walk) folderEntry(e fs.DirEntry, path, file string, depth int, maildir, inbox bool) bool {
	name := e.Name()
	switch {
	case hidden(name):
		w.other(FormatNone)
		return true
	case e.IsDir() && maildir && name == "tmp":
		return true // mail on its way in, not yet in the mailbox
	case e.IsDir():
		return w.folder(path, file, depth+1, maildir && (name == "cur" || name == "new"))
	case !e.Type().IsRegular():
		w.other(FormatNone)
		return true
	case w.ctx.Err() != nil:
		return w.fail(file, canceled(w.ctx))
	}
	open := func(context.Context) (*source, error) { return openFile(path, false) }
	head := func(ctx context.Context) ([]byte, error) {
		src, err := open(ctx)
		if err != nil {
			return nil, err
		}
		defer src.release()
		return src.head()
	}
	return w.listed(input{file: file, name: path, open: open, head: head}, inbox)
}

func sortKey(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// isMaildir reports whether a folder has cur and new.
func isMaildir(entries []fs.DirEntry) bool {
	found := 0
	for _, e := range entries {
		if e.IsDir() && (e.Name() == "cur" || e.Name() == "new") {
			found++
		}
	}
	return found == 2
}

// below joins a folder and a name, leaving the folder as it was given. A slash
// is understood on every system.
func below(dir, name string) string {
	if strings.HasSuffix(dir, "/") || dir != "" && os.IsPathSeparator(dir[len(dir)-1]) {
		return dir + name
	}
	return dir + "/" + name
}
