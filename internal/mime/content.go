package mime

import "io"

// LooksLikeMail reports whether the first bytes of a file start a mail: after
// an optional byte order mark and mbox From line, header fields with at least
// one that every mail has.
func LooksLikeMail(head []byte) bool { panic("todo") }

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

// DecodeWords reads RFC 2047 encoded words in a field value.
func DecodeWords(s string) string { panic("todo") }

// Address is one address of an address field.
type Address struct{ Name, Addr string }

// Addresses reads an address field (From, To, Reply-To, …) tolerantly: what
// can be read is returned, and the error names the first thing that cannot.
func Addresses(value string) ([]Address, error) { panic("todo") }
