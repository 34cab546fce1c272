package receipt_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// kept is a mail as its sender kept it: parts of these headers and bodies.
func kept(parts ...string) string {
	return "Content-Type: multipart/mixed; boundary=k\r\n\r\n--k\r\nContent-Type: text/plain\r\n\r\nTesto\r\n" +
		"--k\r\n" + strings.Join(parts, "\r\n--k\r\n") + "\r\n--k--\r\n"
}

func file(name, encoding, body string) string {
	return "Content-Type: application/pdf; name=\"" + name + "\"\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body
}

func compare(t testing.TB, b *receipt.Brief, mail string) *receipt.Comparison {
	t.Helper()
	c, err := b.Compare(strings.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	return c
}

// sumsOf are the hashes of a text by both algorithms.
func sumsOf(s string) map[crypto.Hash][]byte {
	one, two := sha1.Sum([]byte(s)), sha256.Sum256([]byte(s))
	return map[crypto.Hash][]byte{crypto.SHA1: one[:], crypto.SHA256: two[:]}
}

// readingCase is one of readings.
type readingCase struct {
	reason, encoding, body, hashed string
	of                             receipt.Hashed
}

// readings are attachments and what of them may have been hashed.
func readings() []readingCase {
	return []readingCase{
		{"the body as it is encoded", "base64", "QUJD\r\nREVG", "QUJD\r\nREVG", receipt.HashedBody},
		{"with the CRLF before the boundary", "base64", "QUJD\r\nREVG", "QUJD\r\nREVG\r\n", receipt.HashedBodyCRLF},
		{"without its own last CRLF", "base64", "QUJD\r\nREVG\r\n", "QUJD\r\nREVG", receipt.HashedBodyTrimmed},
		{"with its own last CRLF", "base64", "QUJD\r\nREVG\r\n", "QUJD\r\nREVG\r\n", receipt.HashedBody},
		{"the decoded content", "base64", "QUJD\r\nREVG\r\n", "ABCDEF", receipt.HashedContent},
		{"the decoded content of quoted-printable", "quoted-printable", "attivit=E0=\r\n!", "attivit\xe0!", receipt.HashedContent},
		{"an empty file", "base64", "", "", receipt.HashedBody},
		{"a file of one byte", "7bit", "x", "x", receipt.HashedBody},
		{"a file of a line end", "7bit", "\r\n", "", receipt.HashedBodyTrimmed},
	}
}

// TestCompareReadings: the norm can be read in more than one way, and every
// reading is known by its name.
func TestCompareReadings(t *testing.T) {
	t.Parallel()
	for _, c := range readings() {
		for hash, sum := range sumsOf(c.hashed) {
			b := &receipt.Brief{Hashes: []receipt.Hash{{Name: "a.pdf", Sum: sum}}}
			for _, mail := range []string{kept(file("a.pdf", c.encoding, c.body)), strings.ReplaceAll(kept(file("a.pdf", c.encoding, c.body)), "\r\n", "\n")} {
				got := compare(t, b, mail)
				require.Equal(t, []receipt.Match{{Name: "a.pdf", Path: "2", Status: receipt.MatchSame, Hash: hash, Of: c.of}}, got.Matches, c.reason)
				require.True(t, got.Same())
			}
		}
	}
}

// findingCase is one of findings.
type findingCase struct {
	reason string
	hashes []receipt.Hash
	mail   string
	want   string // status of each
}

// findings are hashes and originals, and what comparing them gives.
func findings() []findingCase {
	hash := func(name, body string) receipt.Hash {
		sum := sha1.Sum([]byte(body))
		return receipt.Hash{Name: name, Sum: sum[:]}
	}
	pdf := func(name, body string) string { return file(name, "7bit", body) }
	const inner = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny"
	return []findingCase{
		{"the same", []receipt.Hash{hash("a", "1"), hash("b", "2")}, kept(pdf("a", "1"), pdf("b", "2")), "same same"},
		{"in another order", []receipt.Hash{hash("b", "2"), hash("a", "1")}, kept(pdf("a", "1"), pdf("b", "2")), "same same"},
		{"changed by a byte", []receipt.Hash{hash("a", "1"), hash("b", "2")}, kept(pdf("a", "1"), pdf("b", "3")), "same changed"},
		{"exchanged", []receipt.Hash{hash("a", "1"), hash("b", "2")}, kept(pdf("a", "2"), pdf("b", "1")), "changed changed"},
		{"missing in the receipt", []receipt.Hash{hash("a", "1")}, kept(pdf("a", "1"), pdf("b", "2")), "same missing"},
		{"extra in the receipt", []receipt.Hash{hash("a", "1"), hash("b", "2")}, kept(pdf("a", "1")), "same extra"},
		{"under another name", []receipt.Hash{hash("A", "1")}, kept(pdf("a", "1")), "missing extra"},
		{"one name, in order", []receipt.Hash{hash("a", "1"), hash("a", "2")}, kept(pdf("a", "1"), pdf("a", "2")), "same same"},
		{"one name, out of order", []receipt.Hash{hash("a", "2"), hash("a", "1")}, kept(pdf("a", "1"), pdf("a", "2")), "changed changed"},
		{"one name, one of them gone", []receipt.Hash{hash("a", "1")}, kept(pdf("a", "1"), pdf("a", "2")), "same missing"},
		{"no hash at all", []receipt.Hash{{Name: "a", Text: "boh"}}, kept(pdf("a", "1")), "unreadable"},
		{"a hash of another length", []receipt.Hash{{Name: "a", Sum: make([]byte, 16)}}, kept(pdf("a", "1")), "unreadable"},
		{"an attachment that cannot be decoded", []receipt.Hash{hash("a", "x")}, kept(file("a", "base64", "QQ==QQ==")), "unreadable"},
		{"the same, though it cannot be decoded", []receipt.Hash{hash("a", "QQ==QQ==")}, kept(file("a", "base64", "QQ==QQ==")), "same"},
		{"a mail without name, named by the provider", []receipt.Hash{hash("a", "1"), hash("ATT0001.eml", "Subject: x\r\n\r\ny")}, kept(inner, pdf("a", "1")), "same same"},
		{"two mails without name, one of them gone", []receipt.Hash{hash("", "Subject: x\r\n\r\ny")}, kept(inner, inner), "same missing"},
		{"nothing attached", nil, "Subject: x\r\n\r\nTesto\r\n", ""},
		{"nothing left of what was attached", []receipt.Hash{hash("a", "1")}, "Subject: x\r\n\r\nTesto\r\n", "extra"},
	}
}

// TestCompareFinds: what was changed, is missing or extra is told, and what has
// one name is kept apart by its place.
func TestCompareFinds(t *testing.T) {
	t.Parallel()
	for _, c := range findings() {
		got := compare(t, &receipt.Brief{Hashes: c.hashes}, c.mail)
		var status []string
		for _, m := range got.Matches {
			status = append(status, string(m.Status))
			require.Equal(t, m.Status == receipt.MatchSame, m.Of != "" && m.Hash != 0, c.reason)
			require.Equal(t, m.Status == receipt.MatchExtra, m.Path == "", c.reason)
		}
		require.Equal(t, c.want, strings.Join(status, " "), c.reason)
		require.Equal(t, strings.Count(c.want, "same") == len(status), got.Same(), c.reason)
	}
}

// TestCompareRoundTrip: what a provider with each habit writes is what the sender
// finds, and a changed attachment is told.
func TestCompareRoundTrip(t *testing.T) {
	t.Parallel()
	mail := "To: " + first + "\r\n" + kept(file("a.pdf", "base64", "QUJD\r\n"), file("a.pdf", "base64", "REVG"), file("b.pdf", "quoted-printable", "=E0\r\n"))
	for _, hash := range []crypto.Hash{0, crypto.SHA1, crypto.SHA256} {
		for _, decoded := range []bool{false, true} {
			i := issuer()
			i.By.Habits.BriefHash, i.By.Habits.BriefDecoded = hash, decoded
			n, _ := briefOf(t, i, mail)
			b, err := n.Brief()
			require.NoError(t, err)
			require.Len(t, b.Hashes, 3)
			c := compare(t, b, mail)
			require.True(t, c.Same())
			for _, m := range c.Matches {
				require.Equal(t, map[crypto.Hash]crypto.Hash{0: crypto.SHA1, crypto.SHA1: crypto.SHA1, crypto.SHA256: crypto.SHA256}[hash], m.Hash)
				require.Equal(t, map[bool]receipt.Hashed{false: receipt.HashedBody, true: receipt.HashedContent}[decoded], m.Of)
			}
			c = compare(t, b, strings.Replace(mail, "REVG", "REVH", 1))
			require.False(t, c.Same())
			require.Equal(t, receipt.MatchChanged, c.Matches[1].Status)
			require.Equal(t, receipt.MatchSame, c.Matches[0].Status)
		}
	}
}

// TestCompareCapitals: a hash in capitals, with white space around it, is one.
func TestCompareCapitals(t *testing.T) {
	t.Parallel()
	sum := sha1.Sum([]byte("x"))
	text := strings.ToUpper(hex.EncodeToString(sum[:]))
	b, err := brief(t, hashPart("a.pdf.hash", "\r\n"+text+"\r\n")).Brief()
	require.NoError(t, err)
	require.True(t, compare(t, b, kept(file("a.pdf", "7bit", "x"))).Same())
}

// shifting is a reader whose bytes change.
type shifting struct {
	b     []byte
	reads int
}

func (s *shifting) ReadAt(p []byte, off int64) (int, error) {
	if s.reads++; s.reads == 12 { // when it is hashed
		s.b[len(s.b)/2] ^= 1
	}
	return bytes.NewReader(s.b).ReadAt(p, off)
}

// TestCompareErrors: a message that cannot be read, or changes, gives no answer.
func TestCompareErrors(t *testing.T) {
	t.Parallel()
	sum := sha1.Sum([]byte("x"))
	b := &receipt.Brief{Hashes: []receipt.Hash{{Name: "a.pdf", Sum: sum[:]}}}
	mail := kept(file("a.pdf", "base64", strings.Repeat("QUJD\r\n", 100_000)))
	_, err := b.Compare(strings.NewReader(mail), int64(len(mail))+1)
	require.Error(t, err)
	_, err = b.Compare(&shifting{b: []byte(mail)}, int64(len(mail)))
	require.ErrorIs(t, err, smime.ErrChanged)
	_, err = b.Compare(strings.NewReader(""), 1<<40)
	require.Error(t, err, "over the limit")
}

// TestCompareFIPS runs this test binary again with FIPS 140-only mode enforced:
// SHA-1 is an error there, and no panic.
func TestCompareFIPS(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(program, "-test.run=^TestCompareFIPSChild$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only", "RECEIPT_FIPS=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "result=[good]")
}

// TestCompareFIPSChild is what TestCompareFIPS runs.
func TestCompareFIPSChild(t *testing.T) {
	if os.Getenv("RECEIPT_FIPS") == "" {
		t.Skip("run by TestCompareFIPS")
	}
	mail := kept(file("a.pdf", "7bit", "x"))
	b := &receipt.Brief{Hashes: []receipt.Hash{{Name: "a.pdf", Sum: make([]byte, 20)}}}
	_, err := b.Compare(strings.NewReader(mail), int64(len(mail)))
	require.ErrorContains(t, err, "FIPS")
	b.Hashes[0].Sum = make([]byte, 32)
	require.Equal(t, receipt.MatchChanged, compare(t, b, mail).Matches[0].Status)
	t.Log("result=[good]")
}
