package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/pec"
)

// notOpened says why the mailbox could not give a message.
func notOpened(err error) *failure {
	if e, ok := errors.AsType[*mailbox.Error](err); ok {
		return &failure{pec.ErrorCode(e.Code), e.Text("en"), e.Text("it")}
	}
	return unreadable(err)
}

// formatHints say what to do about a file of another format. They are in both
// languages, because people hold such files in either language's mail program.
func formatHints(err error) []string {
	e, ok := errors.AsType[*mailbox.Error](err)
	if !ok || e.Reason != mailbox.ReasonFormat {
		return nil
	}
	return []string{e.Format.Hint("it"), e.Format.Hint("en")}
}

// notRead says why a message could not be read, or not to its end.
func notRead(err error) *failure {
	if e, ok := errors.AsType[*pec.LimitError](err); ok {
		return limitPassed(e)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return canceled()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, pec.ErrChanged):
		return failuref(pec.ErrorUnreadable, "changed while it was read", "modificato durante la lettura")
	}
	return notOpened(err)
}

func unreadable(err error) *failure {
	return failuref(pec.ErrorUnreadable, "cannot be read: %v", "non si può leggere: %v", cause(err))
}

// cause leaves the path out of an error of the system, for a message that names
// the file already, in the user's own words.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func canceled() *failure { return failuref(pec.ErrorCanceled, "canceled", "interrotto") }

func limitPassed(e *pec.LimitError) *failure {
	en, it := "limit passed: %s, %d", "superato un limite: %s, %d"
	if e.Path == "" {
		return failuref(pec.ErrorLimit, en, it, e.Limit, e.Max)
	}
	return failuref(pec.ErrorLimit, en+" (part %s)", it+" (parte %s)", e.Limit, e.Max, e.Path)
}

// cancelReaderAt ends the reading of a file when its context is canceled.
// Package pec gives no verdict on a message that a read failed of.
type cancelReaderAt struct {
	ctx context.Context
	r   io.ReaderAt
}

func (c cancelReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.ReadAt(p, off)
}

// firstFrame names the place of a crash, for whoever reports it.
func firstFrame(stack []byte) string {
	for line := range strings.Lines(string(stack)) {
		if strings.HasPrefix(line, "github.com/gopec/gopec/") && !strings.Contains(line, "cmd/pecverify.(*program).verify") {
			return strings.TrimSpace(line)
		}
	}
	return "github.com/gopec/gopec"
}
