package ipa

import (
	"errors"
	"fmt"
	"strings"
)

// What a [*SyntaxError] can wrap.
var (
	ErrEmpty         = errors.New("empty file")
	ErrUnknownFormat = errors.New("not a dataset of the registry")
	ErrMissingColumn = errors.New("required column missing")
	ErrDoubleColumn  = errors.New("column given twice")
	ErrFieldCount    = errors.New("wrong number of values in the row")
	ErrQuote         = errors.New("quote never closed")
	ErrAfterQuote    = errors.New("text after a closing quote")
	ErrNUL           = errors.New("NUL byte")
	ErrTooLong       = errors.New("value or row too long")
	ErrTooManyRows   = errors.New("too many rows")
	ErrJSON          = errors.New("not the JSON of a dump")
	ErrImplausible   = errors.New("values do not fit the name of the column")
)

// SyntaxError says where a file cannot be read.
type SyntaxError struct {
	File   string // as named to the Builder
	Line   int    // from 1
	Column int    // from 1; 0 if the whole row or file is meant
	Name   string // of the column, if known
	Detail string // English; outside text in it is not made printable
	Err    error  // one of the errors above, or of the reader
}

// Error gives file, line, column and what is wrong.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ipa: %s:%d: ", e.File, e.Line)
	if e.Column > 0 {
		fmt.Fprintf(&b, "column %d", e.Column)
		if e.Name != "" {
			fmt.Fprintf(&b, " (%s)", e.Name)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Err.Error())
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }
