package follow

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// Match is the answer to whether a receipt is about a file.
type Match string

// The answers.
const (
	MatchIdentical  Match = "identical"  // the same bytes
	MatchEquivalent Match = "equivalent" // the same content
	MatchDiffers    Match = "differs"    // a part differs, is missing, or is there besides
	MatchNone       Match = "none"       // the message encloses nothing that could be compared
)

// Step says by what two mails were found to be the same.
type Step string

// The steps, in the order in which they are taken.
const (
	StepNone   Step = ""
	StepBytes  Step = "bytes"  // byte for byte
	StepNorm   Step = "norm"   // the same but for line ends and what the norm or the provider changes in the header
	StepParts  Step = "parts"  // the same decoded parts
	StepHashes Step = "hashes" // a brief receipt: attachments by their hashes, the rest by decoded parts
)

// PartStatus is what comparing one part found.
type PartStatus string

// The outcomes for one part.
const (
	PartSame    PartStatus = "same"
	PartDiffers PartStatus = "differs"
	PartMissing PartStatus = "missing" // the file has it, the message does not
	PartExtra   PartStatus = "extra"   // the message has it, the file does not
)

// Part is the outcome for one part with content of its own.
type Part struct {
	Path      string // MIME position in the file, "" for an extra one and for a mail without parts
	Enclosed  string // MIME position in the enclosed mail, "" for a missing one and one that a hash stands for
	Name      string // file name, "" if it has none; outside text
	MediaType string
	Status    PartStatus
	Hashed    bool // compared by the hash in a brief receipt
}

// HeaderDifference is a field that differs, of the mails or of two parts that
// are paired. It does not decide. Values are decoded outside text.
type HeaderDifference struct {
	Path     string // MIME position in the file, "" for the mail itself
	Field    string // in lower case; "filename", "media-type" or "charset" for a part
	Sent     []string
	Enclosed []string
}

// Comparison is what holding a message against a file found.
type Comparison struct {
	Match   Match
	Step    Step // StepNone unless Match is identical or equivalent
	Parts   []Part
	Headers []HeaderDifference
}

// Compare holds what a transport envelope or a delivery receipt encloses against
// the file that the sender kept, of size bytes: the mail as it was submitted, or a
// client's copy of it, which may be encoded otherwise and name recipients in Bcc.
// Only a differing, missing or extra part is a mismatch. Text is compared without
// regard to its line ends and to line ends at its end; its character set is not
// converted. In a brief receipt hashes stand for attachments; those of SHA-1 are
// as weak as SHA-1.
//
// It says nothing of whether the message is authentic, which is pec.Verify's
// answer. The error is the reader's own, or a limit passed. Both mails are read as
// streams, several times; an enclosed mail that is encoded takes up to 16 MiB.
//
// spec: RFC 6109 §3.3.2.1, §3.3.2.2
func Compare(sent io.ReaderAt, size int64, r *pec.Report) (*Comparison, error) {
	if enclosedIn(r) == nil {
		return &Comparison{Match: MatchNone}, nil
	}
	s, err := NewSent(sent, size)
	if err != nil {
		return nil, err
	}
	return s.Compare(r)
}

// enclosedIn returns the mail that a message which can be compared encloses.
func enclosedIn(r *pec.Report) *smime.Original {
	if r == nil || r.Message == nil || r.Kind != pec.KindTransport && r.Kind != pec.KindDelivery {
		return nil
	}
	return r.Message.Original()
}

// pair is two mails that are compared.
type pair struct {
	sent       *Sent
	enclosed   *mime.Entity
	brief      *receipt.Brief // nil for what encloses the whole
	comparison *Comparison
}

// Compare is the function Compare for this mail.
func (s *Sent) Compare(r *pec.Report) (*Comparison, error) {
	o := enclosedIn(r)
	if o == nil {
		return &Comparison{Match: MatchNone}, nil
	}
	section, err := o.Section()
	if err != nil {
		return nil, fmt.Errorf("follow: reading the enclosed mail: %w", err)
	}
	defer s.release()
	p := &pair{sent: s, comparison: new(Comparison)}
	if p.enclosed, err = mime.Scan(mime.NewSource(section, section.Size(), true), nil); err != nil {
		return nil, fmt.Errorf("follow: reading the enclosed mail: %w", err)
	}
	defer p.enclosed.Source().Release()
	if r.Message.Notice != nil && r.Data != nil && r.Data.Receipt == daticert.ReceiptBrief {
		if p.brief, err = r.Message.Notice.Brief(); err != nil {
			return nil, fmt.Errorf("follow: reading the hashes: %w", err)
		}
	}
	if err := p.compare(); err != nil {
		return nil, fmt.Errorf("follow: comparing: %w", err)
	}
	return p.comparison, nil
}

func (p *pair) compare() error {
	hashed := p.brief != nil && len(p.brief.Hashes) > 0
	var replaced []string
	if hashed {
		var err error
		if replaced, err = p.hashes(); err != nil {
			return err
		}
	}
	if err := p.parts(replaced, hashed); err != nil {
		return err
	}
	p.headers()
	c := p.comparison
	for _, part := range c.Parts {
		if part.Status != PartSame {
			c.Match = MatchDiffers
			return nil
		}
	}
	c.Match = MatchEquivalent
	if hashed {
		c.Step = StepHashes
		return nil
	}
	return p.closer()
}

// closer tells how close mails with the same parts are.
func (p *pair) closer() error {
	c := p.comparison
	all, err := digestOf(whole(p.enclosed))
	switch {
	case err != nil:
		return err
	case all == p.sent.whole:
		c.Match, c.Step = MatchIdentical, StepBytes
		return nil
	}
	rest, err := digestOf(unchanged(p.enclosed))
	if err != nil {
		return err
	}
	c.Step = StepParts
	if rest == p.sent.rest {
		c.Step = StepNorm
	}
	return nil
}

// unchanged reads of a mail what nobody may change on the way, with CRLF line
// ends.
func unchanged(e *mime.Entity) io.Reader {
	var head bytes.Buffer
	for _, f := range e.Header {
		if !changes(f.Name) {
			head.Write(bytes.ReplaceAll(bytes.ReplaceAll([]byte(f.Raw), []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")))
		}
	}
	head.WriteString("\r\n")
	return io.MultiReader(&head, e.Reader(e.Body, mime.Form{Canonical: true}))
}

// changes reports whether a field is one that the norm or the provider changes,
// or a note that a program left for programs.
//
// spec: RFC 6109 §3.1.5, §3.3.2
func changes(field string) bool {
	field = strings.ToLower(strings.TrimSpace(field))
	switch field {
	case "message-id", "received", "return-path":
		return true
	}
	return strings.HasPrefix(field, "x-")
}

// hashes compares attachments with the hashes of a brief receipt. It returns the
// positions in the file of those that a hash stands for. An attachment without
// one may be there in full: that is for the comparison of parts to find.
func (p *pair) hashes() (replaced []string, err error) {
	found, err := p.brief.Compare(p.sent.file, p.sent.file.Size())
	if err != nil {
		return nil, err
	}
	for _, m := range found.Matches {
		part := Part{Path: m.Path, Name: m.Name, Status: PartDiffers, Hashed: true}
		switch m.Status {
		case receipt.MatchMissing:
			continue
		case receipt.MatchSame:
			part.Status = PartSame
		case receipt.MatchExtra:
			part.Status = PartExtra
		}
		if m.Status != receipt.MatchExtra {
			replaced = append(replaced, m.Path)
		}
		p.comparison.Parts = append(p.comparison.Parts, part)
	}
	return replaced, nil
}
