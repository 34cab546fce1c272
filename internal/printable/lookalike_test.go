package printable_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/printable"
)

// lookalikes are texts with the letters in them that pass for others.
var lookalikes = []struct {
	reason, in string
	found      string
	resembled  string
}{
	{"ASCII", "mittente@pec.example.it", "", "mittente@pec.example.it"},
	{"accents look like what they are", "perché più città ñ ß ç", "", "perché più città ñ ß ç"},
	{"ordinal signs and dashes are ordinary", "n.º 1ª – 2ª", "", "n.º 1ª – 2ª"},
	{"Cyrillic", "mіttеntе@рec.example.it", "іер", "mittente@pec.example.it"},
	{"Cyrillic capitals", "АВЕКМНОРСТУХ", "АВЕКМНОРСТУХ", "ABEKMHOPCTYX"},
	{"Greek", "mittenτε@pec.example.it", "τ", "mittentε@pec.example.it"},
	{"Greek capitals", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"},
	{"fullwidth", "ｐｅｃ＠ｅｘａｍｐｌｅ．ｉｔ", "ｐｅｃ＠ｘａｍｌ．ｉｔ", "pec@example.it"},
	{"mathematical", "𝐩𝑒𝒄@𝖾𝚡𝕒𝓂ple.it", "𝐩𝑒𝒄𝖾𝚡𝕒𝓂", "pec@example.it"},
	{"mathematical digits", "𝟎𝟙𝟸", "𝟎𝟙𝟸", "012"},
	{"enclosed", "ⓟⓔⓒ🅿🄴", "ⓟⓔⓒ🅿🄴", "pecPE"},
	{"Roman numerals", "ⅽⅰⅴⅼ", "ⅽⅰⅴⅼ", "civl"},
	{"dotless i and script g", "lıɡa", "ıɡ", "liga"},
	{"each is named once", "аааоа", "ао", "aaaoa"},
	{"dots and hyphens of another kind", "a‑b@pec。it", "‑。", "a-b@pec.it"},
	{"letters of other scripts that resemble none", "жщ日本語", "", "жщ日本語"},
	{"bytes that are not UTF-8", "a\xffb", "", "a\ufffdb"},
}

func TestLookalikes(t *testing.T) {
	t.Parallel()
	for _, c := range lookalikes {
		require.Equal(t, c.found, string(printable.Lookalikes(c.in)), c.reason)
		require.Equal(t, c.resembled, printable.Resembled(c.in), c.reason)
	}
}
