package receipt

import (
	"encoding/hex"
	"io"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/smime"
)

// Brief is what a brief delivery receipt (ricevuta di avvenuta consegna breve)
// holds in place of the attachments: the message with each named part replaced
// by a text part that holds its hash.
//
// spec: RFC 6109 §3.3.2.2
type Brief struct {
	Hashes []Hash
}

// Hash is one replaced part.
type Hash struct {
	Name string // of the part that was replaced, without ".hash"
	Sum  []byte // 20 bytes of SHA-1 or 32 of SHA-256; nil if the text is no such hash
	Text string // the text as it stands, at most 256 bytes
}

// maxHashText bounds what is read of one ".hash" part. 64 digits are the most
// that make sense.
const maxHashText = 256

// Brief returns the hashes of a brief delivery receipt, nil for every other
// notice and for a brief one that encloses nothing.
func (n *Notice) Brief() (*Brief, error) {
	if n.Type != daticert.TypeDelivery || n.Data.Receipt != daticert.ReceiptBrief || n.Original == nil {
		return nil, nil
	}
	b := new(Brief)
	for _, p := range n.Original.Attachments() {
		name, ok := strings.CutSuffix(p.Name(), ".hash")
		if !ok || p.MediaType() != "text/plain" {
			continue
		}
		h, err := readHash(name, p)
		if err != nil {
			return nil, err
		}
		b.Hashes = append(b.Hashes, h)
	}
	return b, nil
}

func readHash(name string, p *smime.Part) (Hash, error) {
	text, err := io.ReadAll(io.LimitReader(p.Open(), maxHashText))
	if err != nil {
		return Hash{}, err
	}
	h := Hash{Name: name, Text: string(text)}
	sum, err := hex.DecodeString(strings.TrimSpace(h.Text))
	if err == nil && (len(sum) == 20 || len(sum) == 32) {
		h.Sum = sum
	}
	return h, nil
}
