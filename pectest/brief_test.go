package pectest_test

import (
	"bytes"
	"crypto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/receipt"
)

// TestBrief: the hashes of a brief receipt are those of the attachments that were
// sent, whichever way the provider reads the norm, and a changed attachment is
// told.
//
// spec: RFC 6109 §3.3.2.2
func TestBrief(t *testing.T) {
	t.Parallel()
	l := letter{to: []string{one}, receipt: "breve", files: []file{
		{"atto.pdf", strings.Repeat("contenuto dell'atto\n", 400)}, {"nota.txt", "una nota"},
	}}
	for _, test := range []struct {
		name   string
		habits []pectest.ProviderOption
		hash   crypto.Hash
		of     receipt.Hashed
	}{
		{"SHA-1 of the encoded part", nil, crypto.SHA1, receipt.HashedBody},
		{"SHA-256 of the encoded part", []pectest.ProviderOption{pectest.WithBriefSHA256()}, crypto.SHA256, receipt.HashedBody},
		{"SHA-1 of the content", []pectest.ProviderOption{pectest.WithBriefDecoded()}, crypto.SHA1, receipt.HashedContent},
		{"LF files", []pectest.ProviderOption{pectest.WithLF()}, crypto.SHA1, receipt.HashedBody},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t, with(test.habits...)...)
			submit(t, c, l)
			r := certified(t, c, c.Mailbox(sender).Last(pec.KindDelivery))
			brief, err := r.Message.Notice.Brief()
			require.NoError(t, err)
			require.Len(t, brief.Hashes, 2)

			same := compare(t, brief, l)
			require.True(t, same.Same())
			for _, m := range same.Matches {
				require.Equal(t, test.hash, m.Hash)
				require.Equal(t, test.of, m.Of)
			}

			changed := l
			changed.files = []file{l.files[0], {"nota.txt", "una Nota"}}
			other := compare(t, brief, changed)
			require.False(t, other.Same())
			require.Equal(t, receipt.MatchSame, other.Matches[0].Status)
			require.Equal(t, receipt.MatchChanged, other.Matches[1].Status)

			enclosed, err := brief.CompareEnclosed(certified(t, c, c.Mailbox(one).Last(pec.KindTransport)).Message.Original())
			require.NoError(t, err)
			require.True(t, enclosed.Same(), "the copy in the envelope is the one that was sent")
		})
	}
}

func compare(t *testing.T, b *receipt.Brief, l letter) *receipt.Comparison {
	t.Helper()
	mail := l.bytes()
	c, err := b.Compare(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	require.Len(t, c.Matches, 2)
	return c
}
