package ipa

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoldAddress returns the form in which addresses are compared: without blanks
// and angle brackets around it, without a dot after the domain, in lower case.
// Local parts are folded too: providers of PEC do not tell them apart by case,
// and the registry mixes capitals freely.
func FoldAddress(address string) string {
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "<") && strings.HasSuffix(address, ">") {
		address = strings.TrimSpace(address[1 : len(address)-1])
	}
	return strings.TrimSuffix(strings.ToLower(address), ".")
}

// foldCode returns the form in which codes are compared: Codice_IPA is
// published as c_g438 and as C_H377.
func foldCode(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

// domainOf returns the domain of a folded address, "" if it has none.
func domainOf(folded string) string {
	_, domain, ok := cutLast(folded, "@")
	if !ok {
		return ""
	}
	return domain
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// looksLikeAddress reports whether a value can be a mail address at all. It is
// for telling columns apart, not for judging addresses.
func looksLikeAddress(s string) bool {
	i := strings.LastIndexByte(s, '@')
	return i > 0 && i < len(s)-1 && !strings.ContainsAny(s, " \t\r\n")
}

// words splits a text into folded words: lower case, without accents. An
// apostrophe ends a word, whether it stands for an elision (d'Alba) or, as
// mostly in the registry, for an accent (Forli'). J is written I: Jonica and
// Ionica are both in use for the same places.
func words(text string) []string {
	var out []string
	word := make([]byte, 0, 32)
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = word[:0]
		}
	}
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			if c := byte(r) | 0x20; c == 'j' {
				word = append(word, 'i')
			} else if c >= 'a' && c <= 'z' {
				word = append(word, c)
			} else if r >= '0' && r <= '9' {
				word = append(word, byte(r))
			} else {
				flush()
			}
		case unicode.Is(unicode.Mn, r): // an accent written as a character of its own
		default:
			if plain, ok := plainLetters[r]; ok {
				word = append(word, plain...)
			} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
				word = utf8.AppendRune(word, unicode.ToLower(r))
			} else {
				flush()
			}
		}
	}
	flush()
	return out
}

// plainLetters gives the letters without accent for those of Latin-1 and Latin
// Extended-A, and the few beyond that occur in names of minorities in Italy.
var plainLetters = func() map[rune]string {
	m := make(map[rune]string)
	for plain, accented := range map[string]string{
		"a": "àáâãäåāăąǎªÀÁÂÃÄÅĀĂĄǍ", "ae": "æÆǽǼ", "c": "çćĉċčÇĆĈĊČ", "d": "ďđðĎĐÐ",
		"e": "èéêëēĕėęěÈÉÊËĒĔĖĘĚ", "g": "ĝğġģĜĞĠĢ", "h": "ĥħĤĦ", "i": "ìíîïĩīĭįıǐĵÌÍÎÏĨĪĬĮİǏĴ",
		"ii": "ĳĲ", "k": "ķĸĶ", "l": "ĺļľŀłĹĻĽĿŁ", "n": "ñńņňŋÑŃŅŇŊ",
		"o": "òóôõöøōŏőǒºÒÓÔÕÖØŌŎŐǑ", "oe": "œŒ", "r": "ŕŗřŔŖŘ", "s": "śŝşšșŚŜŞŠȘſ", "ss": "ßẞ",
		"t": "ţťŧțŢŤŦȚ", "th": "þÞ", "u": "ùúûüũūŭůűųǔÙÚÛÜŨŪŬŮŰŲǓ", "w": "ŵŴ", "y": "ýÿŷÝŶŸ", "z": "źżžŹŻŽ",
	} {
		for _, r := range accented {
			m[r] = plain
		}
	}
	return m
}()

// fillers are words that a search does not insist on: articles, prepositions
// and the letters that elision leaves. They still count for the order of the
// results, since "Dello" and "Lei" are also municipalities.
var fillers = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields("a ad ai al alla alle allo agli all con d da dal dall dalla de dei degli del dell della delle dello di " +
		"e ed et gli i il in l la le lo nei nel nell nella nelle per su sul sull sulla sulle tra fra und der die das von") {
		m[w] = true
	}
	return m
}()
