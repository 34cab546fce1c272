package smime

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/cms"
)

// Mail is a mail to be signed.
type Mail struct {
	// Header is the header of the mail: whole fields, each line ended by CRLF,
	// without MIME-Version, the fields of MIME and the blank line. It is not
	// under the signature.
	Header []byte
	// Content writes what is signed: one MIME entity, its header, a blank line
	// and its body, with CRLF line ends. It is called twice and has to write the
	// same both times: once to be hashed and once to be written. Nothing of it
	// is held in memory.
	Content func(w io.Writer) error
	// Encoding is the Content-Transfer-Encoding that the body as a whole
	// needs: "" for 7bit, "8bit" or "binary".
	Encoding string
	// Time is the signing time.
	Time time.Time
}

// preamble is what most providers write for readers that know no MIME.
const preamble = "This is an S/MIME signed message\r\n\r\n"

// Write signs a mail and writes it, as multipart/signed, to w. It returns the
// number of bytes written.
//
// Nothing is written before the signature is made and verified. After that an
// error is that of w, or of a Content that wrote something else the second
// time, [ErrChanged]; what was written then is no mail and to be thrown away.
// Before it, an error is a [*SignerError], the key's own or that of Content.
//
// The boundary is a hash of what is signed, so that no content can hold it.
func (s *Signer) Write(w io.Writer, m *Mail) (int64, error) {
	signing, hash, err := s.signing(m.Time)
	if err != nil {
		return 0, err
	}
	if err := m.check(); err != nil {
		return 0, err
	}
	digest, err := m.digest(hash)
	if err != nil {
		return 0, err
	}
	signature, err := sign(signing, digest)
	if err != nil {
		return 0, err
	}
	out := &counter{w: bufio.NewWriterSize(w, 32<<10)}
	err = s.write(out, m, signing, hash, digest, signature)
	if flush := out.w.Flush(); err == nil && flush != nil {
		err = fmt.Errorf("smime: %w", flush)
	}
	return out.n - int64(out.w.Buffered()), err
}

func (s *Signer) write(out *counter, m *Mail, signing *cms.Signing, hash crypto.Hash, digest, signature []byte) error {
	sum := sha256.Sum256(append([]byte("boundary"), digest...))
	boundary := "----" + strings.ToUpper(hex.EncodeToString(sum[:16]))
	if _, err := out.Write(m.Header); err != nil {
		return fmt.Errorf("smime: %w", err)
	}
	fmt.Fprintf(out, "MIME-Version: 1.0\r\n"+
		"Content-Type: multipart/signed; protocol=%q; micalg=%q;\r\n\tboundary=%q\r\n",
		orElse(s.Protocol, s.signatureType()), orElse(s.Micalg, strings.ToLower(hash.String())), boundary)
	if m.Encoding != "" {
		fmt.Fprintf(out, "Content-Transfer-Encoding: %s\r\n", m.Encoding)
	}
	io.WriteString(out, "\r\n")
	if !s.NoPreamble {
		io.WriteString(out, preamble)
	}
	fmt.Fprintf(out, "--%s\r\n", boundary)
	again := hash.New()
	if err := m.Content(io.MultiWriter(out, again)); err != nil {
		return fmt.Errorf("smime: writing the mail: %w", err)
	}
	if !bytes.Equal(again.Sum(nil), digest) {
		return fmt.Errorf("smime: %w", ErrChanged)
	}
	fmt.Fprintf(out, "\r\n--%s\r\n", boundary)
	fmt.Fprintf(out, "Content-Type: %s; name=\"smime.p7s\"\r\n"+
		"Content-Transfer-Encoding: base64\r\n"+
		"Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n", s.signatureType())
	writeBase64(out, signature)
	_, err := fmt.Fprintf(out, "\r\n--%s--\r\n", boundary)
	if err != nil {
		return fmt.Errorf("smime: %w", err)
	}
	return nil
}

func (s *Signer) signatureType() string {
	return orElse(s.SignatureType, "application/pkcs7-signature")
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// writeBase64 writes lines of 64 characters, each with its line end.
func writeBase64(w io.Writer, b []byte) {
	text := base64.StdEncoding.EncodeToString(b)
	for len(text) > 64 {
		io.WriteString(w, text[:64]+"\r\n")
		text = text[64:]
	}
	io.WriteString(w, text+"\r\n")
}

// counter counts what is written. The writer behind it keeps its first error
// and returns it from then on, so that it need be asked once.
type counter struct {
	w *bufio.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// digest hashes the content. What is signed is in the canonical form of mail
// text: every LF belongs to a CRLF. Verifiers bring what they find to that form
// before they hash it, so that any other could be verified by some only.
//
// spec: RFC 8551 §3.1.1
func (m *Mail) digest(hash crypto.Hash) ([]byte, error) {
	c := &canonical{hash: hash.New()}
	if err := m.Content(c); err != nil {
		return nil, fmt.Errorf("smime: reading what is to be signed: %w", err)
	}
	return c.hash.Sum(nil), nil
}

// canonical hashes what has CRLF line ends only.
type canonical struct {
	hash hash.Hash
	last byte
}

var errBareLF = &SignerError{Field: "Content", Err: errors.New("a line ends in LF without CR")}

func (c *canonical) Write(p []byte) (int, error) {
	for rest := p; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		if i > 0 && rest[i-1] != '\r' || i == 0 && c.last != '\r' {
			return 0, errBareLF
		}
		rest, c.last = rest[i+1:], '\n'
	}
	if len(p) > 0 {
		c.last = p[len(p)-1]
	}
	return c.hash.Write(p)
}

// check refuses a header that is none, or that has a field of its own for what
// is written here.
func (m *Mail) check() error {
	fail := func(field, reason string) error { return &SignerError{Field: field, Err: errors.New(reason)} }
	switch m.Encoding {
	case "", "8bit", "binary":
	default:
		return fail("Encoding", fmt.Sprintf("%q is not 8bit or binary", m.Encoding))
	}
	if m.Content == nil {
		return fail("Content", "nothing to sign")
	}
	for i, line := range strings.SplitAfter(string(m.Header), "\n") {
		text, ended := strings.CutSuffix(line, "\r\n")
		name, _, isField := strings.Cut(text, ":")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		switch {
		case line == "" && (i > 0 || len(m.Header) == 0): // after the last line end, or no header
		case !ended || strings.ContainsAny(text, "\r\x00"):
			return fail("Header", fmt.Sprintf("line %d does not end in CRLF, or has a CR or NUL inside", i+1))
		case i > 0 && strings.HasPrefix(line, " "), i > 0 && strings.HasPrefix(line, "\t"):
			if strings.Trim(text, " \t") == "" {
				return fail("Header", fmt.Sprintf("line %d is blank", i+1))
			}
		case !isField || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
			return fail("Header", fmt.Sprintf("line %d is no field", i+1))
		case name == "mime-version" || strings.HasPrefix(name, "content-"):
			return fail("Header", fmt.Sprintf("line %d: the fields of MIME are written here", i+1))
		}
	}
	return nil
}
