package ldif

import (
	"encoding/base64"
	"strings"
)

// lineWidth is where lines are folded, as most writers do.
const lineWidth = 76

// Append writes a record at the end of b: its DN and attributes, and the blank
// line after it. Values that plain text cannot hold are written in base64.
// Records reads back what was written; names are not checked.
//
// spec: RFC 2849
func Append(b []byte, r *Record) []byte {
	b = appendValue(b, "dn", []byte(r.DN))
	for _, a := range r.Attributes {
		b = appendValue(b, strings.Join(append([]string{a.Name}, a.Options...), ";"), a.Value)
	}
	return append(b, '\n')
}

func appendValue(b []byte, name string, value []byte) []byte {
	line := name + ": " + string(value)
	switch {
	case len(value) == 0:
		line = name + ":"
	case !safe(value):
		line = name + ":: " + base64.StdEncoding.EncodeToString(value)
	}
	for width := lineWidth; len(line) > width; width = lineWidth - 1 {
		b = append(append(b, line[:width]...), "\n "...)
		line = line[width:]
	}
	return append(append(b, line...), '\n')
}

// safe reports whether plain text can hold a value.
//
// spec: RFC 2849, SAFE-STRING and note 8 (no space at the end)
func safe(value []byte) bool {
	switch value[0] {
	case ' ', ':', '<':
		return false
	}
	for _, c := range value {
		if c == 0 || c == '\n' || c == '\r' || c >= 0x80 {
			return false
		}
	}
	return value[len(value)-1] != ' '
}
