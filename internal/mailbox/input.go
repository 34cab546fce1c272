package mailbox

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/gopec/gopec/internal/mime"
)

// input is something that may be a message, an mbox or an archive.
type input struct {
	file string // its name in reports
	name string // its path, for the rules about names
	// open returns the bytes, held once for the caller.
	open func(ctx context.Context) (*source, error)
	// head returns the first bytes, where that costs less than open.
	head func(ctx context.Context) ([]byte, error)
	// held is the file that open reads from, if it must stay open.
	held *source
}

// shape is how an input is taken.
type shape uint8

const (
	shapeOther   shape = iota // not mail
	shapeMessage              // one message
	shapeMbox
	shapeZip
)

// direct takes an input that the command line named.
func (w *walk) direct(in input) bool {
	src, err := in.open(w.ctx)
	if err != nil {
		return w.fail(in.file, err)
	}
	defer src.release()
	head, err := src.head()
	if err != nil {
		return w.fail(in.file, err)
	}
	// It is open, and standard input can be read only once.
	in.held, in.open = src, func(context.Context) (*source, error) { return src.retain(), nil }
	switch directShape(in.name, head) {
	case shapeMbox:
		return w.mbox(in)
	case shapeZip:
		return w.archive(in, src)
	}
	return w.message(in)
}

// listed takes an input that was found in a folder or an archive.
func (w *walk) listed(in input, maildir bool) bool {
	if maildir || nameEML(in.name) || nameMaildir(in.name) {
		return w.message(in)
	}
	head, err := in.head(w.ctx)
	if err != nil {
		return w.fail(in.file, err) // it may be mail: nobody can tell
	}
	switch listedShape(in.name, head) {
	case shapeMessage:
		return w.message(in)
	case shapeMbox:
		return w.mbox(in)
	}
	w.other(DetectFormat(head))
	return true
}

// other counts something that is no input.
func (w *walk) other(f Format) {
	w.others.Count++
	if f == FormatNone {
		return
	}
	if w.others.Formats == nil {
		w.others.Formats = make(map[Format]int)
	}
	w.others.Formats[f]++
}

func directShape(name string, head []byte) shape {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return shapeZip
	case nameEML(name):
		return shapeMessage
	case startsMbox(name, head):
		return shapeMbox
	case nameZip(name) && DetectFormat(head) == FormatNone && !mime.LooksLikeMail(head):
		return shapeZip // cut at the front, or something stands before it
	}
	return shapeMessage
}

func listedShape(name string, head []byte) shape {
	switch {
	case startsMbox(name, head):
		return shapeMbox
	case nameMbox(name) && len(head) > 0, mime.LooksLikeMail(head):
		return shapeMessage
	}
	return shapeOther
}

// startsMbox reports whether a file is to be split into messages.
func startsMbox(name string, head []byte) bool {
	return fromLine(head) && (nameMbox(name) || mime.LooksLikeMail(head))
}

// message yields an input that is one message.
func (w *walk) message(in input) bool {
	max := w.opts.maxFile()
	return w.emit(in.file, in.held, func(ctx context.Context) (*source, error) {
		src, err := in.open(ctx)
		if err != nil {
			return nil, err
		}
		msg, err := single(src, max)
		if err != nil {
			src.release()
		}
		return msg, err
	})
}

// single checks that a source can be read as one message, and leaves out the
// "From " line of a message that was taken from an mbox. The result takes the
// place of src.
func single(src *source, max int64) (*source, error) {
	if src.size > max && !src.memory() {
		return nil, passed(ReasonSize, max)
	}
	head, err := src.head()
	if err != nil {
		return nil, err
	}
	if f := DetectFormat(head); f != FormatNone {
		return nil, &Error{Code: CodeUnreadable, Reason: ReasonFormat, Format: f}
	}
	end := int64(bytes.IndexByte(head, '\n') + 1)
	if end == 0 || !fromLine(head) || !mime.LooksLikeMail(head) {
		return src, nil
	}
	defer src.release()
	return src.section(end, src.size-end), nil
}

// mbox yields the messages of an mbox.
func (w *walk) mbox(in input) bool {
	src, err := in.open(w.ctx)
	if err != nil {
		return w.fail(in.file, err)
	}
	defer src.release()
	max := w.opts.maxFile()
	n := 0
	for msg, err := range split(w.ctx, src, src.size) {
		if err != nil {
			return w.fail(in.file, err)
		}
		n++
		file := in.file + "#" + strconv.Itoa(n)
		if msg.body.length > max && !src.memory() {
			if !w.fail(file, passed(ReasonSize, max)) {
				return false
			}
			continue
		}
		open := func(context.Context) (*source, error) { return src.section(msg.body.offset, msg.body.length), nil }
		if !w.emit(file, src, open) {
			return false
		}
	}
	return true
}

func nameEML(name string) bool  { return hasSuffixFold(name, ".eml") }
func nameMbox(name string) bool { return hasSuffixFold(name, ".mbox") }
func nameZip(name string) bool  { return hasSuffixFold(name, ".zip") }

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// nameMaildir reports whether a path is that of a message in a Maildir: in cur
// or new, and named by time, a unique middle, and host.
func nameMaildir(name string) bool {
	dir, base := cutLast(name)
	_, parent := cutLast(dir)
	return (parent == "cur" || parent == "new") && maildirUnique(base)
}

// maildirUnique reports whether a name has the form that Maildir gives:
// digits, a dot, more, a dot, more.
func maildirUnique(base string) bool {
	digits := 0
	for digits < len(base) && base[digits] >= '0' && base[digits] <= '9' {
		digits++
	}
	rest, ok := strings.CutPrefix(base[digits:], ".")
	dot := strings.IndexByte(rest, '.')
	return digits > 0 && ok && dot > 0 && dot < len(rest)-1
}

// cutLast splits a slash-separated path before its last element.
func cutLast(path string) (dir, base string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// hidden reports whether a name starts with a dot. The two names that mean a
// folder are not hidden; archives can have them.
func hidden(base string) bool {
	return strings.HasPrefix(base, ".") && base != "." && base != ".."
}
