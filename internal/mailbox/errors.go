package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Code is the kind of an error, as JSON reports it.
type Code string

// The codes. This package returns all but internal and usage.
const (
	CodeNotFound         Code = "not-found"
	CodeUnreadable       Code = "unreadable"
	CodeLimit            Code = "limit"
	CodeTruncatedArchive Code = "truncated-archive"
	CodeCanceled         Code = "canceled"
	CodeInternal         Code = "internal"
	CodeUsage            Code = "usage"
)

// Reason says more exactly than its code what happened.
type Reason uint8

// The reasons, each with its code.
const (
	ReasonIO           Reason = iota // unreadable: the error of the system is in Err
	ReasonNoSuchFile                 // not-found
	ReasonNothingFound               // not-found: a folder or archive without messages
	ReasonNotRegular                 // unreadable: a device, pipe or socket
	ReasonChanged                    // unreadable: became another file, or shorter, while it was read
	ReasonFormat                     // unreadable: another format, see Error.Format
	ReasonEncrypted                  // unreadable: entry needs a password
	ReasonMethod                     // unreadable: entry compressed in a way not read here; Max is the method
	ReasonDamaged                    // unreadable: entry does not match its checksum or its own structure
	ReasonSize                       // limit: message larger than Max
	ReasonDepth                      // limit: folders more than Max deep
	ReasonEntries                    // limit: archive with more than Max entries
	ReasonExpansion                  // limit: entry expands more than Max times
	ReasonOverlap                    // limit: entries use the same bytes of the archive, as in a zip bomb
	ReasonTruncated                  // truncated-archive
	ReasonCanceled                   // canceled
)

// Error says why a message could not be opened.
type Error struct {
	Code   Code
	Reason Reason
	Format Format // for ReasonFormat
	Max    int64  // the limit that was passed
	Err    error  // what the system said, or nil
}

// Error is the text in English.
func (e *Error) Error() string { return e.Text("en") }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Text says what happened in a language, "it" or else English. It names no
// file, and holds no text from outside but that of Err. [Format.Hint] says
// what to do about another format.
func (e *Error) Text(lang string) string {
	t := texts[e.Reason]
	text := t.en
	if lang == "it" {
		text = t.it
	}
	switch e.Reason {
	case ReasonIO:
		return fmt.Sprintf(text, e.Err)
	case ReasonFormat:
		return fmt.Sprintf(text, e.Format.Name(lang))
	case ReasonMethod, ReasonSize, ReasonDepth, ReasonEntries, ReasonExpansion:
		return fmt.Sprintf(text, e.Max)
	}
	return text
}

var texts = [...]struct{ en, it string }{
	ReasonIO:           {"cannot be read: %v", "non si può leggere: %v"},
	ReasonNoSuchFile:   {"no such file or folder", "file o cartella inesistente"},
	ReasonNothingFound: {"no message found", "nessun messaggio trovato"},
	ReasonNotRegular:   {"not a regular file (give - to read standard input)", "non è un file normale (con - si legge lo standard input)"},
	ReasonChanged:      {"changed while it was read", "modificato durante la lettura"},
	ReasonFormat:       {"not an e-mail file: %s", "non è un file di posta: %s"},
	ReasonEncrypted:    {"archive entry protected by a password", "elemento dell'archivio protetto da password"},
	ReasonMethod:       {"archive entry compressed with method %d, which is not read", "elemento dell'archivio compresso con il metodo %d, non gestito"},
	ReasonDamaged:      {"archive entry damaged", "elemento dell'archivio danneggiato"},
	ReasonSize:         {"message larger than %d bytes (see -max-size)", "messaggio di oltre %d byte (vedi -max-size)"},
	ReasonDepth:        {"folders nested more than %d deep", "cartelle annidate oltre %d livelli"},
	ReasonEntries:      {"archive with more than %d entries", "archivio con più di %d elementi"},
	ReasonExpansion:    {"archive entry expands more than %d times", "elemento dell'archivio che si espande oltre %d volte"},
	ReasonOverlap:      {"archive entries overlap", "elementi dell'archivio sovrapposti"},
	ReasonTruncated:    {"archive cut off or damaged", "archivio incompleto o danneggiato"},
	ReasonCanceled:     {"canceled", "interrotto"},
}

// asError gives any error its code. The path that the system's errors carry is
// left out: it is outside text, and the caller names the file.
func asError(ctx context.Context, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		return canceled(ctx)
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Code: CodeNotFound, Reason: ReasonNoSuchFile, Err: err}
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return &Error{Code: CodeUnreadable, Reason: ReasonIO, Err: err}
}

func canceled(ctx context.Context) *Error {
	return &Error{Code: CodeCanceled, Reason: ReasonCanceled, Err: context.Cause(ctx)}
}

func unreadable(r Reason) *Error { return &Error{Code: CodeUnreadable, Reason: r} }

func passed(r Reason, max int64) *Error { return &Error{Code: CodeLimit, Reason: r, Max: max} }

func truncated(err error) *Error {
	return &Error{Code: CodeTruncatedArchive, Reason: ReasonTruncated, Err: err}
}
