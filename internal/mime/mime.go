// Package mime finds the parts of a mail as ranges of its bytes.
//
// It exists because signatures are over bytes: what a MIME library hands out
// has been decoded, and cannot be hashed. A scan reads the message once, from
// front to back through a fixed buffer, and keeps offsets; contents are read
// later, from the same bytes. The meaning of a decoded part (transfer encoding,
// character set, encoded words) comes from github.com/emersion/go-message.
//
// spec: RFC 2045, RFC 2046 §5.1, RFC 5322 §2
package mime

import (
	"io"
)

// Limits bound a scan. A zero field means the default given beside it.
type Limits struct {
	Message int64 // bytes of the whole message; 512 MiB
	Parts   int   // entities of all depths; 10,000
	Nesting int   // depth of multipart and message/rfc822; 20
	Header  int   // bytes of one header block; 1 MiB
	Inner   int64 // bytes of a message decoded from an encoded part; 16 MiB
}

// LimitError says which limit a message passed.
type LimitError struct {
	Limit string // "message", "parts", "nesting", "header", "inner"
	Max   int64
	Path  string // entity where it happened
}

func (e *LimitError) Error() string { panic("todo") }

// Section is a range of the message's bytes.
type Section struct{ Offset, Length int64 }

// LineEnds counts the line ends of a range.
type LineEnds struct {
	CRLF, LF int // lines ended by CRLF, and by LF alone
	CR       int // CR followed by something else than LF
	NUL      int
}

// Field is one header field as it stands in the message.
type Field struct {
	Name string // as written, without the colon
	Raw  []byte // the whole field with folding and line ends
}

// Value returns the field's body, unfolded, without white space around it.
func (f Field) Value() string { panic("todo") }

// Header is a header block, in order.
type Header []Field

// Get returns the value of the first field of that name, in any case; "" if
// there is none. Values and Has see all of them.
func (h Header) Get(name string) string { panic("todo") }

// Values returns the value of every field of that name, in order.
func (h Header) Values(name string) []string { panic("todo") }

// Has reports whether there is a field of that name.
func (h Header) Has(name string) bool { panic("todo") }

// Defect is a departure from the norm that did not stop the scan.
type Defect struct {
	ID     string // "nul", "bare-cr", "no-closing-delimiter", "no-boundary", "boundary-prefix", "header-line", "encoding", "content-type", ...
	Path   string
	Offset int64
	Detail string
}

// Entity is a message or a part of one.
type Entity struct {
	Path   string // "" for the message, "1", "1.2", …; the message inside a message/rfc822 part 2 is "2.1"
	Header Header
	// Raw is the header block, the blank line and the body: what a signature
	// over this entity is over. Body is Raw after the blank line.
	Raw, Body   Section
	HeaderLines LineEnds // of the header block
	Lines       LineEnds // of Raw

	MediaType string            // lower case, "text/plain" when absent or not to be read
	Params    map[string]string // names in lower case
	Encoding  string            // Content-Transfer-Encoding in lower case, "7bit" when absent

	Parts    []*Entity // of a multipart; for an unencoded message/rfc822 the one message inside
	Preamble Section
	Epilogue Section
	Closed   bool // the closing delimiter of a multipart was found
	Defects  []Defect

	src *Source
}

// Source is the bytes of one message. Every read after the scan returns the
// bytes that were scanned, or [ErrChanged].
type Source struct {
	// TODO
}

// ErrChanged says that the bytes behind an io.ReaderAt are not those that
// were scanned.
var ErrChanged error

// NewSource gives access to size bytes of r. If pin is set, r may change
// behind our back (a file): a hash of each block is kept by the scan and
// checked at each later read.
func NewSource(r io.ReaderAt, size int64, pin bool) *Source { panic("todo") }

// Scan reads the message once and returns its tree. The error is a
// *LimitError, ErrChanged or the reader's own; everything else is a Defect. An
// empty message, or one that is no mail at all, is an Entity without header.
func Scan(src *Source, lim *Limits) (*Entity, error) { panic("todo") }

// LooksLikeMail reports whether the first bytes of a file start a mail: after
// an optional byte order mark and mbox From line, header fields with at least
// one that every mail has.
func LooksLikeMail(head []byte) bool { panic("todo") }

// Form says in which form the bytes of a section are read.
type Form struct {
	Canonical bool // LF without CR before it is read as CRLF
	Unquote   Unquote
}

// Unquote says which mbox quoting is taken off.
type Unquote uint8

const (
	AsQuoted    Unquote = iota // nothing
	UnquoteAll                 // one ">" from every line of the form ">…>From " (mboxrd)
	UnquoteFrom                // ">" from lines starting ">From " only (mboxo)
)

// HasQuotedFrom reports whether a section has a line that starts with one or
// more ">" and "From ". The scan has noted it.
func (e *Entity) HasQuotedFrom() bool { panic("todo") }

// Reader returns the bytes of a section of the entity's message in a form.
func (e *Entity) Reader(s Section, f Form) io.Reader { panic("todo") }

// Open returns the content of a leaf: transfer encoding taken off, character
// set left alone. What cannot be decoded ends in an error.
func (e *Entity) Open(f Form) io.Reader { panic("todo") }

// Text returns the content of a text part in UTF-8, at most max bytes of it.
// Characters that cannot be converted become U+FFFD.
func (e *Entity) Text(f Form, max int64) (string, error) { panic("todo") }

// Filename returns the part's name: parameter filename of Content-Disposition,
// else name of Content-Type, decoded.
func (e *Entity) Filename() string { panic("todo") }

// Message returns the message inside a message/rfc822 part, or inside another
// part whose content is known to be a mail. One that is transfer-encoded is
// decoded into memory, up to Limits.Inner.
func (e *Entity) Message(f Form, lim *Limits) (*Entity, error) { panic("todo") }

// All yields the entity and everything below it, in document order. Messages
// in encoded parts are not opened.
func (e *Entity) All(yield func(*Entity) bool) { panic("todo") }

// DecodeWords reads RFC 2047 encoded words in a field value.
func DecodeWords(s string) string { panic("todo") }

// Address is one address of an address field.
type Address struct{ Name, Addr string }

// Addresses reads an address field (From, To, Reply-To, …) tolerantly: what
// can be read is returned, and the error names the first thing that cannot.
func Addresses(value string) ([]Address, error) { panic("todo") }
