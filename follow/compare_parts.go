package follow

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gopec/gopec/internal/mime"
)

// leaf is one part with content of its own.
type leaf struct {
	*mime.Entity
	exact digest // of the decoded content
	lines digest // of the same without regard to line ends
}

// parts compares the decoded parts, but for those of the file that hashes stand
// for, and the hashes.
func (p *pair) parts(replaced []string, hashed bool) error {
	sent := p.sent.without(replaced)
	enclosed, err := leaves(p.enclosed, func(e *mime.Entity) bool {
		return hashed && e.MediaType == "text/plain" && strings.HasSuffix(e.Filename(), ".hash")
	})
	if err != nil {
		return err
	}
	partner, extra := match(sent, enclosed)
	for i, a := range sent {
		part := Part{Path: a.Path, Name: a.Filename(), MediaType: a.MediaType, Status: PartMissing}
		if b := partner[i]; b != nil {
			part.Enclosed, part.Status = b.Path, PartDiffers
			if same(a, b) {
				part.Status = PartSame
			}
			p.described(a, b)
		}
		p.comparison.Parts = append(p.comparison.Parts, part)
	}
	for _, b := range extra {
		p.comparison.Parts = append(p.comparison.Parts, Part{Enclosed: b.Path, Name: b.Filename(), MediaType: b.MediaType, Status: PartExtra})
	}
	return nil
}

// leaves reads the parts that have content of their own, in order. An enclosed
// mail is one.
func leaves(e *mime.Entity, skip func(*mime.Entity) bool) ([]*leaf, error) {
	var out []*leaf
	var walk func(e *mime.Entity) error
	walk = func(e *mime.Entity) error {
		if skip(e) {
			return nil
		}
		if strings.HasPrefix(e.MediaType, "multipart/") && len(e.Parts) > 0 {
			for _, c := range e.Parts {
				if err := walk(c); err != nil {
					return err
				}
			}
			return nil
		}
		l, err := newLeaf(e)
		out = append(out, l)
		return err
	}
	err := walk(e)
	return out, err
}

// newLeaf hashes the content of a part. What cannot be decoded is hashed as it
// stands: it can be the same all the same.
func newLeaf(e *mime.Entity) (*leaf, error) {
	l := &leaf{Entity: e}
	err := l.read(e.Open(mime.Form{}))
	if err == nil || errors.Is(err, mime.ErrChanged) {
		return l, err
	}
	return l, l.read(io.MultiReader(strings.NewReader("undecodable\x00"), e.Reader(e.Body, mime.Form{})))
}

func (l *leaf) read(r io.Reader) error {
	exact, lines := sha256.New(), &folded{h: sha256.New()}
	if _, err := io.Copy(io.MultiWriter(exact, lines), r); err != nil {
		return err
	}
	exact.Sum(l.exact[:0])
	lines.h.Sum(l.lines[:0])
	return nil
}

// folded hashes text with LF line ends and without those at its end.
type folded struct {
	h    hash.Hash
	ends int  // line ends that were not written yet
	cr   bool // a CR that may belong to a line end
}

// Write implements io.Writer.
func (w *folded) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			i = len(p)
		}
		if i > 0 {
			w.flush()
			w.h.Write(p[:i])
			p = p[i:]
			continue
		}
		if p[0] == '\n' {
			w.ends++
			w.cr = false
		} else {
			if w.cr {
				w.flush() // the CR before this one ends no line
			}
			w.cr = true
		}
		p = p[1:]
	}
	return n, nil
}

// flush writes what was held back, because something comes after it.
func (w *folded) flush() {
	for ; w.ends > 0; w.ends-- {
		w.h.Write([]byte{'\n'})
	}
	if w.cr {
		w.h.Write([]byte{'\r'})
		w.cr = false
	}
}

