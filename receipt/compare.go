package receipt

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/smime"
)

// MatchStatus is what comparing one attachment found.
type MatchStatus string

// The outcomes for one attachment.
const (
	MatchSame       MatchStatus = "same"       // the hash is that of the attachment
	MatchChanged    MatchStatus = "changed"    // the hash is another
	MatchMissing    MatchStatus = "missing"    // the original has it, the receipt has no hash of it
	MatchExtra      MatchStatus = "extra"      // the receipt has a hash of what the original does not have
	MatchUnreadable MatchStatus = "unreadable" // the text in the receipt is no hash, or the attachment cannot be decoded
)

// Hashed is what of an attachment was hashed. RFC 6109 §3.3.2.2 says both "the
// entire content of the part" and "base64 encoded parts", and nothing of the
// line end before a boundary, which belongs to the boundary.
type Hashed string

// What can be hashed of an attachment.
const (
	HashedContent     Hashed = "content"      // the content, transfer encoding taken off
	HashedBody        Hashed = "body"         // the body as it is encoded, without the CRLF of the boundary after it
	HashedBodyCRLF    Hashed = "body+crlf"    // the same with that CRLF
	HashedBodyTrimmed Hashed = "body-trimmed" // the same without its own last CRLF
)

// Match is the outcome for one attachment.
type Match struct {
	Name   string // of the attachment, "" for a mail without one
	Path   string // its MIME position in the original, such as "2"; "" for an extra hash
	Status MatchStatus
	// Hash and Of say which hash of what was equal; set for MatchSame only.
	Hash crypto.Hash
	Of   Hashed
}

// Comparison is what comparing a brief receipt with the original found: a Match
// for each attachment of the original, in its order, then those that are extra.
//
// It says nothing of what a brief receipt holds in full: the text of the
// message, and the attachments of a message that is opaquely signed or
// encrypted. The original's header and text are to be compared as they stand.
type Comparison struct {
	Matches []Match
}

// Same reports whether every attachment is the one that was delivered, and none
// is missing or extra. It is true for a message without attachments.
func (c *Comparison) Same() bool {
	for _, m := range c.Matches {
		if m.Status != MatchSame {
			return false
		}
	}
	return true
}

// Compare compares the hashes with the message that the sender kept, of size
// bytes: the mail as it was submitted, or postacert.eml of the envelope. Its
// attachments are those that RFC 6109 has replaced, found by name, and by
// position where names repeat. Line ends may be LF.
//
// Nothing here is verified: that the receipt is authentic is pec.Verify's
// answer. SHA-1 is what the norm has; two files made to have one SHA-1 cannot be
// told apart by it. In FIPS 140-only mode a SHA-1 hash is an error.
//
// The error is that of the reader, or a limit passed. The message is read as a
// stream.
//
// spec: RFC 6109 §3.3.2.2
func (b *Brief) Compare(original io.ReaderAt, size int64) (*Comparison, error) {
	source := mime.NewSource(original, size, true)
	defer source.Release()
	root, err := mime.Scan(source, nil)
	if err != nil {
		return nil, fmt.Errorf("receipt: reading the original: %w", err)
	}
	return b.compare(root)
}

// CompareEnclosed is Compare with the original inside a transport envelope or a
// complete receipt.
func (b *Brief) CompareEnclosed(original *smime.Original) (*Comparison, error) {
	if original == nil || original.Message() == nil {
		return nil, fmt.Errorf("receipt: there is no original to compare with")
	}
	s, err := original.Section()
	if err != nil {
		return nil, fmt.Errorf("receipt: reading the original: %w", err)
	}
	return b.Compare(s, s.Size())
}

func (b *Brief) compare(root *mime.Entity) (*Comparison, error) {
	parts := attachments(root)
	partner, extra := b.pair(parts)
	c := new(Comparison)
	for i, a := range parts {
		m := Match{Name: a.name, Path: a.Path, Status: MatchMissing}
		if partner[i] != nil {
			if err := m.compare(a, partner[i].Sum); err != nil {
				return nil, fmt.Errorf("receipt: part %q of the original: %w", a.Path, err)
			}
		}
		c.Matches = append(c.Matches, m)
	}
	for _, h := range extra {
		c.Matches = append(c.Matches, Match{Name: h.Name, Status: MatchExtra})
	}
	return c, nil
}

