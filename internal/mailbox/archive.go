package mailbox

import (
	"context"
	"io"
	"strings"

	"github.com/gopec/gopec/internal/printable"
)

// archive walks a zip archive.
func (w *walk) archive(in input, src *source) bool {
	dir, err := readDirectory(w.ctx, src, src.size)
	if err != nil {
		return w.fail(in.file, err)
	}
	for e, err := range dir.entries(w.ctx) {
		if err != nil {
			return w.fail(in.file, err)
		}
		if !w.archiveEntry(in.file, src, e) {
			return false
		}
	}
	return true
}

func (w *walk) archiveEntry(archive string, src *source, e zipEntry) bool {
	file := archive + "!/" + printable.FileName([]byte(e.name))
	dir, base := cutLast(e.name)
	_, parent := cutLast(dir)
	switch {
	case e.folder(), parent == "tmp" && maildirUnique(base):
		return true
	case !e.regular(), hiddenPath(e.name):
		w.other(FormatNone)
		return true
	case w.ctx.Err() != nil:
		return w.fail(file, canceled(w.ctx))
	case e.encrypted():
		return w.fail(file, unreadable(ReasonEncrypted)) // whether it is mail cannot be told
	}
	return w.listed(input{
		file: file,
		name: e.name,
		held: src,
		open: func(ctx context.Context) (*source, error) {
			return e.open(ctx, src, w.opts.maxMemory())
		},
		head: func(ctx context.Context) ([]byte, error) { return e.head(src) },
	}, false)
}

// hiddenPath reports whether an element of a path starts with a dot, such as
// the "._" shadows that macOS puts into archives.
func hiddenPath(path string) bool {
	for base := range strings.SplitSeq(path, "/") {
		if hidden(base) {
			return true
		}
	}
	return false
}

// contextReader ends reads once its context is canceled.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, canceled(c.ctx)
	}
	return c.r.Read(p)
}
