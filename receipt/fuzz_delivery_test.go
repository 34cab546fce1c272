package receipt_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// errBroken is what a source gives that fails.
var errBroken = errors.New("broken")

// unsteady is a message of which the bytes from one on cannot be read, and of
// which one changes at a certain read; 0 is never for both.
type unsteady struct {
	b       []byte
	from    uint32
	changes uint8
	reads   uint8
}

func (u *unsteady) ReadAt(p []byte, off int64) (int, error) {
	if u.from > 0 && off+int64(len(p)) > int64(u.from) {
		return 0, errBroken
	}
	if u.changes > 0 && u.reads < u.changes {
		if u.reads++; u.reads == u.changes && len(u.b) > 0 {
			u.b = bytes.Clone(u.b)
			u.b[len(u.b)/2] ^= 1
		}
	}
	return bytes.NewReader(u.b).ReadAt(p, off)
}

// FuzzCompare: no mail and no hash make it panic, and what is changed is never
// called the same: a match means an equal hash. A mail that cannot be read, is
// shorter than was said or changes gives no answer.
func FuzzCompare(f *testing.F) {
	sum := sha256.Sum256([]byte("x"))
	add := func(mail, name string, sum []byte) { f.Add([]byte(mail), name, sum, uint64(0), uint32(0), uint8(0)) }
	add(kept(file("a.pdf", "7bit", "x")), "a.pdf", sum[:])
	add("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n", "", []byte{})
	add("Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\n--x\r\n", ".hash", make([]byte, 20))
	for _, c := range findings() {
		h := receipt.Hash{Name: "a"}
		if len(c.hashes) > 0 {
			h = c.hashes[0]
		}
		add(c.mail, h.Name, h.Sum)
		add(strings.ReplaceAll(c.mail, "\r\n", "\n"), h.Name, h.Sum)
	}
	for _, c := range readings() {
		for _, sum := range sumsOf(c.hashed) {
			add(kept(file("a.pdf", c.encoding, c.body)), "a.pdf", sum)
		}
	}
	for _, c := range hashTexts() {
		add(kept(hashPart("a.hash", c.text)), "a.hash", c.sum)
	}
	for _, c := range hashParts() {
		add(kept(c.parts...), "a.pdf.hash", sum[:])
	}
	undecodable := strings.Replace(hashPart("a.hash", "AA=A"), "Content-Disp", "Content-Transfer-Encoding: base64\r\nContent-Disp", 1)
	add(kept(undecodable), "a.hash", sum[:])
	small, large := kept(file("a", "7bit", "x")), kept(file("a", "base64", strings.Repeat("QUJD\r\n", 25_000)))
	for _, more := range []uint64{1, 1 << 40} {
		f.Add([]byte(small), "a", sum[:], more, uint32(0), uint8(0))
	}
	f.Add([]byte(small), "a", sum[:], uint64(0), uint32(60), uint8(0))
	f.Add([]byte(large), "a", sum[:], uint64(0), uint32(0), uint8(6)) // when the body is hashed
	f.Fuzz(func(t *testing.T, mail []byte, name string, sum []byte, more uint64, from uint32, changes uint8) {
		b := &receipt.Brief{Hashes: []receipt.Hash{{Name: name, Sum: sum}, {Name: name}, {}}}
		size := int64(len(mail)) + int64(more%(1<<41))
		c, err := b.Compare(&unsteady{b: mail, from: from, changes: changes}, size)
		if err != nil {
			require.Nil(t, c)
			if size == int64(len(mail)) && !errors.Is(err, errBroken) && !errors.Is(err, smime.ErrChanged) {
				requireLimit(t, err)
			}
			return
		}
		require.Equal(t, int64(len(mail)), size, "it is shorter than was said")
		require.True(t, from == 0 || int64(from) >= size, "it cannot be read")
		extra, same := 0, 0
		for _, m := range c.Matches {
			require.True(t, m.Status != receipt.MatchExtra || m.Path == "") // that of a mail that is one attachment is "" too
			require.Equal(t, m.Status == receipt.MatchSame, m.Of != "" && m.Hash != 0)
			switch m.Status {
			case receipt.MatchExtra:
				extra++
			case receipt.MatchSame:
				same++
				require.Len(t, sum, m.Hash.Size())
			}
		}
		require.LessOrEqual(t, extra, 3)
		require.LessOrEqual(t, same, 1, "one hash is of one attachment")
		require.Equal(t, same == len(c.Matches), c.Same())
		if changes == 0 {
			requireEnclosed(t, b, c, mail)
		}
	})
}

// requireLimit: a mail in memory can be read, or passes a limit.
func requireLimit(t *testing.T, err error) {
	t.Helper()
	limit, ok := errors.AsType[*mime.LimitError](err)
	require.True(t, ok, "%v", err)
	require.NotEmpty(t, limit.Error())
}