// pair finds the hash of each attachment: the first of its name that is not
// taken. Providers name a mail without a name as they like; those hashes and
// mails that are left are paired in their order. The second result is what is
// left of the hashes.
func (b *Brief) pair(parts []attachment) (partner []*Hash, extra []*Hash) {
	partner = make([]*Hash, len(parts))
	byName := make(map[string][]*Hash)
	for i := range b.Hashes {
		h := &b.Hashes[i]
		byName[h.Name] = append(byName[h.Name], h)
	}
	taken := make(map[*Hash]bool)
	for i, a := range parts {
		if list := byName[a.name]; len(list) > 0 && a.name != "" {
			partner[i], byName[a.name] = list[0], list[1:]
			taken[list[0]] = true
		}
	}
	for i := range b.Hashes {
		if h := &b.Hashes[i]; !taken[h] {
			extra = append(extra, h)
		}
	}
	for i, a := range parts {
		if a.name == "" && len(extra) > 0 {
			partner[i], extra = extra[0], extra[1:]
		}
	}
	return partner, extra
}

// compare looks for what of the attachment has that hash. Reading errors are
// returned; content that cannot be decoded is not one, since the encoded body
// may be what was hashed.
func (m *Match) compare(a attachment, sum []byte) error {
	algorithm, ok := hashOf(sum)
	if !ok {
		m.Status = MatchUnreadable
		return nil
	}
	if algorithm == crypto.SHA1 && fips140.Enforced() {
		return fmt.Errorf("FIPS 140-only mode forbids SHA-1")
	}
	m.Status = MatchChanged
	for _, f := range a.forms() {
		found, err := bodyHashed(algorithm, sum, a.Reader(a.Body, f))
		if err != nil {
			return err
		}
		if found == "" {
			h := algorithm.New()
			switch _, err := io.Copy(h, a.Open(f)); {
			case errors.Is(err, mime.ErrChanged):
				return err
			case err != nil:
				m.Status = MatchUnreadable
				continue
			case bytes.Equal(h.Sum(nil), sum):
				found = HashedContent
			}
		}
		if found != "" {
			m.Status, m.Hash, m.Of = MatchSame, algorithm, found
			return nil
		}
	}
	return nil
}

func hashOf(sum []byte) (crypto.Hash, bool) {
	switch len(sum) {
	case crypto.SHA1.Size():
		return crypto.SHA1, true
	case crypto.SHA256.Size():
		return crypto.SHA256, true
	}
	return 0, false
}

// forms: as it stands, and with CRLF if it was stored without.
func (a attachment) forms() []mime.Form {
	if a.Lines.LF == 0 {
		return []mime.Form{{}}
	}
	return []mime.Form{{}, {Canonical: true}}
}

// bodyHashed hashes a body three times in one pass: as it is, without its last
// CRLF and with one more. It returns "" if none has the sum.
func bodyHashed(algorithm crypto.Hash, sum []byte, body io.Reader) (Hashed, error) {
	w := &held{h: algorithm.New()}
	if _, err := io.Copy(w, body); err != nil {
		return "", err
	}
	if string(w.last) == "\r\n" && bytes.Equal(w.h.Sum(nil), sum) {
		return HashedBodyTrimmed, nil
	}
	w.h.Write(w.last)
	if bytes.Equal(w.h.Sum(nil), sum) {
		return HashedBody, nil
	}
	w.h.Write([]byte("\r\n"))
	if bytes.Equal(w.h.Sum(nil), sum) {
		return HashedBodyCRLF, nil
	}
	return "", nil
}

// held hashes all but the last two bytes it was given.
type held struct {
	h    hash.Hash
	last []byte
}

// Write implements io.Writer.
func (w *held) Write(p []byte) (int, error) {
	n := len(p)
	if n >= 2 {
		w.h.Write(w.last)
		w.h.Write(p[:n-2])
		w.last = append(w.last[:0], p[n-2:]...)
		return n, nil
	}
	w.last = append(w.last, p...)
	if over := len(w.last) - 2; over > 0 {
		w.h.Write(w.last[:over])
		w.last = append(w.last[:0], w.last[over:]...)
	}
	return n, nil
}
