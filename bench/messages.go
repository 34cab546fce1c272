package main

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// circuit is the authority of the messages measured, and what each contender
// needs to believe it.
type circuit struct {
	dir     string
	options *pec.VerifyOptions
	roots   *x509.CertPool
	root    string // file with the authority's certificate
	key     *rsa.PublicKey
	// A signature that the floor verifies: the arithmetic costs the same
	// whatever was signed.
	digest, signature []byte
}

func newCircuit(dir string) (*circuit, error) {
	circle := testsign.NewCircle()
	store, err := trust.NewStore(false, circle.Root.X509())
	if err != nil {
		return nil, err
	}
	now := testsign.Instant.Add(time.Hour)
	c := &circuit{dir: dir, roots: x509.NewCertPool(), root: filepath.Join(dir, "authority.pem"),
		options: &pec.VerifyOptions{Trust: store, Clock: func() time.Time { return now }}}
	c.roots.AddCert(circle.Root.X509())
	if err := os.WriteFile(c.root, circle.Root.PEM(), 0o600); err != nil {
		return nil, err
	}
	var ok bool
	if c.key, ok = circle.One.Key.Public().(*rsa.PublicKey); !ok || c.key.N.BitLen() != 2048 {
		return nil, fmt.Errorf("the provider's key is not RSA-2048")
	}
	sum := sha256.Sum256([]byte("floor"))
	c.digest = sum[:]
	c.signature, err = circle.One.Key.Sign(rand.Reader, c.digest, crypto.SHA256)
	return c, err
}

// set is a number of messages, one to a file.
type set struct {
	name    string
	files   []string
	bytes   int64
	ballast int // bytes held and never touched while it is measured
}

// ballast is what pecverify holds, so that the collector runs after as much
// garbage and not after 4 MB.
const ballast = 12 << 20

// ballasted is the set again, measured with the ballast.
func (s *set) ballasted(name string) *set {
	other := *s
	other.name, other.ballast = name, ballast
	return &other
}

func (s *set) average() int64 { return s.bytes / int64(len(s.files)) }

// add writes a message as the next file.
func (s *set) add(c *circuit, mail []byte) error {
	path := filepath.Join(c.dir, fmt.Sprintf("%s-%05d.eml", s.name, len(s.files)))
	s.files, s.bytes = append(s.files, path), s.bytes+int64(len(mail))
	return os.WriteFile(path, mail, 0o600)
}

// originalOf returns a mail with an attachment of about size bytes, which is
// what the size of a PEC message comes from. n makes it different from others.
func originalOf(size, n int) []byte {
	line := strings.Repeat("QUJDREVG", 9) + "ABCD\r\n"
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: Verbale %d\r\n"+
		"Message-ID: <%d@pec.example.it>\r\nDate: Tue, 09 Jun 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=\"interno\"\r\n\r\n--interno\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIn allegato.\r\n"+
		"--interno\r\nContent-Type: application/pdf; name=\"verbale.pdf\"\r\nContent-Transfer-Encoding: base64\r\n"+
		"Content-Disposition: attachment; filename=\"verbale.pdf\"\r\n\r\n", n, n)
	for b.Len() < size {
		b.WriteString(line)
	}
	b.WriteString("--interno--\r\n")
	return b.Bytes()
}

// envelope returns a transport envelope of about size bytes.
func envelope(size, n int, ends testsign.LineEnds) []byte {
	const around = 9_000 // envelope, certification data and signature
	return testsign.Message{Kind: daticert.TypeTransport, Original: originalOf(size-around, n), LineEnds: ends}.Bytes()
}

// mixed writes the messages of a mailbox: the receipts of each message sent and
// envelopes of many sizes, 23 KB on average.
func (c *circuit) mixed(name string, n int, ends testsign.LineEnds) (*set, error) {
	s := &set{name: name}
	sizes := []int{12_000, 20_000, 30_000, 60_000, 110_000}
	for i := range n {
		m := testsign.Message{LineEnds: ends, Data: daticert.Data{Subject: fmt.Sprintf("Verbale %d", i)}}
		switch i % 10 {
		case 0, 5:
			m.Kind = daticert.TypeAcceptance
		case 1, 6:
			m.Kind, m.Data.Receipt = daticert.TypeDelivery, daticert.ReceiptConcise
		case 2:
			m.Kind = daticert.TypeTakingInCharge
		case 7:
			m.Kind = daticert.TypeDeliveryError
		case 3, 8:
			m.Kind, m.Original = daticert.TypeDelivery, originalOf(sizes[i/10%len(sizes)]-9_000, i)
		default:
			m.Kind, m.Original = daticert.TypeTransport, originalOf(sizes[i/10%len(sizes)]-9_000, i)
		}
		if err := s.add(c, m.Bytes()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// sized writes n envelopes of one size.
func (c *circuit) sized(name string, size, n int) (*set, error) {
	s := &set{name: name}
	for i := range n {
		if err := s.add(c, envelope(size, i, testsign.CRLF)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// placeholder is a line of base64 in the place of a large attachment.
const placeholder = "QUxMRUdBVE8gR1JBTkRFCg=="

// large writes an envelope of at least size bytes that is never held: the
// digest that is signed is made of what is then written.
func (c *circuit) large(size int64) (path string, err error) {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	content := func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<20)
		for range size / int64(len(line)) {
			b.WriteString(line) // an error comes out of Flush
		}
		return b.Flush()
	}
	original := bytes.Replace(originalOf(0, 1), []byte("--interno--"), []byte(placeholder+"\r\n--interno--"), 1)
	m := testsign.Message{Kind: daticert.TypeTransport, Original: original, OriginalPart: testsign.Part{Encoding: "7bit", Body: original}}
	before, after, _ := bytes.Cut(m.SignedPart(), []byte(placeholder+"\r\n"))
	digest := sha256.New()
	digest.Write(before)
	if err := content(digest); err != nil {
		return "", err
	}
	digest.Write(after)
	m.CMS.Signer.Digest = digest.Sum(nil)

	before, after, ok := bytes.Cut(m.Bytes(), []byte(placeholder+"\r\n"))
	if !ok {
		return "", fmt.Errorf("the message has no place for its attachment")
	}
	f, err := os.Create(filepath.Join(c.dir, fmt.Sprintf("large-%d.eml", size)))
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.Write(before); err != nil {
		return "", err
	}
	if err := content(f); err != nil {
		return "", err
	}
	_, err = f.Write(after)
	return f.Name(), err
}