// requireEnclosed: the same mail inside a message compares the same, and as the
// content of a brief receipt it gives hashes in their bounds.
func requireEnclosed(t *testing.T, b *receipt.Brief, want *receipt.Comparison, mail []byte) {
	t.Helper()
	_, err := b.CompareEnclosed(nil)
	require.Error(t, err)
	outer := append([]byte("Content-Type: message/rfc822\r\n\r\n"), mail...)
	e, err := mime.Scan(mime.NewBytes(outer), nil)
	if err != nil {
		requireLimit(t, err)
		return
	}
	original := smime.NewOriginal(e, mime.Form{}, nil)
	c, err := b.CompareEnclosed(original)
	if original.Message() == nil {
		require.Error(t, err)
		require.Nil(t, c)
	} else {
		require.NoError(t, err)
		require.Equal(t, want, c)
	}
	n := &receipt.Notice{Type: daticert.TypeDelivery, Original: original,
		Data: &daticert.Data{Type: daticert.TypeDelivery, Receipt: daticert.ReceiptBrief}}
	inside, err := n.Brief()
	if err != nil {
		require.Nil(t, inside)
		require.NotErrorIs(t, err, smime.ErrChanged)
		return
	}
	for _, h := range inside.Hashes {
		require.LessOrEqual(t, len(h.Text), 256)
		require.Contains(t, []int{0, 20, 32}, len(h.Sum))
		require.True(t, h.Sum == nil || strings.EqualFold(strings.TrimSpace(h.Text), hex.EncodeToString(h.Sum)))
	}
	n.Data.Receipt = daticert.ReceiptComplete
	inside, err = n.Brief()
	require.NoError(t, err)
	require.Nil(t, inside, "only brief receipts hold hashes")
}

// What a number that is fuzzed asks for, bit by bit.
const (
	asksTextOnly = 1 << iota // habits
	asksOriginalFirst
	asksPlainXML
	asksDecoded
	asksSHA256
	asksNothing // no original
	asksReceipt // the lowest bit of those that choose the kind of receipt
)

var receiptsAsked = []daticert.ReceiptType{daticert.ReceiptBrief, daticert.ReceiptComplete, daticert.ReceiptConcise, ""}

// FuzzDelivery: whatever the message is, a delivery receipt of it is certified
// and encloses what was asked for, and a brief one compares as the same; or the
// error names a field.
func FuzzDelivery(f *testing.F) {
	for i, c := range briefRules() {
		f.Add([]byte(to+c.in), first, uint8(i), uint32(0))
		f.Add([]byte(to+c.in), first, uint8(asksDecoded|asksReceipt*3*(i%2)), uint32(0))
	}
	for i, c := range places() {
		for kind := range receiptsAsked {
			f.Add([]byte(c.header+"\r\nTesto\r\n"), first, uint8(i%8+kind*asksReceipt), uint32(0))
		}
	}
	for _, recipient := range []string{second, external, "", "a@b\r\nc"} {
		f.Add([]byte(to+"\r\n"), recipient, uint8(asksNothing), uint32(0))
		f.Add([]byte(to+"\r\n"), recipient, uint8(2*asksReceipt|asksNothing), uint32(0))
	}
	undecodable := to + kept(file("a", "base64", "QQ==QQ=="))
	f.Add([]byte(undecodable), first, uint8(asksDecoded), uint32(0))
	f.Add([]byte(to+kept(file("a", "7bit", "x"))), first, uint8(0), uint32(40))
	f.Add([]byte("To: "+strings.Repeat(first+",\r\n ", 3)+first+"\rX\r\n"), first, uint8(0), uint32(0))
	signer := fastSigner()
	f.Fuzz(func(t *testing.T, mail []byte, recipient string, asks uint8, from uint32) {
		asked := func(what uint8) bool { return asks&what != 0 }
		i := issuer()
		i.By.Signer, i.About.Receipt = signer, receiptsAsked[asks/asksReceipt]
		i.By.Habits.TextOnly, i.By.Habits.OriginalFirst, i.By.Habits.PlainXML = asked(asksTextOnly), asked(asksOriginalFirst), asked(asksPlainXML)
		if i.By.Habits.BriefDecoded = asked(asksDecoded); asked(asksSHA256) {
			i.By.Habits.BriefHash = crypto.SHA256
		}
		original := io.NewSectionReader(&unsteady{b: mail, from: from}, 0, int64(len(mail)))
		if asked(asksNothing) {
			original = nil
		}
		out, err := i.Delivery(recipient, original)
		breaks := from > 0 && int64(from) < int64(len(mail)) && original != nil && i.About.Receipt != daticert.ReceiptConcise
		if err != nil {
			field := requireRefused(t, out, err)
			require.True(t, !breaks || field.Field != "original" || errors.Is(err, errBroken), "%v", err)
			return
		}
		require.False(t, breaks, "it cannot be read")
		n := certified(t, out, nil)
		requireNotice(t, n, i, out)
		require.Equal(t, recipient, n.Recipient())
		kind := i.About.Receipt
		if kind == "" {
			kind = daticert.ReceiptComplete
		}
		require.True(t, n.Data.Receipt == kind || n.Data.Receipt == daticert.ReceiptConcise)
		require.Equal(t, n.Data.Receipt == daticert.ReceiptConcise, n.Original == nil)
		brief, err := n.Brief()
		require.NoError(t, err)
		require.Equal(t, n.Data.Receipt == daticert.ReceiptBrief, brief != nil)
		if brief == nil {
			return
		}
		c, err := brief.Compare(bytes.NewReader(mail), int64(len(mail)))
		require.NoError(t, err)
		if plainNames(c) {
			require.True(t, c.Same(), "%+v", c.Matches)
			for _, m := range c.Matches {
				require.Equal(t, i.By.Habits.BriefHash == crypto.SHA256, m.Hash == crypto.SHA256)
			}
		}
	})
}

// plainNames: where a mail without name stands beside others, or a part that is
// none of the attachments looks like a hash, positions do not tell which hash is
// whose.
func plainNames(c *receipt.Comparison) bool {
	unnamed, extra := 0, 0
	for _, m := range c.Matches {
		if m.Name == "" {
			unnamed++
		}
		if m.Status == receipt.MatchExtra {
			extra++
		}
	}
	return extra == 0 && (unnamed == 0 || unnamed == len(c.Matches))
}
