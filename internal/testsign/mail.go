package testsign

import (
	"time"

	"github.com/gopec/gopec/daticert"
)

// Field is one header field.
type Field struct{ Name, Value string }

// Part is one MIME part. Empty fields get the value of the part it stands for.
type Part struct {
	Type        string // Content-Type without the name parameter
	Name        string // name and filename; "-" leaves both out
	Encoding    string // Content-Transfer-Encoding: base64, quoted-printable, 7bit, 8bit, binary
	Disposition string // inline, attachment; "-" leaves the field out
	Raw         []byte // the whole part, header block included, instead of all this
	Body        []byte // before Encoding
}

// LineEnds is the form of the file. What is signed always has CRLF, unless
// SignAsStored asks otherwise.
type LineEnds int

const (
	CRLF        LineEnds = iota
	LF                   // every line
	LFHeader             // LF in the header block of the mail, CRLF below
	LFAlternate          // every second line
)

// Message says how to write one PEC message. The zero value, given Kind and
// By, is a good message as a provider sends it.
type Message struct {
	Kind daticert.Type // one of the eight, or Anomaly
	By   *Identity     // the provider that issues it
	Time time.Time     // zero: Instant
	// Data are the certified facts. Empty fields get those of the example
	// exchange; Type is taken from Kind, Date from Time.
	Data daticert.Data
	// Final makes a timeout notice that of 24 hours; otherwise it is that of 12.
	Final bool

	// Header of the mail. Remove first, then Set (replaces the first field of
	// that name, adds it if there is none), then Before and After are put around.
	Remove        []string
	Set           []Field
	Before, After []Field

	// Certification data.
	XML       []byte              // the document, instead of one written from Data
	EditXML   func([]byte) []byte // changes the document
	NoXML     bool
	XMLPart   Part
	SecondXML []byte // one more daticert.xml, after the first

	// The original message: in transport envelopes, complete and brief
	// deliveries, and anomaly envelopes.
	Original      []byte // nil: the example's
	NoOriginal    bool
	OriginalFirst bool // before daticert.xml
	OriginalPart  Part

	Text       string // the text part; "": the model's
	TextOnly   bool   // without the HTML alternative
	NoText     bool
	ExtraParts []Part // at the end of multipart/mixed

	// The signature around it.
	CMS           SignedData
	Signature     []byte // the p7s as it is, instead of one that CMS describes
	SignaturePart Part
	NoSignature   bool   // multipart/mixed alone
	Opaque        bool   // application/pkcs7-mime instead of multipart/signed
	Protocol      string // ""; "application/pkcs7-signature"
	Micalg        string // "": that of the digest

	Preamble, Epilogue string // of multipart/signed; "": the usual, "-": none
	BoundarySeed       string // other boundaries
	PrefixBoundaries   bool   // the boundary of multipart/signed is a prefix of the one inside
	NoClosing          bool   // multipart/signed without its closing delimiter
	LineEnds           LineEnds
	SignAsStored       bool // what is signed has the line ends of the file

	// BeforeSign changes the part that is to be signed, AfterSign the signed
	// part afterwards, Finish the whole mail.
	BeforeSign, AfterSign, Finish func([]byte) []byte
}

// Bytes returns the mail.
func (m Message) Bytes() []byte { panic("todo") }

// SignedPart returns the bytes that the signature is over.
func (m Message) SignedPart() []byte { panic("todo") }

// DatiCert returns the daticert.xml.
func (m Message) DatiCert() []byte { panic("todo") }

// OriginalMail returns the message that the exchange of the example is about,
// with the PEC msgid as its Message-ID.
func (m Message) OriginalMail() []byte { panic("todo") }

// MailingList wraps a mail as a mailing list does that adds a footer: a
// multipart/mixed with the body of the mail, as it stands, as its first part.
func MailingList(mail []byte, list string) []byte { panic("todo") }
