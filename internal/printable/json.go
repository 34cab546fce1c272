package printable

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns a JSON text in which every character that [String] would never
// show is written as JSON's own \uXXXX escape. Its meaning does not change:
// outside ASCII such characters can stand only inside strings. It is for the
// output of encoding/json, which escapes C0 but leaves DEL, C1, bidi controls
// and zero-width marks as they are. Bytes that are not UTF-8 become \ufffd.
func JSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r < 0x7f || n > 1 && alwaysShown(r):
			out = append(out, text[:n]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out
}

// alwaysShown judges a rune without its neighbours; marks and emoji forms are
// given a neighbour that they go with.
func alwaysShown(r rune) bool {
	w := writer{prev: '☺'}
	return w.shows(r, utf8.RuneLen(r), "")
}
