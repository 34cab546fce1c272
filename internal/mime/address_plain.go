package mime

// plainAddresses reads an address field that holds nothing but addresses in
// plain letters, each by itself or in angle brackets behind a quoted name or
// none, with commas between them: the field of nearly every PEC message. What
// it accepts it reads as the grammar does, at a fraction of the cost, and adds to
// the list; ok is false for everything else.
func plainAddresses(out []Address, s string) (_ []Address, ok bool) {
	if len(s) > maxPlain {
		return nil, false
	}
	for {
		s = trimBlanks(s)
		name := ""
		if s != "" && s[0] == '"' {
			end := 1
			for end < len(s) && isPlainQuoted(s[end]) {
				end++
			}
			if end == 1 || end == len(s) || s[end] != '"' {
				return nil, false
			}
			name, s = s[1:end], trimBlanks(s[end+1:])
			if s == "" || s[0] != '<' {
				return nil, false
			}
		}
		angle := s != "" && s[0] == '<'
		if angle {
			s = s[1:]
		}
		n := plainAddrSpec(s)
		if n == 0 || angle && (n == len(s) || s[n] != '>') {
			return nil, false
		}
		out = append(out, Address{Name: name, Addr: s[:n]})
		if s = s[n:]; angle {
			s = s[1:]
		}
		if s = trimBlanks(s); s == "" {
			return out, true
		}
		if s[0] != ',' {
			return nil, false
		}
		s = s[1:]
	}
}

// maxPlain bounds what is read for nothing of a field that turns out not to be
// plain.
const maxPlain = 4 << 10

func trimBlanks(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	return s
}

// isPlainQuoted leaves out what is special in a quoted string, and the "=" of
// encoded words, which are read there too.
func isPlainQuoted(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=' }

// plainAddrSpec returns the length of the address that s starts with, 0 if it
// is none in plain letters.
func plainAddrSpec(s string) int {
	local := plainDotAtom(s)
	if local == 0 || local == len(s) || s[local] != '@' {
		return 0
	}
	domain := plainDotAtom(s[local+1:])
	if domain == 0 {
		return 0
	}
	return local + 1 + domain
}

// plainDotAtom returns the length of the letters, digits, hyphens and
// underscores with single dots between them that s starts with. What follows
// them must be what may follow an address.
func plainDotAtom(s string) int {
	n := 0
	for n < len(s) {
		c := s[n]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		case c == '.' && n > 0 && s[n-1] != '.':
		case isBlank(c), c == ',', c == '>', c == '@':
			if n == 0 || s[n-1] == '.' {
				return 0
			}
			return n
		default:
			return 0
		}
		n++
	}
	if n > 0 && s[n-1] == '.' {
		return 0
	}
	return n
}
