package mime

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/emersion/go-message/mail"
)

// Address is one address of an address field.
type Address struct{ Name, Addr string }

// Addresses reads an address field (From, To, Reply-To, …) tolerantly: what
// can be read is returned, and the error names the first thing that cannot.
// Groups give their members. The name is decoded (RFC 2047).
//
// A field that keeps to the grammar is read by go-message. Any other is cut at
// commas and semicolons outside quotes, comments and angle brackets; of a piece
// the addresses in angle brackets count and the text before them is the name,
// or without angle brackets every word with an "@" in it.
//
// QUIRK: envelopes carry the name `Per conto di: a@b` without the quotes it
// needs, which the grammar takes for a group.
//
// spec: RFC 5322 §3.4, §4.4
func Addresses(value string) ([]Address, error) { return AppendAddresses(nil, value) }

// AppendAddresses is Addresses that adds what it reads to a list.
func AppendAddresses(out []Address, value string) ([]Address, error) {
	if plain, ok := plainAddresses(out, value); ok {
		return plain, nil
	}
	if strict, err := mail.ParseAddressList(value); err == nil {
		out = slices.Grow(out, len(strict))
		for _, a := range strict {
			// Inside quotes the grammar has no encoded words; senders have.
			out = append(out, Address{Name: DecodeWords(a.Name), Addr: a.Address})
		}
		return out, nil
	}
	var firstErr error
	for piece := range pieces(value) {
		found, err := readPiece(piece)
		out = append(out, found...)
		if err != nil && firstErr == nil {
			firstErr = err
		}
	}
	return out, firstErr
}

// pieces cuts at the commas and semicolons that are no text. A quote, comment
// or bracket that never closes would swallow every address after it: from the
// piece where it opens all separators count.
func pieces(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var in lexer
		start := 0
		for i := range len(s) {
			if in.next(s[i]) && (s[i] == ',' || s[i] == ';') {
				if !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
		rest := s[start:]
		if in.closed() {
			yield(rest)
			return
		}
		for piece := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ',' || r == ';' }) {
			if !yield(piece) {
				return
			}
		}
	}
}

// readPiece reads one address, or what stands in its place.
func readPiece(piece string) ([]Address, error) {
	if piece = strings.TrimSpace(piece); piece == "" || strings.HasSuffix(piece, ":") {
		return nil, nil // nothing, or a group without members
	}
	if out := angleAddresses(piece); len(out) > 0 {
		return out, nil
	}
	var out []Address
	var name []string
	for _, word := range strings.Fields(piece) {
		if addr := addrSpec(word); addr != "" {
			out = append(out, Address{Addr: addr})
		} else if !strings.HasSuffix(word, ":") {
			name = append(name, word)
		}
	}
	switch len(out) {
	case 0:
		return nil, fmt.Errorf("mime: no address in %q", clip(piece))
	case 1:
		out[0].Name = displayName(strings.Join(name, " "))
	}
	return out, nil
}

// angleAddresses returns every "<a@b>" outside quotes and comments, with the
// text before it as its name.
func angleAddresses(s string) []Address {
	var out []Address
	var in lexer
	name, open := 0, -1
	take := func(end int) {
		if addr := addrSpec(s[open+1 : end]); addr != "" {
			out = append(out, Address{Name: displayName(s[name:open]), Addr: addr})
		}
		name, open = min(end+1, len(s)), -1
	}
	for i := range len(s) {
		was := in.angle
		in.next(s[i])
		if in.angle && !was {
			open = i
		}
		if was && !in.angle {
			take(i)
		}
	}
	if open >= 0 {
		take(len(s)) // the closing bracket is missing
	}
	return out
}

// addrSpec returns the address in a word or in angle brackets, "" if there is
// none.
func addrSpec(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, s)
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		s = s[i+1:] // a route, a scheme, the name of a group
	}
	s = strings.Trim(s, `<>()[]"',;\`)
	if at := strings.LastIndexByte(s, '@'); at <= 0 || at == len(s)-1 {
		return ""
	}
	return s
}

// displayName takes quotes and escapes off a name and decodes it.
func displayName(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		var out strings.Builder
		for i := 1; i < len(s)-1; i++ {
			if s[i] == '\\' && i+1 < len(s)-1 {
				i++
			}
			out.WriteByte(s[i])
		}
		s = out.String()
	}
	return DecodeWords(s)
}

// lexer follows quotes, comments and angle brackets.
type lexer struct {
	quoted, escaped, angle bool
	comments               int
}

// next reports whether c is outside all of them.
func (l *lexer) next(c byte) bool {
	switch {
	case l.escaped:
		l.escaped = false
		return false
	case c == '\\' && (l.quoted || l.comments > 0):
		l.escaped = true
		return false
	case l.quoted:
		l.quoted = c != '"'
		return false
	case c == '(':
		l.comments++
		return false
	case l.comments > 0:
		if c == ')' {
			l.comments--
		}
		return false
	case c == '"':
		l.quoted = true
		return false
	case c == '<':
		l.angle = true
		return false
	case l.angle:
		l.angle = c != '>'
		return false
	}
	return true
}

func (l *lexer) closed() bool { return !l.quoted && !l.angle && l.comments == 0 }
