package receipt

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	_ "crypto/sha1" // what RFC 6109 §3.3.2.2 has
	_ "crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/internal/mime"
)

// kind is the kind of receipt for one recipient, and the original if it takes
// a look at it: what was asked for if the recipient is a primary one, concise if
// it stands in Cc and not in To. Where To and Cc do not tell, it is taken for a
// primary one.
//
// spec: RFC 6109 §3.3.2.1, §3.3.2.2
func (i *Issuer) kind(recipient string, original *io.SectionReader) (daticert.ReceiptType, *compose.Copy, error) {
	asked := daticert.ReceiptComplete
	if i.About != nil && i.About.Receipt != "" {
		asked = i.About.Receipt
	}
	if asked == daticert.ReceiptConcise {
		return asked, nil, nil
	}
	c, err := compose.NewCopy(original)
	if err != nil {
		return "", nil, err
	}
	if h := c.Root.Header; names(h, "Cc", recipient) && !names(h, "To", recipient) {
		asked = daticert.ReceiptConcise
	}
	return asked, c, nil
}

func names(h mime.Header, field, address string) bool {
	for _, value := range h.Values(field) {
		found, _ := mime.Addresses(value) // what cannot be read names nobody
		for _, a := range found {
			if compose.SameAddress(a.Addr, address) {
				return true
			}
		}
	}
	return false
}

// attachment is a part that a brief receipt has a hash of.
type attachment struct {
	*mime.Entity
	name string // as it stands; "" for a mail without one
}

// unnamed is what a mail without a name is called where one is needed.
const unnamed = "messaggio.eml"

// attachments returns the parts that a brief receipt replaces, in order: every
// leaf with a name and every mail. Of a mail that is multipart/signed at its top
// the parts after the first, which hold the signature, are none; an opaque
// signature or encryption at the top has none at all.
//
// A multipart that has a name is none itself: its parts are.
//
// spec: RFC 6109 §3.3.2.2
func attachments(root *mime.Entity) []attachment {
	switch root.MediaType {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return nil
	case "multipart/signed":
		if len(root.Parts) == 0 {
			return nil
		}
		return attachmentsIn(nil, root.Parts[0])
	}
	return attachmentsIn(nil, root)
}

func attachmentsIn(list []attachment, e *mime.Entity) []attachment {
	mail := e.MediaType == "message/rfc822" || e.MediaType == "message/global"
	name := e.Filename()
	switch {
	case mail, name != "" && len(e.Parts) == 0:
		return append(list, attachment{e, name})
	}
	for _, p := range e.Parts {
		list = attachmentsIn(list, p)
	}
	return list
}

// replaceAttachments makes the copy that a brief receipt encloses: each
// attachment is a text with its hash, and the structure stays.
//
// spec: RFC 6109 §3.3.2.2
func (i *Issuer) replaceAttachments(c *compose.Copy) error {
	hash := i.By.Habits.BriefHash
	if hash == 0 {
		hash = crypto.SHA1
	}
	if hash == crypto.SHA1 && fips140.Enforced() {
		return errors.New("FIPS 140-only mode forbids SHA-1: set Habits.BriefHash")
	}
	for _, a := range attachments(c.Root) {
		sum, err := a.sum(hash, i.By.Habits.BriefDecoded)
		if err != nil {
			return fmt.Errorf("part %q: %w", a.Path, err)
		}
		if err := a.replace(c, hex.EncodeToString(sum)); err != nil {
			return err
		}
	}
	return nil
}

// form is that in which a part is hashed: with CRLF.
func (a attachment) form() mime.Form { return mime.Form{Canonical: a.Lines.LF > 0} }

func (a attachment) sum(hash crypto.Hash, decoded bool) ([]byte, error) {
	r := a.Reader(a.Body, a.form())
	if decoded {
		r = a.Open(a.form())
	}
	h := hash.New()
	if _, err := io.Copy(h, r); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// replace puts the text in the place of a part. A mail that is one attachment
// keeps its header but for the fields of MIME.
func (a attachment) replace(c *compose.Copy, sum string) error {
	name := a.name
	if name == "" {
		name = unnamed
	}
	fields := "Content-Type: text/plain; charset=\"us-ascii\"" + compose.Parameter("name", name+".hash") + "\r\n" +
		"Content-Transfer-Encoding: 7bit\r\n" +
		"Content-Disposition: attachment" + compose.Parameter("filename", name+".hash") + "\r\n"
	if a.Entity != c.Root {
		c.Replace(a.Raw, []byte(fields+"\r\n"+sum))
		return nil
	}
	block, err := c.Header()
	if err != nil {
		return err
	}
	c.SetHeader(withFields(block, fields))
	c.Replace(a.Body, []byte(sum+"\r\n"))
	return nil
}

// withFields puts other Content-* fields into a header block, at its end.
func withFields(block []byte, own string) []byte {
	var out bytes.Buffer
	for name, raw := range compose.Fields(block) {
		if string(raw) == "\r\n" || strings.HasPrefix(strings.ToLower(name), "content-") {
			continue
		}
		out.Write(raw)
	}
	return append(append(out.Bytes(), own...), "\r\n"...)
}
