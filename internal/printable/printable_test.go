package printable_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/printable"
)

// escaped is one character, or byte, of every class that is never shown.
var escaped = []struct{ name, in, want string }{
	{"NUL", "\x00", `\x00`},
	{"tab", "\t", `\x09`},
	{"line feed", "\n", `\x0a`},
	{"carriage return", "\r", `\x0d`},
	{"escape", "\x1b", `\x1b`},
	{"DEL", "\x7f", `\x7f`},
	{"C1 next line", "\u0085", `\u{85}`},
	{"C1 control sequence introducer", "\u009b", `\u{9b}`},
	{"byte 9B, not UTF-8", "\x9b", `\x9b`},
	{"byte FF, not UTF-8", "\xff", `\xff`},
	{"surrogate in UTF-8", "\xed\xa0\x80", `\xed\xa0\x80`},
	{"overlong slash", "\xc0\xaf", `\xc0\xaf`},
	{"Arabic letter mark", "\u061c", `\u{61c}`},
	{"left-to-right mark", "\u200e", `\u{200e}`},
	{"right-to-left mark", "\u200f", `\u{200f}`},
	{"left-to-right embedding", "\u202a", `\u{202a}`},
	{"right-to-left embedding", "\u202b", `\u{202b}`},
	{"pop directional formatting", "\u202c", `\u{202c}`},
	{"left-to-right override", "\u202d", `\u{202d}`},
	{"right-to-left override", "\u202e", `\u{202e}`},
	{"left-to-right isolate", "\u2066", `\u{2066}`},
	{"right-to-left isolate", "\u2067", `\u{2067}`},
	{"first strong isolate", "\u2068", `\u{2068}`},
	{"pop directional isolate", "\u2069", `\u{2069}`},
	{"soft hyphen", "\u00ad", `\u{ad}`},
	{"combining grapheme joiner", "\u034f", `\u{34f}`},
	{"Mongolian vowel separator", "\u180e", `\u{180e}`},
	{"zero width space", "\u200b", `\u{200b}`},
	{"zero width non-joiner", "\u200c", `\u{200c}`},
	{"zero width joiner", "\u200d", `\u{200d}`},
	{"word joiner", "\u2060", `\u{2060}`},
	{"invisible times", "\u2062", `\u{2062}`},
	{"byte order mark", "\ufeff", `\u{feff}`},
	{"interlinear annotation", "\ufff9", `\u{fff9}`},
	{"line separator", "\u2028", `\u{2028}`},
	{"paragraph separator", "\u2029", `\u{2029}`},
	{"em space", "\u2003", `\u{2003}`},
	{"ideographic space", "\u3000", `\u{3000}`},
	{"Hangul filler", "\u3164", `\u{3164}`},
	{"empty Braille cell", "\u2800", `\u{2800}`},
	{"variation selector 1", "\ufe00", `\u{fe00}`},
	{"variation selector 17", "\U000e0100", `\u{e0100}`},
	{"tag letter a", "\U000e0061", `\u{e0061}`},
	{"musical begin beam", "\U0001d173", `\u{1d173}`},
	{"private use", "\ue000", `\u{e000}`},
	{"private use, plane 16", "\U0010fffd", `\u{10fffd}`},
	{"unassigned", "\u0378", `\u{378}`},
	{"non-character FFFE", "\ufffe", `\u{fffe}`},
	{"non-character FDD0", "\ufdd0", `\u{fdd0}`},
}

func TestStringEscapesEveryClassEverywhere(t *testing.T) {
	t.Parallel()
	for _, c := range escaped {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, around := range [][2]string{{"", ""}, {"", "b"}, {"a", ""}, {"a", "b"}, {"è", "é"}, {"\x1b", "\x1b"}} {
				want := printable.String(around[0], 0) + c.want + printable.String(around[1], 0)
				require.Equal(t, want, printable.String(around[0]+c.in+around[1], 0), "between %q and %q", around[0], around[1])
			}
			require.False(t, printable.Is(c.in))
			require.Equal(t, c.want+c.want, printable.Bytes([]byte(c.in+c.in), 0))
		})
	}
}

func TestStringEscapesWholeCategories(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r <= 0xdfff {
			continue
		}
		shown := printable.Is(string(r))
		switch {
		case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			require.False(t, shown, "%U", r)
		case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && r != 0x2800 && r != 0x1d159:
			require.True(t, shown, "%U", r)
		}
	}
}

// ordinary is text that is shown as it stands.
var ordinary = []struct{ reason, in string }{
	{"empty", ""},
	{"Italian with accents", "Perché la città è così: già, più, «virgolette» e l’apostrofo – 100 €"},
	{"accents as combining marks", "perche\u0301 la citta\u0300"},
	{"emoji", "Fattura pagata 👍🏽 🇮🇹 ✅"},
	{"emoji chosen by selector", "❤\ufe0f ☎\ufe0e 1\ufe0f\u20e3"},
	{"no-break spaces", "n.\u00a012 alle 3:00\u202fPM"},
	{"other scripts", "Привет, Ελληνικά, שלום, สวัสดี, 日本語, Việt Nam"},
	{"a Windows path", `C:\Users\xavier\posta\u.eml`},
	{"what looks like an escape", `\x1b \u{202e}`},
	{"the replacement character itself", "\ufffd"},
	{"HTML is not its business", "<b>&amp;"},
}

