package verifypage

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/pec"
)

// failure says in both languages why there is no verdict, in the words of
// pecverify: a test holds the two together.
type failure struct {
	code   pec.ErrorCode
	en, it string
	hints  [2]string // en, it; "" if there is nothing to do about it
}

func failuref(code pec.ErrorCode, en, it string, args ...any) *failure {
	return &failure{code: code, en: fmt.Sprintf(en, args...), it: fmt.Sprintf(it, args...)}
}

func (f *failure) text(l pec.Lang) string { return phrase{f.en, f.it}.in(l) }

// line is the line of JSON of a file without verdict.
func (f *failure) line(file string, l pec.Lang) string {
	line, err := pec.ErrorJSON(file, f.code, f.text(l))
	if err != nil {
		panic(err) // strings always have a form
	}
	return string(line)
}

// notOpened says why the mailbox could not give a message.
func notOpened(err error) *failure {
	e, ok := errors.AsType[*mailbox.Error](err)
	if !ok {
		return failuref(pec.ErrorUnreadable, "cannot be read: %v", "non si può leggere: %v", err)
	}
	f := &failure{code: pec.ErrorCode(e.Code), en: e.Text("en"), it: e.Text("it")}
	if e.Reason == mailbox.ReasonFormat {
		f.hints = [2]string{e.Format.Hint("en"), e.Format.Hint("it")}
	}
	return f
}

// notRead says why a message could not be read, or not to its end.
func notRead(err error) *failure {
	if e, ok := errors.AsType[*pec.LimitError](err); ok {
		en, it, args := "limit passed: %s, %d", "superato un limite: %s, %d", []any{e.Limit, e.Max}
		if e.Path != "" {
			en, it, args = en+" (part %s)", it+" (parte %s)", append(args, e.Path)
		}
		return failuref(pec.ErrorLimit, en, it, args...)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return failuref(pec.ErrorCanceled, "canceled", "interrotto")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, pec.ErrChanged):
		return failuref(pec.ErrorUnreadable, "changed while it was read", "modificato durante la lettura")
	}
	return notOpened(err)
}
