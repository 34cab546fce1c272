// Package safename reduces names from outside to names that a file can be given
// on every system.
//
// A message names its attachments, and whoever wrote it chose the names: a
// path, a device of Windows, a name that hides its extension. [File] gives the
// name to write such a part under, [Taken] keeps the names in one folder
// apart. All functions are pure; a Taken is for one goroutine.
package safename

import (
	"strconv"
	"strings"
)

// Max is how long a name that we write can be, in bytes.
const Max = 100

// File reduces a name from outside to one that is harmless on every
// system: ASCII letters, digits, ". - _" and spaces; at most 100 bytes; not
// starting with a dot, and not starting or ending with what Windows strips;
// none of the names that Windows keeps for devices. Italian letters lose their
// accent, every other run of characters becomes one "_".
func File(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:] // some programs write the whole path
	}
	s = fit(trim(reduce(s, true)))
	if strings.Trim(s, "_.- ") == "" {
		return "unnamed"
	}
	if reserved(s) {
		return fit("_" + s)
	}
	return s
}

// fit cuts a name before its extension. What is left may end in something that
// looks like one, with dots in front of it.
func fit(s string) string {
	base, ext := splitExt(s)
	base, ext = splitExt(trim(cutTo(base, Max-len(ext))) + ext)
	return trim(base) + ext
}

// Letters reduces a string to at most max letters, digits and "-" "_",
// which start and end with a letter or digit.
func Letters(s string, max int) string {
	return strings.Trim(cutTo(strings.Trim(reduce(s, false), "-_."), max), "-_.")
}

// unaccented are the letters that Italian names have.
var unaccented = strings.NewReplacer(
	"à", "a", "á", "a", "è", "e", "é", "e", "ì", "i", "í", "i", "ò", "o", "ó", "o", "ù", "u", "ú", "u",
	"À", "A", "Á", "A", "È", "E", "É", "E", "Ì", "I", "Í", "I", "Ò", "O", "Ó", "O", "Ù", "U", "Ú", "U",
)

// reduce replaces every run of characters that are not allowed by one "_".
func reduce(s string, spaces bool) string {
	var out strings.Builder
	gap := false
	for _, r := range unaccented.Replace(s) {
		ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			r == '.' || r == '-' || r == '_' || r == ' ' && spaces
		switch {
		case ok:
			out.WriteRune(r)
		case !gap:
			out.WriteByte('_')
		}
		gap = !ok
	}
	return out.String()
}

// trim takes off dots and spaces: a name that starts with a dot is hidden on
// Unix, and Windows drops those at the end.
func trim(s string) string { return strings.Trim(s, ". ") }

// splitExt splits off an extension of ordinary length.
func splitExt(name string) (base, ext string) {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || len(name)-i > 12 {
		return name, ""
	}
	return name[:i], name[i:]
}

func cutTo(s string, n int) string { return s[:min(len(s), max(0, n))] }

// reserved reports whether Windows takes a name for a device, whatever its
// extension.
func reserved(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	port := strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")
	return port && len(base) == 4 && base[3] >= '0' && base[3] <= '9'
}

// Taken are the names in one folder, in lower case: two that differ only
// in case are one on Windows and macOS. The value is the number to try next.
type Taken map[string]int

// Take returns the name, or if it is taken the first number of it that is not.
func (t Taken) Take(name string) string {
	free, n := name, max(2, t[strings.ToLower(name)])
	for t[strings.ToLower(free)] > 0 {
		free = Numbered(name, n)
		n++
	}
	t[strings.ToLower(free)] = 2
	t[strings.ToLower(name)] = n
	return free
}

// Numbered adds a number to a name, before its extension.
func Numbered(name string, n int) string {
	suffix := "-" + strconv.Itoa(n)
	base, ext := splitExt(name)
	return cutTo(base, Max-len(ext)-len(suffix)) + suffix + ext
}