func TestStringLeavesOrdinaryTextAlone(t *testing.T) {
	t.Parallel()
	for _, c := range ordinary {
		require.Equal(t, c.in, printable.String(c.in, 0), c.reason)
		require.True(t, printable.Is(c.in), c.reason)
	}
}

const acute = "\u0301"

// marks are texts with combining marks and selectors.
var marks = []struct{ reason, in, want string }{
	{"four are shown", "a" + strings.Repeat(acute, 4), "a" + strings.Repeat(acute, 4)},
	{"the fifth is not, nor those after it", "a" + strings.Repeat(acute, 7), "a" + strings.Repeat(acute, 4) + strings.Repeat(`\u{301}`, 3)},
	{"a new letter starts anew", "a" + strings.Repeat(acute, 4) + "b" + acute, "a" + strings.Repeat(acute, 4) + "b" + acute},
	{"nothing under it: would sit on the text before", acute + "a", `\u{301}a`},
	{"an escape carries no mark", "\x1b" + acute, `\x1b\u{301}`},
	{"a selector needs a symbol", "a\ufe0f", `a\u{fe0f}`},
	{"one selector a symbol", "❤\ufe0f\ufe0f", "❤\ufe0f" + `\u{fe0f}`},
	{"a digit takes a selector only for its key", "1\ufe0f2", `1\u{fe0f}2`},
}

func TestStringBoundsCombiningMarks(t *testing.T) {
	t.Parallel()
	for _, c := range marks {
		require.Equal(t, c.want, printable.String(c.in, 0), c.reason)
	}
}

// cuts are texts at and over the length that is allowed.
var cuts = []struct {
	reason, in string
	max        int
	want       string
}{
	{"just fits", strings.Repeat("a", 40), 40, strings.Repeat("a", 40)},
	{"one over", strings.Repeat("a", 41), 40, strings.Repeat("a", 34) + "… (+7)"},
	{"characters, not bytes, are counted", strings.Repeat("è", 41), 40, strings.Repeat("è", 34) + "… (+7)"},
	{"an escape is not cut in half", strings.Repeat("a", 32) + "\u202e" + "aa", 40, strings.Repeat("a", 32) + "… (+3)"},
	{"bytes that are not UTF-8 count one each", strings.Repeat("\xff", 100), 40, strings.Repeat(`\xff`, 8) + "… (+92)"},
	{"more digits take more room", strings.Repeat("a", 5000), 40, strings.Repeat("a", 31) + "… (+4969)"},
	{"less than 40 is 40", strings.Repeat("a", 41), 1, strings.Repeat("a", 34) + "… (+7)"},
	{"default below", strings.Repeat("a", printable.DefaultMax), 0, strings.Repeat("a", printable.DefaultMax)},
	{"default above", strings.Repeat("a", printable.DefaultMax+1), 0, strings.Repeat("a", printable.DefaultMax-6) + "… (+7)"},
}

func TestStringCutsWithTheCount(t *testing.T) {
	t.Parallel()
	for _, c := range cuts {
		require.Equal(t, c.want, printable.String(c.in, c.max), c.reason)
	}
}

// fileNames are names as a file system has them.
var fileNames = []struct{ reason, in, want string }{
	{"ordinary", "posta/città.eml", "posta/città.eml"},
	{"Latin-1", "citt\xe0.eml", `citt\xe0.eml`},
	{"half a character at the end", "a\xc3", `a\xc3`},
	{"controls stay, JSON escapes them", "a\n\x1b[2J.eml", "a\n\x1b[2J.eml"},
	{"a backslash stays", `C:\x41\a.eml`, `C:\x41\a.eml`},
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for _, c := range fileNames {
		require.Equal(t, c.want, printable.FileName([]byte(c.in)), c.reason)
	}
}

func TestJSONKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	for _, c := range escaped {
		if utf8.ValidString(c.in) {
			in.WriteString("a" + c.in)
		}
	}
	in.WriteString("perché ❤\ufe0f 👍🏽")
	text, err := json.Marshal(in.String())
	require.NoError(t, err)
	safe := printable.JSON(text)
	var back string
	require.NoError(t, json.Unmarshal(safe, &back))
	require.Equal(t, in.String(), back)
	require.Contains(t, string(safe), "perché ❤\ufe0f 👍🏽")
	require.Contains(t, string(safe), `\u009b`)
	require.Contains(t, string(safe), `\udb40\udc61`)
	for _, r := range string(safe) {
		require.True(t, unicode.IsPrint(r), "%U", r)
	}
}

func BenchmarkString(b *testing.B) {
	s := strings.Repeat("perché la città\x1b è così ", 40)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		printable.String(s, len(s)*2)
	}
}
