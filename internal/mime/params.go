package mime

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// param is one parameter of Content-Type or Content-Disposition as it stands,
// its name in lower case: "name", "name*", "name*0" or "name*0*".
type param struct{ name, value string }

// Params are the parameters of a Content-Type, each name once. They are few, and
// a map of them would cost more than all else that an entity holds.
type Params []param

// Get returns the value of a parameter, "" if it is not there. The name is in
// lower case.
func (p Params) Get(name string) string {
	for i := range p {
		if p[i].name == name {
			return p[i].value
		}
	}
	return ""
}

// Map returns the parameters by name.
func (p Params) Map() map[string]string {
	m := make(map[string]string, len(p))
	for _, one := range p {
		m[one.name] = one.value
	}
	return m
}

// cutParams reads the parameters of a field value whatever they look like:
// unquoted values with any characters, quotes that are not closed, comments,
// semicolons and commas too many, parameters twice. They are added to list.
func cutParams(v string, list []param) []param {
	_, v, _ = strings.Cut(v, ";")
	for v != "" {
		v = strings.TrimLeft(v, "; \t\r\n")
		i := strings.IndexAny(v, "=;")
		if i < 0 {
			break
		}
		if v[i] == ';' { // a word without value
			v = v[i:]
			continue
		}
		name := strings.ToLower(strings.TrimSpace(v[:i]))
		var value string
		value, v = cutValue(strings.TrimLeft(v[i+1:], " \t\r\n"))
		list = append(list, param{name, value})
	}
	return list
}

// cutValue reads one value and leaves what follows its semicolon.
func cutValue(v string) (value, rest string) {
	if !strings.HasPrefix(v, `"`) {
		value, rest, _ = strings.Cut(v, ";")
		if i := strings.IndexByte(value, '('); i > 0 && isBlank(value[i-1]) {
			value = value[:i] // a comment
		}
		return strings.TrimRight(value, ", \t\r\n"), rest
	}
	if end := strings.IndexAny(v[1:], `"\`) + 1; end > 0 && v[end] == '"' { // nothing escaped
		_, rest, _ = strings.Cut(v[end+1:], ";")
		return v[1:end], rest
	}
	var out strings.Builder
	for i := 1; i < len(v); i++ {
		switch {
		case v[i] == '"':
			_, rest, _ = strings.Cut(v[i+1:], ";")
			return out.String(), rest
		case v[i] == '\\' && i+1 < len(v) && strings.IndexByte(`()<>@,;:\"/[]?=`, v[i+1]) >= 0:
			// Only these are escaped; in others the backslash is that of a
			// Windows path, as the standard library reads it too.
			i++
			out.WriteByte(v[i])
		default:
			out.WriteByte(v[i])
		}
	}
	return out.String(), ""
}

// mergeParams joins continuations and decodes character sets. Of two with the
// same name the first counts; one in the form of RFC 2231 counts before a plain
// one.
//
// spec: RFC 2231 §3, §4
func mergeParams(list []param) Params {
	merged := make(map[string]string, len(list))
	var pieces map[string]map[string]string // by name, then by what follows the first "*"
	for _, p := range list {
		base, section, starred := strings.Cut(p.name, "*")
		if !starred {
			if _, ok := merged[base]; !ok {
				merged[base] = p.value
			}
			continue
		}
		if pieces == nil {
			pieces = make(map[string]map[string]string)
		}
		if pieces[base] == nil {
			pieces[base] = make(map[string]string)
		}
		if _, ok := pieces[base][section]; !ok {
			pieces[base][section] = p.value
		}
	}
	for base, sections := range pieces {
		if v, ok := joinSections(sections); ok {
			merged[base] = v
		}
	}
	out := make(Params, 0, len(merged))
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		out = append(out, param{name, merged[name]})
	}
	return out
}

// joinSections puts the pieces of one parameter together: "" is the only one,
// "0", "1", … are plain and "0*", "1*", … percent-encoded.
func joinSections(sections map[string]string) (string, bool) {
	if v, ok := sections[""]; ok {
		charset, b := cutCharset(v)
		return decodeCharset(charset, unpercent(nil, b)), true
	}
	var out []byte
	charset := ""
	n := 0
	for ; ; n++ {
		key := strconv.Itoa(n)
		if v, ok := sections[key]; ok {
			out = append(out, v...)
			continue
		}
		v, ok := sections[key+"*"]
		if !ok {
			break
		}
		if n == 0 {
			charset, v = cutCharset(v)
		}
		out = unpercent(out, v)
	}
	return decodeCharset(charset, out), n > 0
}

// cutCharset takes the character set and the language off a value.
func cutCharset(v string) (charset, rest string) {
	charset, rest, ok := strings.Cut(v, "'")
	if !ok {
		return "", v
	}
	if _, after, ok := strings.Cut(rest, "'"); ok {
		return charset, after
	}
	return "", v
}

// unpercent decodes %XX; a percent sign without two hexadecimal digits stays.
func unpercent(dst []byte, v string) []byte {
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) {
			if n, err := strconv.ParseUint(v[i+1:i+3], 16, 8); err == nil {
				dst = append(dst, byte(n))
				i += 2
				continue
			}
		}
		dst = append(dst, v[i])
	}
	return dst
}
