package mailbox_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

func TestOpenedMailbox(t *testing.T) {
	t.Parallel()
	const mail = "From: a@example.it\nSubject: s\n\ntext\n"
	broken := errors.New("broken")
	for _, c := range []struct {
		reason, name string
		data         []byte
		want         map[string]string // by file, what is in it or the code of its error
	}{
		{"one message", "a.eml", []byte(mail), map[string]string{"a.eml": mail}},
		{"whatever it is called", "-", []byte(mail), map[string]string{"-": mail}},
		{"a name with a path opens nothing", "../../a.eml", []byte(mail), map[string]string{"../../a.eml": mail}},
		{"an archive", "a.zip", zipOf(t, entry{name: "x/1.eml", content: mail}, entry{name: "note.txt", content: "no mail"}, entry{name: "2.eml", content: mail, stored: true}),
			map[string]string{"a.zip!/x/1.eml": mail, "a.zip!/2.eml": mail}},
		{"an mbox", "m.mbox", []byte("From a\n" + mail + "\nFrom b\n" + mail), map[string]string{"m.mbox#1": mail, "m.mbox#2": mail}},
		{"an archive without mail", "a.zip", zipOf(t, entry{name: "note.txt", content: "no mail"}), map[string]string{"a.zip": "not-found"}},
	} {
		got := map[string]string{}
		box := mailbox.NewOpened(c.name, bytes.NewReader(c.data), int64(len(c.data)), nil)
		for item := range box.Items(t.Context()) {
			r, size, err := item.Open(t.Context())
			if e, ok := errors.AsType[*mailbox.Error](err); ok {
				got[item.File] = string(e.Code)
			} else {
				text, err := io.ReadAll(io.NewSectionReader(r, 0, size))
				require.NoError(t, err)
				got[item.File] = string(text)
			}
			require.NoError(t, item.Close())
		}
		require.Equal(t, c.want, got, c.reason)
	}

	box := mailbox.NewOpened("a.eml", readerAt(func([]byte, int64) (int, error) { return 0, broken }), 100, nil)
	for item := range box.Items(t.Context()) {
		_, _, err := item.Open(t.Context())
		require.ErrorIs(t, err, broken, "what the reader says is told")
	}
}

type readerAt func(p []byte, off int64) (int, error)

func (r readerAt) ReadAt(p []byte, off int64) (int, error) { return r(p, off) }
