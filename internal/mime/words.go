package mime

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// word is one encoded word: "=?charset?B?text?=".
type word struct {
	charset string
	content []byte
}

// DecodeWords reads RFC 2047 encoded words in a field value. White space
// between two of them goes away, and two of the same character set are
// converted together, because senders cut characters in half. A word of an
// unknown character set, or that cannot be decoded, stays as it is written.
// Encoded words inside other text, which the norm forbids, are read too.
//
// spec: RFC 2047 §2, §6.2
func DecodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var open word      // read, not written yet: the next may belong to it
	afterWord := false // out ends with open
	for s != "" {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		w, length := cutWord(s[i:])
		if length == 0 {
			out.WriteString(open.take())
			out.WriteString(s[:i+2])
			s, afterWord = s[i+2:], false
			continue
		}
		between := s[:i]
		if afterWord && strings.TrimSpace(between) == "" {
			between = ""
		}
		if between != "" || !strings.EqualFold(open.charset, w.charset) {
			out.WriteString(open.take())
		}
		out.WriteString(between)
		open = word{w.charset, append(open.content, w.content...)}
		s, afterWord = s[i+length:], true
	}
	out.WriteString(open.take())
	out.WriteString(s)
	return out.String()
}

// take returns the text of the word and empties it.
func (w *word) take() string {
	if w.content == nil {
		return ""
	}
	text := decodeCharset(w.charset, w.content)
	*w = word{}
	return text
}

// cutWord reads the encoded word that s starts with and returns its length, 0
// if there is none that can be decoded.
func cutWord(s string) (word, int) {
	charset, rest, ok := cutAt(s[2:], '?')
	if !ok || charset == "" {
		return word{}, 0
	}
	encoding, rest, ok := cutAt(rest, '?')
	if !ok || len(encoding) != 1 {
		return word{}, 0
	}
	text, rest, ok := cutAt(rest, '?')
	if !ok || !strings.HasPrefix(rest, "=") {
		return word{}, 0
	}
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231 §5: a language may follow
	if !known(charset) {
		return word{}, 0
	}
	var content []byte
	switch encoding[0] {
	case 'B', 'b':
		content, ok = decodeB(text)
	case 'Q', 'q':
		content, ok = decodeQ(text), true
	default:
		return word{}, 0
	}
	if !ok {
		return word{}, 0
	}
	return word{charset, content}, len(s) - len(rest) + 1
}

// cutAt cuts at a separator that stands in the same encoded word: a line end
// never does.
func cutAt(s string, sep byte) (before, after string, ok bool) {
	for i := range len(s) {
		switch s[i] {
		case sep:
			return s[:i], s[i+1:], true
		case '\r', '\n':
			return "", s, false
		}
	}
	return "", s, false
}

func decodeB(text string) ([]byte, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.ReplaceAll(text, " ", ""), "="))
	return append([]byte{}, b...), err == nil
}

func decodeQ(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(text):
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
	}
	return out
}
