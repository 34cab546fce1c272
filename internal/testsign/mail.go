package testsign

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
)

// Part is one MIME part. Empty fields get the value usual for the part that it
// stands for; "-" leaves a thing out.
type Part struct {
	Type        string // Content-Type without the name parameter
	Name        string // name and filename; "-": neither
	Encoding    string // Content-Transfer-Encoding: base64, quoted-printable, 7bit, 8bit, binary; "-": no such field, body as it is
	Disposition string // inline, attachment; "-": no such field
	Body        []byte // before Encoding
	Raw         []byte // the whole part, header block included, instead of all this
}

// LineEnds is the form of the file. What is signed has CRLF, unless
// [Message.SignAsStored] asks otherwise.
type LineEnds int

// The line ends.
const (
	CRLF        LineEnds = iota
	LF                   // in every line
	LFHeader             // LF in the header block of the mail, CRLF below
	LFAlternate          // LF in every second line
)

// Message says how to write one PEC message. The zero value, given Kind, is a
// good message as a provider sends it.
//
// spec: RFC 6109 §3, §4.3
type Message struct {
	Kind daticert.Type // one of the eight, or Anomaly
	By   *Identity     // the provider that issues it; nil: the one of NewCircle whose task it is
	Time time.Time     // zero: Instant
	// Data are the certified facts. Empty fields get those of one example
	// exchange where the kind has them: Type that of Kind, Date that of Time. Some decide more: Error ErrorVirus makes the notice one for virus,
	// Receipt makes a delivery brief or concise.
	Data daticert.Data
	// Final makes a timeout notice that of 24 hours; otherwise it is that of 12.
	Final bool

	// Header of the mail. Remove takes all fields of a name away; then Set
	// replaces the first field of that name, or adds it at the end; then Before
	// and After are put around.
	Remove        []string
	Set           []Field
	Before, After []Field

	XML       []byte              // daticert.xml, instead of one written from Data
	EditXML   func([]byte) []byte // changes daticert.xml
	NoXML     bool
	XMLPart   Part
	SecondXML []byte // one more daticert.xml, after the first

	// Original is the original message, which is part of transport envelopes,
	// complete and brief deliveries, and anomaly envelopes; given, it is put
	// into any kind. nil: that of the example.
	Original      []byte
	NoOriginal    bool
	OriginalFirst bool // before daticert.xml
	OriginalPart  Part

	Text       string // the text part, in UTF-8 with LF, written in ISO-8859-1; "": the model's
	TextOnly   bool   // without the HTML alternative
	NoText     bool
	ExtraParts []Part // at the end of multipart/mixed

	CMS           SignedData
	Signature     []byte // the p7s as it is, instead of one that CMS describes
	SignaturePart Part
	NoSignature   bool   // multipart/mixed alone
	Opaque        bool   // application/pkcs7-mime instead of multipart/signed
	Protocol      string // "": "application/pkcs7-signature"; "-": no parameter
	Micalg        string // "": that of the digest; "-": no parameter

	Preamble, Epilogue string // of multipart/signed; "": the usual (no epilogue), "-": none
	BoundarySeed       string // other boundaries
	PrefixBoundaries   bool   // the boundary of multipart/signed is a prefix of the one inside
	NoClosing          bool   // multipart/signed without its closing delimiter
	LineEnds           LineEnds
	SignAsStored       bool // what is signed has the line ends of the file

	// BeforeSign changes the part that is to be signed, AfterSign the part when
	// it is signed (of an opaque mail, the content inside), Finish the mail.
	BeforeSign, AfterSign, Finish func([]byte) []byte
}

// SignedPart returns the bytes that the signature is over, with CRLF: header
// block and body of the first part of multipart/signed.
func (m Message) SignedPart() []byte {
	m.setDefaults()
	return m.signedPart()
}

// DatiCert returns the daticert.xml, nil if the message has none.
func (m Message) DatiCert() []byte {
	m.setDefaults()
	return m.XML
}

// OriginalMail returns the original message that the mail carries, nil if it
// carries none.
func (m Message) OriginalMail() []byte {
	m.setDefaults()
	return m.Original
}

// Certified returns Data with the fields that the message fills in.
func (m Message) Certified() daticert.Data {
	m.setDefaults()
	return m.Data
}

// Bytes returns the mail.
func (m Message) Bytes() []byte {
	m.setDefaults()
	part := m.signedPart()
	var out []byte
	switch {
	case m.NoSignature:
		fields, body := splitPart(part)
		out = m.LineEnds.apply(append(headerBlock(m.header(fields...)), body...))
	case m.Opaque:
		out = m.LineEnds.apply(m.opaque(part))
	default:
		out = m.multipartSigned(part)
	}
	if m.Finish != nil {
		out = m.Finish(out)
	}
	return out
}

