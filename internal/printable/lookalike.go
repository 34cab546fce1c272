package printable

import (
	"slices"
	"strings"
)

// Lookalikes returns the characters of s that are not ASCII and pass for an
// ASCII letter, digit, or one of the signs @ . - _ of an address, each once,
// in order. Letters with accents are not among them: they look like what they
// are.
//
// The table holds the well-known cases (Cyrillic, Greek, Armenian, Cherokee,
// fullwidth, mathematical and enclosed letters, Roman numerals, phonetic
// letters), not all of Unicode's confusables; it is evidence for a reader, and
// an empty result is no proof.
func Lookalikes(s string) []rune {
	var found []rune
	for _, r := range s {
		if r < 0x80 || slices.Contains(found, r) {
			continue
		}
		if _, ok := resembles(r); ok {
			found = append(found, r)
		}
	}
	return found
}

// Resembled returns s with every character that [Lookalikes] would name
// replaced by the ASCII character it passes for. It is for comparing what a
// reader believes to see, never for anything that is then used.
func Resembled(s string) string {
	return strings.Map(func(r rune) rune {
		if a, ok := resembles(r); ok {
			return a
		}
		return r
	}, s)
}

// resembles returns the ASCII character that a rune passes for.
func resembles(r rune) (rune, bool) {
	switch {
	case r < 0x80:
		return 0, false
	case r >= 0xff01 && r <= 0xff5e: // fullwidth forms
		return addressSign(r - 0xff01 + '!')
	case r >= 0x1d400 && r <= 0x1d6a3: // mathematical letters, 13 alphabets of 52
		i := (r - 0x1d400) % 52
		if i < 26 {
			return 'A' + i, true
		}
		return 'a' + i - 26, true
	case r >= 0x1d7ce && r <= 0x1d7ff: // mathematical digits, 5 sets of 10
		return '0' + (r-0x1d7ce)%10, true
	case r >= 0x24b6 && r <= 0x24cf: // circled
		return 'A' + r - 0x24b6, true
	case r >= 0x24d0 && r <= 0x24e9:
		return 'a' + r - 0x24d0, true
	case r >= 0x1f110 && r <= 0x1f129: // parenthesized, squared, negative circled, negative squared
		return 'A' + r - 0x1f110, true
	case r >= 0x1f130 && r <= 0x1f149:
		return 'A' + r - 0x1f130, true
	case r >= 0x1f150 && r <= 0x1f169:
		return 'A' + r - 0x1f150, true
	case r >= 0x1f170 && r <= 0x1f189:
		return 'A' + r - 0x1f170, true
	}
	a, ok := lookalikes[r]
	return a, ok
}

// addressSign keeps of the fullwidth forms those that an address can have.
func addressSign(r rune) (rune, bool) {
	ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@.-_", r)
	return r, ok
}

// lookalikes is built from the pairs below: the ASCII character, then those
// that pass for it.
var lookalikes = func() map[rune]rune {
	m := make(map[rune]rune)
	for _, row := range []string{
		"aаɑα⍺", "bЬƅᖯ", "cсϲᴄⅽ", "dԁⅾ", "eеҽℯ℮ⅇ", "fẝꞙք", "gɡցᶃℊ", "hһհℎ", "iіɩιı⍳ⅈⅰ𝚤",
		"jјϳⅉ𝚥", "kκкᴋ", "lӏⅼℓǀ", "mⅿм", "nոռ", "oоοօσᴏℴ", "pрρⲣ⍴", "qԛգ", "rгᴦⲅꭇ", "sѕꜱ", "tτтᴛ",
		"uυսᴜʋ", "vνѵⅴᴠ", "wԝաᴡѡ", "xхҳⅹχ", "yуүγʏ", "zᴢʐ",
		"AАΑᎪᗅ", "BВΒᏴℬ", "CСϹᏟⅭℂℭ", "DᎠⅮⅅ", "EЕΕᎬℰ", "FϜᖴℱ", "GԌᏀ", "HНΗᎻℋℌℍ", "IІΙӀⅠℐℑ", "JЈᎫͿ",
		"KКΚᏦK", "LᏞⅬℒ", "MМΜᎷⅯℳ", "NΝℕ", "OОΟՕ", "PРΡᏢℙ", "QԚℚ", "RᎡℛℜℝ", "SЅՏᏚ", "TТΤᎢ", "UՍ",
		"VѴᏙⅤ", "WԜᎳ", "XХΧⅩ", "YҮΥУ", "ZΖᏃℤℨ",
		"@﹫", ".。｡․﹒", "-‐‑−﹣", "_﹍﹎﹏",
	} {
		ascii, others := rune(row[0]), row[1:]
		for _, r := range others {
			m[r] = ascii
		}
	}
	return m
}()
