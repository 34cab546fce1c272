// Package mime finds the parts of a mail as ranges of its bytes.
//
// It exists because signatures are over bytes: what a MIME library hands out
// has been decoded, and cannot be hashed. A scan reads the message once, from
// front to back through a fixed buffer, and keeps offsets; contents are read
// later, from the same bytes. The meaning of a decoded part (transfer encoding)
// comes from github.com/emersion/go-message.
//
// Start with [NewSource] or [NewBytes] and [Scan]; then [Entity.Reader] gives
// bytes to hash and [Entity.Open] gives content to read. Nothing here verifies
// anything. Departures from the norm are [Defect] values on the entity where
// they were found; the only errors of a scan are limits and reading errors.
//
// An Entity does not change after the scan; its methods may be called from
// several goroutines if the io.ReaderAt behind it allows that.
//
// spec: RFC 2045, RFC 2046 §5.1, RFC 5322 §2
package mime

import (
	"cmp"
	"slices"
)

// Section is a range of the message's bytes.
type Section struct{ Offset, Length int64 }

// End is the offset of the first byte after the section.
func (s Section) End() int64 { return s.Offset + s.Length }

// LineEnds counts the line ends of a range.
type LineEnds struct {
	CRLF, LF int // lines ended by CRLF, and by LF alone
}

// minus is the count of the range that is in l and not in earlier, both
// counted from the same start.
func (l LineEnds) minus(earlier LineEnds) LineEnds {
	return LineEnds{CRLF: l.CRLF - earlier.CRLF, LF: l.LF - earlier.LF}
}

// Defect is a departure from the norm that did not stop the scan. An entity has
// at most one of each ID, at the first place where it was seen.
//
//	mbox-from                  a "From " line before the message, skipped
//	bom                        a UTF-8 byte order mark before the message, skipped
//	no-header                  the entity starts with a line that is no header field: all of it is body
//	header-line                a header line that is neither field nor continuation, skipped
//	header-space               white space between a field name and its colon
//	content-type               Content-Type that the grammar forbids, read as clients read it
//	content-type-duplicate     two Content-Type fields, or two boundaries in one, that differ: the first counts
//	encoding                   Content-Transfer-Encoding unknown, or forbidden for this type
//	encoding-duplicate         two Content-Transfer-Encoding fields that differ: the first counts
//	no-boundary                a multipart without usable boundary: a leaf
//	boundary                   a boundary longer than 70 characters or of forbidden ones
//	boundary-repeated          the boundary is that of an enclosing multipart
//	boundary-prefix            a line starts like a delimiter and goes on
//	no-delimiter               a multipart in which the boundary never occurs
//	no-closing-delimiter       a multipart that ends without its closing delimiter
//	delimiter-after-close      a delimiter in the epilogue of its own multipart
//	nul                        a NUL byte outside binary content
//	bare-cr                    a CR without LF outside binary content
type Defect struct {
	ID     string
	Path   string // of the entity
	Offset int64  // in the bytes of the entity's Source
	Detail string
}

// Entity is a message or a part of one.
type Entity struct {
	// Path is "" for the message, "1", "2", … for the parts of a multipart and
	// "1" for the message inside a message/rfc822, each appended to the path of
	// the entity around it: the message inside part 2 is "2.1", the parts of
	// that message are "2.1.1", "2.1.2", …. (IMAP leaves the message itself
	// out, and so has two things under one number.)
	Path   string
	Header Header
	// Raw is the header block, the blank line and the body: what a signature
	// over this entity is over. It starts after the line end of the delimiter
	// before it and ends before the line end of the delimiter after it. Body is
	// Raw after the blank line.
	Raw, Body   Section
	HeaderLines LineEnds // of the header block and its blank line
	Lines       LineEnds // of Raw

	MediaType string // lower case, "text/plain" when absent or not to be read
	Params    Params // names in lower case
	Encoding  string // Content-Transfer-Encoding in lower case, "7bit" when absent

	Parts   []*Entity // of a multipart; for an unencoded message/rfc822 the one message inside
	Defects []Defect
	Closed  bool // the closing delimiter of a multipart was found

	quoted             bool  // a line starts with ">…>From "
	depth              int32 // of multipart and message/rfc822 around and including it
	preamble, epilogue int64 // their length
	src                *Source
	filename           string
}

// Preamble returns what stands before the first delimiter of a multipart.
//
// spec: RFC 2046 §5.1.1
func (e *Entity) Preamble() Section { return Section{e.Body.Offset, e.preamble} }

// Epilogue returns what stands behind the closing delimiter of a multipart.
//
// spec: RFC 2046 §5.1.1
func (e *Entity) Epilogue() Section { return Section{e.Body.End() - e.epilogue, e.epilogue} }

// HasQuotedFrom reports whether the entity has a line that starts with one or
// more ">" and "From ". The scan has noted it. Lines with more than 4,000 ">"
// are not counted.
func (e *Entity) HasQuotedFrom() bool { return e.quoted }

// Source returns the bytes that the entity's sections are ranges of.
func (e *Entity) Source() *Source { return e.src }

// All yields the entity and everything below it, in document order. Messages
// in encoded parts are not opened.
func (e *Entity) All(yield func(*Entity) bool) { e.all(yield) }

func (e *Entity) all(yield func(*Entity) bool) bool {
	if !yield(e) {
		return false
	}
	for _, p := range e.Parts {
		if !p.all(yield) {
			return false
		}
	}
	return true
}

// sortDefects brings them into the order of their places. They are found in another
// one, which depends on where the blocks of a file end.
func (e *Entity) sortDefects() {
	slices.SortFunc(e.Defects, func(a, b Defect) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.ID, b.ID))
	})
}

// note records a defect, once per ID.
func (e *Entity) note(id string, offset int64, detail string) {
	for _, d := range e.Defects {
		if d.ID == id {
			return
		}
	}
	e.Defects = append(e.Defects, Defect{ID: id, Path: e.Path, Offset: offset, Detail: detail})
}
