// Package printable makes text that others wrote safe to show.
//
// Subjects, addresses, file names and certificate fields come from outside.
// Written to a terminal or into HTML as they are, they can move the cursor,
// turn the reading direction round, hide words, or pass for the program's own
// lines. Every such string goes through [String] first; [FileName] makes the
// name of a file fit for JSON, and [JSON] keeps marshalled JSON harmless on a
// terminal without changing its meaning. [Lookalikes] names the letters that
// pass for others.
//
// # Notation
//
//	\x1b      one byte: an ASCII control, or a byte that is not UTF-8
//	\u{202e}  one code point that is not shown as itself
//	… (+12)   at the end: twelve more characters were there
//
// A backslash stands for itself. Text that somebody wrote as `\x1b` therefore
// looks like an escape: a false alarm, which does no harm, where doubling
// every backslash would change ordinary names and make the function unsafe to
// apply twice. Who needs the exact value takes it from the JSON.
//
// # What it does not do
//
// It does not quote for HTML, and letters written from right to left stay what
// they are: put nothing of your own after outside text on the same line.
//
// All functions are pure, take time in proportion to their input, and may be
// called from several goroutines.
package printable

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// DefaultMax is the length that [String] allows when it is given none.
	DefaultMax = 1000
	// minMax leaves room for the longest escape and the note of a cut.
	minMax = 40
	// maxMarks is how many combining marks in a row are shown. Vietnamese,
	// Hebrew with accents and Thai need two or three; piles of them paint over
	// the lines above and below.
	maxMarks = 4
)

// String returns s with everything that is not plainly visible written as an
// escape, cut to max characters of output with the number of characters left
// out. A max of 0 or less means [DefaultMax]; less than 40 means 40.
//
// Escaped are controls (C0, DEL, C1, so also line ends and tabs), bidi
// controls, zero-width and other format characters, tags, line and paragraph
// separators, variation selectors except where one chooses the form of a symbol
// or emoji, blanks that pass for letters, unusual spaces, private use,
// unassigned code points and non-characters, bytes that are not UTF-8, and
// combining marks that have no letter under them or are the fifth in a row.
//
// The result is valid UTF-8, has at most max characters, and
// String(String(s, n), n) == String(s, n).
func String(s string, max int) string {
	if max <= 0 {
		max = DefaultMax
	}
	if max < minMax {
		max = minMax
	}
	w := writer{max: max}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !w.add(r, n, s[i:]) {
			w.cut(s[i:])
			break
		}
		i += n
	}
	return w.out.String()
}

// Bytes is [String] for bytes.
func Bytes(b []byte, max int) string { return String(string(b), max) }

// Is reports whether s is shown as it stands, whatever its length.
func Is(s string) bool {
	return String(s, utf8.RuneCountInString(s)) == s
}

// FileName returns a file's name with bytes that are not UTF-8 as \xNN, and
// nothing else changed, so that it still names the file wherever it can. It is
// for JSON and must pass [String] before it is shown.
func FileName(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	var out strings.Builder
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&out, `\x%02x`, raw[0])
		} else {
			out.Write(raw[:n])
		}
		raw = raw[n:]
	}
	return out.String()
}

// writer holds the output so far and what is needed to judge the next rune.
type writer struct {
	out   strings.Builder
	n     int // characters in out
	max   int
	prev  rune // last rune shown as itself; 0 at the start and after an escape
	marks int  // combining marks since the last other rune

	// A cut needs room for its note, and its place is known only once the
	// input turns out too long: the last places between two runes of the
	// input are kept to cut at, step i in slot i modulo the length.
	taken int
	steps [minMax]step
}

// step is the length of the output at a place between two runes of the input.
type step struct{ bytes, chars int }

// add writes the first rune of rest, given with its n bytes. It reports false,
// and writes nothing, if the output is full.
func (w *writer) add(r rune, n int, rest string) bool {
	w.steps[w.taken%minMax] = step{w.out.Len(), w.n}
	text, shown := rest[:n], w.shows(r, n, rest[n:])
	if !shown {
		text = escape(r, text)
	}
	chars := utf8.RuneCountInString(text)
	if w.n+chars > w.max {
		return false
	}
	w.out.WriteString(text)
	w.n += chars
	w.taken++
	switch {
	case !shown:
		w.prev, w.marks = 0, 0
	case unicode.Is(unicode.M, r):
		w.prev, w.marks = r, w.marks+1
	default:
		w.prev, w.marks = r, 0
	}
	return true
}

// cut takes back as much of the output as the note needs, and writes the note.
// rest is the input that was not taken.
func (w *writer) cut(rest string) {
	left := utf8.RuneCountInString(rest)
	for i := w.taken; i >= 0 && i > w.taken-minMax; i-- {
		s := w.steps[i%minMax]
		note := "… (+" + strconv.Itoa(left+w.taken-i) + ")"
		if s.chars+utf8.RuneCountInString(note) > w.max {
			continue
		}
		kept := w.out.String()[:s.bytes]
		w.out.Reset()
		w.out.WriteString(kept)
		w.out.WriteString(note)
		return
	}
	// Not reached: each of the minMax-1 steps back frees a character, and the
	// longest note has 24.
}

// shows reports whether a rune of n bytes may appear as itself between what
// was shown before and what follows.
func (w *writer) shows(r rune, n int, next string) bool {
	switch {
	case r == utf8.RuneError && n == 1:
		return false
	case r == '\u00a0' || r == '\u202f':
		return true // no-break spaces, ordinary in typeset text and in times of day
	case r == '\ufe0e' || r == '\ufe0f':
		return takesForm(w.prev) || keycap(w.prev) && strings.HasPrefix(next, "\u20e3")
	case !unicode.IsPrint(r) || unicode.Is(hidden, r):
		return false
	case unicode.Is(unicode.M, r):
		return w.prev != 0 && w.marks < maxMarks
	}
	return true
}

// takesForm reports whether a rune is of the sort that has a text and an emoji
// form.
func takesForm(r rune) bool {
	return r > 0x80 && unicode.IsSymbol(r) || r == '‼' || r == '⁉' || r == '〰' || r == '〽'
}

// keycap reports whether a rune can stand on an emoji's key.
func keycap(r rune) bool { return r >= '0' && r <= '9' || r == '#' || r == '*' }

// hidden are the characters that count as letters, marks or symbols and show
// nothing: the default-ignorable ones outside category Cf, and the empty
// Braille cell.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x034f, 0x034f, 1}, // combining grapheme joiner
		{0x115f, 0x1160, 1}, // Hangul fillers
		{0x17b4, 0x17b5, 1}, // Khmer inherent vowels
		{0x180b, 0x180f, 1}, // Mongolian selectors and vowel separator
		{0x2800, 0x2800, 1}, // empty Braille cell
		{0x3164, 0x3164, 1}, // Hangul filler
		{0xfe00, 0xfe0f, 1}, // variation selectors
		{0xffa0, 0xffa0, 1}, // halfwidth Hangul filler
	},
	R32: []unicode.Range32{
		{0x16fe4, 0x16fe4, 1}, // Khitan filler
		{0x1bca0, 0x1bca3, 1}, // shorthand format controls
		{0x1d159, 0x1d159, 1}, // musical null notehead
		{0x1d173, 0x1d17a, 1}, // musical format controls
		{0xe0000, 0xe0fff, 1}, // tags, variation selectors supplement
	},
}

func escape(r rune, raw string) string {
	if len(raw) == 1 {
		return fmt.Sprintf(`\x%02x`, raw[0])
	}
	return fmt.Sprintf(`\u{%x}`, r)
}
