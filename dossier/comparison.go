package dossier

import (
	"crypto/sha1"
	"slices"
	"strings"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/receipt"
)

// Comparison is how what a message encloses compares with the sent file.
type Comparison struct {
	Match follow.Match
	Step  follow.Step
	Parts int // that were compared
	// Unlike are the parts that differ, are missing or are there besides, the
	// first [MaxUnlike] of them; Others counts the rest.
	Unlike []follow.Part
	Others int
	// Headers are the fields that differ, which does not decide: the first
	// [MaxUnlike], with at most four values each of at most 500 bytes.
	Headers []follow.HeaderDifference
	// WeakHashes says that attachments were compared by hashes of SHA-1, as a
	// brief receipt holds them.
	WeakHashes bool
}

// MaxUnlike is how many parts and fields that differ are listed of one message.
const MaxUnlike = 50

// newComparison keeps what the dossier shows.
func newComparison(c *follow.Comparison) *Comparison {
	out := &Comparison{Match: c.Match, Step: c.Step, Parts: len(c.Parts)}
	for _, p := range c.Parts {
		switch {
		case p.Status == follow.PartSame:
		case len(out.Unlike) == MaxUnlike:
			out.Others++
		default:
			p.Name, p.MediaType = short(p.Name), short(p.MediaType)
			p.Path, p.Enclosed = strings.Clone(p.Path), strings.Clone(p.Enclosed)
			out.Unlike = append(out.Unlike, p)
		}
	}
	for _, h := range c.Headers[:min(len(c.Headers), MaxUnlike)] {
		out.Headers = append(out.Headers, follow.HeaderDifference{Path: strings.Clone(h.Path), Field: short(h.Field), Sent: shorts(h.Sent), Enclosed: shorts(h.Enclosed)})
	}
	return out
}

// short copies text, so that no mail is held by a part of it, and bounds it.
func short(s string) string { return strings.Clone(s[:min(len(s), 500)]) }

func shorts(values []string) []string {
	out := make([]string, 0, min(len(values), 4))
	for _, v := range values[:min(len(values), 4)] {
		out = append(out, short(v))
	}
	return out
}

// hasSHA1 reports whether a brief receipt holds a hash of SHA-1. One that cannot
// be read counts as one.
func hasSHA1(b *receipt.Brief, err error) bool {
	return err != nil || b != nil && slices.ContainsFunc(b.Hashes, func(h receipt.Hash) bool { return len(h.Sum) == sha1.Size })
}

func (c *Comparison) differs() bool { return c != nil && c.Match == follow.MatchDiffers }

func (c *Comparison) matches() bool {
	return c != nil && (c.Match == follow.MatchIdentical || c.Match == follow.MatchEquivalent)
}

// weight orders comparisons of one thing: the one that weighs most decides.
func (c *Comparison) weight() int {
	if c == nil {
		return 0
	}
	return map[follow.Match]int{follow.MatchDiffers: 4, follow.MatchIdentical: 3, follow.MatchEquivalent: 2, follow.MatchNone: 1}[c.Match]
}
