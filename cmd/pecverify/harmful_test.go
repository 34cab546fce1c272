package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// harmful describes the first thing in an output that a terminal might obey or
// not show: anything but line ends and visible characters. It is a list of its
// own and not package printable's, so that it can find that one wrong.
func harmful(output string) string {
	for i, r := range output {
		switch {
		case r == '\n':
		case r == utf8.RuneError && !strings.HasPrefix(output[i:], "\ufffd"):
			return fmt.Sprintf("byte %#x at %d, not UTF-8", output[i], i)
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs, unicode.Variation_Selector):
			return fmt.Sprintf("%U at %d", r, i)
		}
	}
	return ""
}

func TestHarmfulFindsEveryClass(t *testing.T) {
	t.Parallel()
	for _, bad := range hostileRunes {
		require.NotEmpty(t, harmful("prima"+bad+"dopo"), "%q", bad)
	}
	require.Empty(t, harmful("perché\n… ✗ 日本 😀 \ufffd"))
}

// hostileRunes has one of every class that must not reach a terminal.
var hostileRunes = []string{
	"\x00", "\x07", "\b", "\t", "\r", "\x1b[2J", "\x1b]0;titolo\a", "\x7f", // C0, DEL
	"\u0085", "\u009b2J", // C1
	"\u200e", "\u200f", "\u061c", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", // bidi
	"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", // zero width
	"\u2028", "\u2029", // line ends
	"\ue000", "\U000e0041", "\ufe01", // private use, tags, variation selectors
	"\xff", "\xc3(", "\xed\xa0\x80", // not UTF-8
}