func (m *Message) multipartSigned(part []byte) []byte {
	boundary := m.boundary("signed")
	contentType := "multipart/signed; " + m.signedParameters() + `boundary="` + boundary + `"`
	before := headerBlock(m.header(Field{"Content-Type", contentType}))
	if m.Preamble != "-" {
		preamble := m.Preamble
		if preamble == "" {
			preamble = "This is an S/MIME signed message"
		}
		before = append(before, preamble+"\r\n\r\n"...)
	}
	before = append(before, "--"+boundary+"\r\n"...)

	signature := m.Signature
	if signature == nil {
		toSign := part
		if m.SignAsStored {
			stored := m.LineEnds.apply(append(bytes.Clone(before), part...))
			toSign = stored[len(m.LineEnds.apply(before)):]
		}
		signature = m.CMS.Sign(m.By, toSign)
	}
	if m.AfterSign != nil {
		part = m.AfterSign(part)
	}
	p7s := m.SignaturePart.or(Part{
		Type: "application/pkcs7-signature", Name: "smime.p7s", Encoding: "base64", Disposition: "attachment", Body: signature,
	})
	var b bytes.Buffer
	b.Write(before)
	b.Write(part)
	b.WriteString("\r\n--" + boundary + "\r\n")
	b.Write(p7s.bytes())
	b.WriteString("\r\n")
	if !m.NoClosing {
		b.WriteString("--" + boundary + "--\r\n")
	}
	if m.Epilogue != "-" {
		b.WriteString(m.Epilogue)
	}
	return m.LineEnds.apply(b.Bytes())
}

func (m *Message) opaque(part []byte) []byte {
	s := m.CMS
	s.Opaque = true
	if m.AfterSign != nil {
		s.Content = m.AfterSign(bytes.Clone(part))
	}
	signature := m.Signature
	if signature == nil {
		signature = s.Sign(m.By, part)
	}
	p7m := m.SignaturePart.or(Part{
		Type: "application/pkcs7-mime; smime-type=signed-data", Name: "smime.p7m",
		Encoding: "base64", Disposition: "attachment", Body: signature,
	})
	fields, body := splitPart(p7m.bytes())
	return append(headerBlock(m.header(fields...)), body...)
}

// signedParameters are those of multipart/signed before boundary.
func (m *Message) signedParameters() string {
	var s string
	if m.Protocol != "-" {
		s += fmt.Sprintf("protocol=%q; ", orElse(m.Protocol, "application/pkcs7-signature"))
	}
	if m.Micalg != "-" {
		s += "micalg=" + orElse(m.Micalg, m.digestName()) + "; "
	}
	return s
}

// digestName is the value of micalg. spec: RFC 8551 §3.5.3.2
func (m *Message) digestName() string {
	h := m.CMS.Signer.Hash
	if h == 0 {
		h = crypto.SHA256
		if _, ok := m.By.Key.Public().(ed25519.PublicKey); ok {
			h = crypto.SHA512
		}
	}
	return strings.ToLower(h.String()) // "sha-256", "md5"
}

func (m *Message) boundary(level string) string {
	if m.PrefixBoundaries {
		return "----=_Part_1" + map[string]string{"signed": "", "mixed": "_2", "alternative": "_2_3"}[level]
	}
	sum := sha256.Sum256([]byte(string(m.Kind) + "\x00" + m.BoundarySeed + "\x00" + level))
	return "----" + strings.ToUpper(hex.EncodeToString(sum[:12]))
}

// apply turns CRLF into the line ends of the file.
func (l LineEnds) apply(b []byte) []byte {
	crlf, lf := []byte("\r\n"), []byte("\n")
	switch l {
	case LF:
		return bytes.ReplaceAll(b, crlf, lf)
	case LFHeader:
		header, body, found := bytes.Cut(b, []byte("\r\n\r\n"))
		if !found {
			return b
		}
		header = bytes.ReplaceAll(header, crlf, lf)
		return append(append(header, "\n\n"...), body...)
	case LFAlternate:
		lines := bytes.SplitAfter(b, crlf)
		for i := range lines {
			if i%2 == 1 {
				lines[i] = bytes.ReplaceAll(lines[i], crlf, lf)
			}
		}
		return bytes.Join(lines, nil)
	}
	return b
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
