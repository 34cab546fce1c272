package mime

import "strings"

// plainContentType reads a Content-Type that says what it says in plain words:
// a type, then parameters with a token or a quoted string without escapes, each
// once. The grammar, the standard library and every client read it alike; ok is
// false for everything else. The parameters go into list, as far as there is room.
func plainContentType(v string, list []param) (mediaType string, _ []param, ok bool) {
	v = trimBlanks(v)
	major := tokenLength(v)
	if major == 0 || major == len(v) || v[major] != '/' {
		return "", nil, false
	}
	minor := tokenLength(v[major+1:])
	if minor == 0 {
		return "", nil, false
	}
	mediaType, v = strings.ToLower(v[:major+1+minor]), v[major+1+minor:]
	for {
		if v = trimBlanks(v); v == "" {
			return mediaType, list, true
		}
		if v[0] != ';' {
			return "", nil, false
		}
		v = trimBlanks(v[1:])
		n := tokenLength(v)
		if n == 0 || n == len(v) || v[n] != '=' || len(list) == maxPlainParams {
			return "", nil, false
		}
		name := strings.ToLower(v[:n])
		for i := range list {
			if list[i].name == name {
				return "", nil, false
			}
		}
		v = v[n+1:]
		var value string
		if v != "" && v[0] == '"' {
			end := strings.IndexByte(v[1:], '"') + 1
			if end == 0 || !isVisible(v[1:end]) {
				return "", nil, false
			}
			value, v = v[1:end], v[end+1:]
		} else {
			end := tokenLength(v)
			if end == 0 {
				return "", nil, false
			}
			value, v = v[:end], v[end:]
		}
		list = append(list, param{name, value})
	}
}

// maxPlainParams bounds the parameters that are compared with one another.
const maxPlainParams = 4

// tokenLength returns the length of the token that s starts with. Characters
// that mean something in RFC 2231 or RFC 2047 end it, too.
func tokenLength(s string) int {
	n := 0
	for n < len(s) {
		switch c := s[n]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '-', c == '_', c == '.', c == '+':
			n++
		default:
			return n
		}
	}
	return n
}

// isVisible reports whether a quoted string holds nothing but visible ASCII and
// spaces, and no escapes.
func isVisible(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}
