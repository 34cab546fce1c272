package mime

import (
	stdmime "mime"
	"strconv"
	"strings"
)

// maxBoundary is the longest boundary that is searched for. The norm allows
// 70; some senders use more.
const maxBoundary = 998

func identity(encoding string) bool {
	return encoding == "7bit" || encoding == "8bit" || encoding == "binary"
}

// isMessage reports whether the body is a message of its own.
//
// spec: RFC 2046 §5.2.1, RFC 6532 §3.7
func (e *Entity) isMessage() bool {
	return e.MediaType == "message/rfc822" || e.MediaType == "message/global"
}

// readContentType sets MediaType, Params and Encoding from the header.
func (e *Entity) readContentType(fallback string, at int64, room *slabs) {
	e.MediaType = fallback
	if value, count, differ := e.Header.First("Content-Type"); count > 0 {
		if differ {
			e.note("content-type-duplicate", at, "fields that differ: "+strconv.Itoa(count))
		}
		e.setContentType(value, at, room)
	}
	e.Encoding = "7bit"
	if value, count, differ := e.Header.First("Content-Transfer-Encoding"); count > 0 {
		if differ {
			e.note("encoding-duplicate", at, "fields that differ: "+strconv.Itoa(count))
		}
		e.setEncoding(value, at)
	}
}

func differ(values []string) bool {
	for _, v := range values[1:] {
		if v != values[0] {
			return true
		}
	}
	return false
}

// setEncoding reads a Content-Transfer-Encoding. A multipart is always read as
// it stands, as every client does.
//
// spec: RFC 2045 §6.1, §6.4
func (e *Entity) setEncoding(value string, at int64) {
	token, rest := cutToken(value)
	e.Encoding = strings.ToLower(token)
	switch e.Encoding {
	case "7bit", "8bit", "binary":
	case "":
		e.Encoding = "7bit"
		e.note("encoding", at, strconv.Quote(clip(value)))
	case "base64", "quoted-printable":
		if strings.HasPrefix(e.MediaType, "multipart/") {
			e.note("encoding", at, "a multipart in "+e.Encoding)
		}
	default:
		e.note("encoding", at, strconv.Quote(clip(value)))
	}
	if rest = strings.TrimSpace(rest); rest != "" && rest[0] != '(' {
		e.note("encoding", at, strconv.Quote(clip(value)))
	}
}

// cutToken returns the token that s starts with. spec: RFC 2045 §5.1
func cutToken(s string) (token, rest string) {
	i := 0
	for i < len(s) && s[i] > ' ' && s[i] < 0x7f && !strings.ContainsRune(`()<>@,;:\"/[]?=`, rune(s[i])) {
		i++
	}
	return s[:i], s[i:]
}

func clip(s string) string { return s[:min(len(s), 80)] }

// setContentType reads a Content-Type as clients do, so that the parts they
// show are the parts we see, and holds it against the grammar: what the
// standard library refuses, or of which it reads another boundary, is a defect.
// (It reads the character sets of RFC 2231 in part only, so that its parameters
// are not used.)
//
// spec: RFC 2045 §5.1, RFC 2231
func (e *Entity) setContentType(value string, at int64, room *slabs) {
	if mediaType, list, ok := plainContentType(value, room.plainParams()); ok {
		e.MediaType, e.Params = mediaType, room.keepParams(list)
		return
	}
	e.readContentTypeInFull(value, at)
}

// readContentTypeInFull is setContentType for any value.
func (e *Entity) readContentTypeInFull(value string, at int64) {
	mediaType, strict, err := stdmime.ParseMediaType(value)
	if err != nil || !strings.Contains(mediaType, "/") {
		e.note("content-type", at, strconv.Quote(clip(value)))
		if mediaType = typeOf(value); mediaType == "" {
			return
		}
		strict = nil
	}
	list := cutParams(value, nil)
	e.MediaType, e.Params = mediaType, mergeParams(list)
	if manyBoundaries(list) || strict != nil && strict["boundary"] != e.Params.Get("boundary") {
		e.note("content-type-duplicate", at, "the boundary can be read in more than one way")
	}
}

// typeOf returns the type and subtype at the start of a Content-Type.
func typeOf(value string) string {
	major, rest := cutToken(strings.TrimSpace(value))
	if !strings.HasPrefix(rest, "/") {
		return ""
	}
	minor, _ := cutToken(rest[1:])
	if major == "" || minor == "" {
		return ""
	}
	return strings.ToLower(major + "/" + minor)
}

// manyBoundaries reports whether two parameters give the boundary and differ,
// or one is plain and one is of RFC 2231, so that parsers choose differently.
func manyBoundaries(list []param) bool {
	var plain []string
	extended := false
	for _, p := range list {
		base, _, starred := strings.Cut(p.name, "*")
		if base != "boundary" {
			continue
		}
		if starred {
			extended = true
		} else {
			plain = append(plain, p.value)
		}
	}
	return len(plain) > 0 && (extended || differ(plain))
}

// boundary returns the boundary of a multipart, "" if there is none that can
// be searched for.
//
// spec: RFC 2046 §5.1.1
func (e *Entity) boundary(at int64) string {
	b := strings.TrimRight(e.Params.Get("boundary"), " \t")
	if b == "" || len(b) > maxBoundary || strings.ContainsAny(b, "\r\n\x00") {
		e.note("no-boundary", at, "")
		return ""
	}
	if len(b) > 70 || len(b) < len(e.Params.Get("boundary")) || strings.ContainsFunc(b, notBchar) {
		e.note("boundary", at, strconv.Quote(clip(b)))
	}
	return b
}

func notBchar(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		return false
	}
	return !strings.ContainsRune("'()+_,-./:=? ", r)
}
