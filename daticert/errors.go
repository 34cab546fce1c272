package daticert

import (
	"errors"
	"fmt"
)

// ErrLimit is what [*SizeError], [*DepthError] and [*MarkupError] have in
// common: the document was not read because a limit was passed.
var ErrLimit = errors.New("daticert: a limit was passed")

// SizeError says that a document is over [Options.MaxSize].
type SizeError struct{ Size, Max int }

// Error gives both sizes.
func (e *SizeError) Error() string {
	return fmt.Sprintf("daticert: document of %d bytes is over the limit of %d", e.Size, e.Max)
}

// Unwrap returns [ErrLimit].
func (e *SizeError) Unwrap() error { return ErrLimit }

// DepthError says that elements are nested deeper than 16.
type DepthError struct {
	Line int // where the first element beyond the limit begins, from 1
	Max  int
}

// Error gives the place and the limit.
func (e *DepthError) Error() string {
	return fmt.Sprintf("daticert: line %d: elements nested deeper than the limit of %d", e.Line, e.Max)
}

// Unwrap returns [ErrLimit].
func (e *DepthError) Unwrap() error { return ErrLimit }

// MarkupError says that a document has more markup than [Options.MaxMarkup].
type MarkupError struct {
	Line int // where the limit was passed, from 1
	Max  int
}

// Error gives the place and the limit.
func (e *MarkupError) Error() string {
	return fmt.Sprintf("daticert: line %d: more elements, attributes and other markup than the limit of %d", e.Line, e.Max)
}

// Unwrap returns [ErrLimit].
func (e *MarkupError) Unwrap() error { return ErrLimit }

// SyntaxError says that a document is not well-formed XML, or not a daticert
// at all, and where.
type SyntaxError struct {
	Line int    // from 1; 0 if unknown
	Path string // element path where reading stopped, "" before the root; long names cut
	Err  error
}

// Error gives place and reason. Outside text in it is quoted and cut, but for
// the names in the path.
func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("daticert: line %d: %v", e.Line, e.Err)
	}
	return fmt.Sprintf("daticert: line %d: %s: %v", e.Line, e.Path, e.Err)
}

// Unwrap returns the reason.
func (e *SyntaxError) Unwrap() error { return e.Err }

// FieldError says which field [Data.AppendXML] cannot write.
type FieldError struct {
	Field string // wire name of the element or attribute, such as "mittente", "destinatari[2]" or "postacert/@tipo"
	Err   error
}

// Error names the field and the reason.
func (e *FieldError) Error() string {
	return fmt.Sprintf("daticert: cannot write %s: %v", e.Field, e.Err)
}

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }
