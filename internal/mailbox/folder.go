package mailbox

import (
	"context"
	"os"
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
	l, err := list(path)
	if err != nil && !w.fail(file, err) {
		return false
	}
	for _, e := range l.entries {
		name := l.name(e)
		if !w.folderEntry(e.kind, name, below(path, name), below(file, printable.FileName([]byte(name))), depth, l.maildir, inbox) {
			return false
		}
	}
	return true
}

func (w *walk) folderEntry(k kind, name, path, file string, depth int, maildir, inbox bool) bool {
	switch {
	case hidden(name):
		w.other(FormatNone)
		return true
	case k == kindFolder && maildir && name == "tmp":
		return true // mail on its way in, not yet in the mailbox
	case k == kindFolder:
		return w.folder(path, file, depth+1, maildir && (name == "cur" || name == "new"))
	case k != kindFile:
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

// below joins a folder and a name, leaving the folder as it was given. A slash
// is understood on every system.
func below(dir, name string) string {
	if strings.HasSuffix(dir, "/") || dir != "" && os.IsPathSeparator(dir[len(dir)-1]) {
		return dir + name
	}
	return dir + "/" + name
}
