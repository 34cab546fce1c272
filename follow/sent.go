package follow

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gopec/gopec/internal/mime"
)

// Sent is a mail that the sender kept, read once and ready to be compared with
// any number of messages. It may be used by several goroutines at once.
type Sent struct {
	file   *io.SectionReader
	mail   *mime.Entity
	leaves []*leaf
	whole  digest // of all bytes
	rest   digest // of what nobody may change on the way
}

// NewSent reads a mail of size bytes as a stream, several times. r must stay open
// until the last use. The error is the reader's own, or a limit passed.
func NewSent(r io.ReaderAt, size int64) (*Sent, error) {
	s := new(Sent)
	var err error
	if s.mail, err = mime.Scan(mime.NewSource(r, size, true), nil); err != nil {
		return nil, fmt.Errorf("follow: reading the file: %w", err)
	}
	defer s.release()
	s.file = io.NewSectionReader(pinned{s.mail}, 0, size)
	if s.leaves, err = leaves(s.mail, func(*mime.Entity) bool { return false }); err == nil {
		if s.whole, err = digestOf(whole(s.mail)); err == nil {
			s.rest, err = digestOf(unchanged(s.mail))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("follow: reading the file: %w", err)
	}
	return s, nil
}

// release lets go of the file's bytes, so that many files can be kept and each use
// reads what is there then.
func (s *Sent) release() { s.mail.Source().Release() }

// pinned reads a mail at any offset: the bytes that were read first, or
// mime.ErrChanged. What a hash stands for is read again for each receipt, and
// must be what the other parts were taken from.
type pinned struct{ mail *mime.Entity }

// ReadAt implements io.ReaderAt.
func (p pinned) ReadAt(b []byte, off int64) (int, error) {
	left := p.mail.Source().Size() - off
	if off < 0 || left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), left)
	got, err := io.ReadFull(p.mail.Reader(mime.Section{Offset: off, Length: n}, mime.Form{}), b[:n])
	if err == nil && n < int64(len(b)) {
		err = io.EOF
	}
	return got, err
}

// MessageID is the mail's Message-ID as FoldID gives it, "" if it has none.
func (s *Sent) MessageID() string { return FoldID(s.mail.Header.Get("Message-ID")) }

// Subject is the mail's decoded Subject: outside text.
func (s *Sent) Subject() string {
	return strings.Join(strings.Fields(mime.DecodeWords(s.mail.Header.Get("Subject"))), " ")
}

// From and To are the addresses that the mail's header names: From; To, Cc and
// Bcc. Each is there once, in order; case does not tell two apart. They are what
// the file says, and not certified.
func (s *Sent) From() []string { return s.addresses("From") }

// To is described at From.
func (s *Sent) To() []string { return s.addresses("To", "Cc", "Bcc") }

func (s *Sent) addresses(fields ...string) []string {
	var list []string
	seen := make(map[string]bool)
	for _, field := range fields {
		for _, value := range s.mail.Header.Values(field) {
			found, _ := mime.Addresses(value)
			for _, a := range found {
				if key := foldAddress(a.Addr); key != "" && !seen[key] {
					seen[key] = true
					list = append(list, strings.TrimSpace(a.Addr))
				}
			}
		}
	}
	return list
}

// without returns the parts but for those at some positions and all inside them.
func (s *Sent) without(paths []string) []*leaf {
	return slices.DeleteFunc(slices.Clone(s.leaves), func(l *leaf) bool {
		return slices.ContainsFunc(paths, func(p string) bool {
			return p == "" || l.Path == p || strings.HasPrefix(l.Path, p+".")
		})
	})
}

func whole(e *mime.Entity) io.Reader {
	return e.Reader(mime.Section{Length: e.Source().Size()}, mime.Form{})
}

func digestOf(r io.Reader) (d digest, err error) {
	h := sha256.New()
	if _, err = io.Copy(h, r); err == nil {
		h.Sum(d[:0])
	}
	return d, err
}