// same reports whether two parts have the same content. Line ends are content in
// a file that was encoded, and no content in text or in what travels as lines.
func same(a, b *leaf) bool {
	if a.exact == b.exact {
		return true
	}
	return a.lines == b.lines && (a.isText() && b.isText() || a.isLines() && b.isLines())
}

func (l *leaf) isText() bool { return strings.HasPrefix(l.MediaType, "text/") }

func (l *leaf) isLines() bool {
	return l.Encoding == "7bit" || l.Encoding == "8bit" || strings.HasPrefix(l.MediaType, "message/")
}

// match pairs the parts of two mails: those with the same content and name, then
// with the same content, then with the same name, then those without a name by their
// type. The second result is what has no partner.
func match(sent, enclosed []*leaf) (partner []*leaf, extra []*leaf) {
	partner = make([]*leaf, len(sent))
	left := slices.Clone(enclosed)
	name := func(l *leaf) string { return l.Filename() }
	exact := func(l *leaf) string { return string(l.exact[:]) }
	lines := func(l *leaf) string { return string(l.lines[:]) }
	content := func(f func(*leaf) string) func(*leaf) string {
		return func(l *leaf) string { return f(l) + name(l) }
	}
	for _, by := range []struct {
		key  func(*leaf) string
		only func(a, b *leaf) bool
	}{
		{content(exact), same}, {content(lines), same}, {exact, same}, {lines, same},
		{name, func(a, b *leaf) bool { return name(a) != "" }},
		{func(l *leaf) string { return name(l) + "\x00" + l.MediaType }, func(a, b *leaf) bool { return true }},
	} {
		left = matchBy(sent, left, partner, by.key, by.only)
	}
	return partner, left
}

// matchBy pairs what has no partner yet and has the same key, in order.
func matchBy(sent, left, partner []*leaf, key func(*leaf) string, only func(a, b *leaf) bool) []*leaf {
	byKey := make(map[string][]*leaf)
	for _, b := range left {
		byKey[key(b)] = append(byKey[key(b)], b)
	}
	taken := make(map[*leaf]bool)
	for i, a := range sent {
		if partner[i] != nil {
			continue
		}
		k := key(a)
		if list := byKey[k]; len(list) > 0 && only(a, list[0]) {
			partner[i], byKey[k] = list[0], list[1:]
			taken[list[0]] = true
		}
	}
	return slices.DeleteFunc(left, func(b *leaf) bool { return taken[b] })
}

// described tells what two parts say differently of themselves.
func (p *pair) described(a, b *leaf) {
	for _, d := range []struct{ field, sent, enclosed string }{
		{"filename", a.Filename(), b.Filename()},
		{"media-type", a.MediaType, b.MediaType},
		{"charset", strings.ToLower(a.Params.Get("charset")), strings.ToLower(b.Params.Get("charset"))},
	} {
		if d.sent != d.enclosed {
			p.comparison.Headers = append(p.comparison.Headers, HeaderDifference{Path: a.Path, Field: d.field, Sent: []string{d.sent}, Enclosed: []string{d.enclosed}})
		}
	}
}

// headers tells which fields of the mails differ, apart from those that may and
// from how the content is encoded.
func (p *pair) headers() {
	sent, enclosed := fields(p.sent.mail.Header), fields(p.enclosed.Header)
	names := make(map[string]bool)
	for name := range sent {
		names[name] = true
	}
	for name := range enclosed {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !slices.Equal(sent[name], enclosed[name]) {
			p.comparison.Headers = append(p.comparison.Headers, HeaderDifference{Field: name, Sent: sent[name], Enclosed: enclosed[name]})
		}
	}
}

func fields(h mime.Header) map[string][]string {
	out := make(map[string][]string)
	for _, f := range h {
		name := strings.ToLower(strings.TrimSpace(f.Name))
		switch name {
		case "content-type", "content-transfer-encoding", "mime-version":
			continue
		}
		if !changes(name) {
			out[name] = append(out[name], strings.Join(strings.Fields(mime.DecodeWords(f.Value())), " "))
		}
	}
	return out
}
