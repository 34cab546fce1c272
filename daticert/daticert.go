// Package daticert reads and writes daticert.xml, the certification data that
// a PEC provider puts into every message it signs.
//
// It implements the DTD of RFC 6109 §4.4. [Parse] reads what providers write:
// tolerantly, keeping what it does not know and naming it in [Data.Defects].
// [Data.AppendXML] writes strictly: what it writes validates against the DTD.
//
// Parsed is not verified. Nothing in a [Data] is certified until the message
// that carried it was verified; package pec does that.
//
// Parsing expands no entity but XML's own five, ignores a DOCTYPE, and costs
// time and memory in proportion to the input, which is bounded by
// [Options.MaxSize]. A Data is not changed by its methods; several goroutines
// may read it at once.
package daticert

import (
	"time"
)

// Type is the kind of PEC message that the data belongs to: attribute tipo of
// the root element. The value is the wire token, so a token outside the list
// is kept as it was written. The zero value means that there is none.
//
// spec: RFC 6109 §4.4
type Type string

// The eight types of the norm.
const (
	TypeTransport      Type = "posta-certificata"         // busta di trasporto
	TypeAcceptance     Type = "accettazione"              // ricevuta di accettazione
	TypeNonAcceptance  Type = "non-accettazione"          // avviso di non accettazione
	TypeTakingInCharge Type = "presa-in-carico"           // ricevuta di presa in carico
	TypeDelivery       Type = "avvenuta-consegna"         // ricevuta di avvenuta consegna
	TypeDeliveryError  Type = "errore-consegna"           // avviso di mancata consegna
	TypeTimeout        Type = "preavviso-errore-consegna" // avviso per superamento del tempo massimo: 12 h or 24 h
	TypeVirusDetection Type = "rilevazione-virus"         // avviso di rilevazione virus
)

// ErrorCode is attribute errore of the root element, as the wire token.
// Providers use it loosely: errore="altro" with the reason only in
// errore-esteso is common, so ask [Data.Detail] too.
type ErrorCode string

// The five codes of the norm. An absent attribute reads as [ErrorNone], the
// default of the DTD.
const (
	ErrorNone      ErrorCode = "nessuno"
	ErrorRecipient ErrorCode = "no-dest"
	ErrorDomain    ErrorCode = "no-dominio"
	ErrorVirus     ErrorCode = "virus"
	ErrorOther     ErrorCode = "altro"
)

// ReceiptType is the kind of delivery receipt that the sender asked for:
// attribute tipo of element ricevuta. The zero value means that there is none.
type ReceiptType string

// The three receipt types of the norm.
const (
	ReceiptComplete ReceiptType = "completa"
	ReceiptBrief    ReceiptType = "breve"
	ReceiptConcise  ReceiptType = "sintetica"
)

// RecipientType tells whether a recipient has a PEC mailbox: attribute tipo of
// element destinatari. An absent attribute reads as [RecipientCertified], the
// default of the DTD.
type RecipientType string

// The two recipient types of the norm.
const (
	RecipientCertified RecipientType = "certificato" // a PEC mailbox
	RecipientExternal  RecipientType = "esterno"     // ordinary mail: never a delivery receipt
)

// Recipient is one element destinatari.
type Recipient struct {
	Type    RecipientType
	Address string
}

// Date is element data as it was written.
type Date struct {
	Day  string // giorno, "dd/mm/yyyy"
	Hour string // ora, "hh:mm:ss", local time
	Zone string // attribute zona, "+hhmm" or "-hhmm"
}

// Data is one daticert.xml. Text is given without the white space around it;
// apart from that it is what the document says.
type Data struct {
	Type          Type        // tipo
	Error         ErrorCode   // errore
	Sender        string      // mittente
	Recipients    []Recipient // destinatari, in document order
	ReplyTo       string      // risposte
	Subject       string      // oggetto
	Provider      string      // gestore-emittente
	Date          Date        // data
	ID            string      // identificativo, the PEC msgid
	MessageID     string      // msgid, the client's own Message-ID
	Receipt       ReceiptType // ricevuta
	Delivery      string      // consegna: the recipient this notice is about
	Receptions    []string    // ricezione: the recipients taken in charge
	ErrorExtended string      // errore-esteso; see Detail
	Defects       []Defect    // what does not follow the norm, in document order
	present       map[string]bool
	raw           []byte
}

// Time returns the instant of element data. The error says which of giorno,
// ora and zona is missing or malformed. The result carries the offset written
// in zona.
//
// spec: RFC 6109 §4.2, §4.4
func (d *Data) Time() (time.Time, error) { panic("todo") }

// Has reports whether the element with this wire name (such as "oggetto") was
// in the document, empty or not. For data that was not parsed it reports
// whether the field has a value.
func (d *Data) Has(element string) bool { panic("todo") }

// Raw returns the bytes that were parsed, nil for data that was not. The
// caller must not change them.
func (d *Data) Raw() []byte { return d.raw }

// Detail takes errore-esteso apart.
func (d *Data) Detail() ErrorDetail { return ParseErrorDetail(d.ErrorExtended) }

// AppendXML appends the document to b, in UTF-8. The error names the first
// field without which the document would not validate or could not be true:
// no sender, no recipient, an unknown type.
func (d *Data) AppendXML(b []byte) ([]byte, error) { panic("todo") }

// ErrorDetail is element errore-esteso in its parts, as AgID's note 12 of
// 2015 writes it: "5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido".
type ErrorDetail struct {
	Code     string // enhanced status code of RFC 3463, "" if there is none
	Provider string // the provider that met the error, "" if not given
	Text     string // the description; the whole text when it has no such form
}

// ParseErrorDetail takes the text of errore-esteso apart. Text that does not
// have the form of note 12 comes back whole in [ErrorDetail.Text].
func ParseErrorDetail(s string) ErrorDetail { panic("todo") }

// DefectID names one way in which a document departs from the norm.
type DefectID string

// The defects that Parse reports.
const (
	// DefectCharacter: a character, character reference or byte that XML 1.0
	// forbids inside oggetto, msgid, risposte or errore-esteso, read as U+FFFD.
	DefectCharacter DefectID = "xml-illegal-character"
	// DefectDTD: an element or attribute missing, out of order, repeated,
	// unknown or with a value that the DTD does not allow.
	DefectDTD DefectID = "dtd"
	// DefectDate: element data does not give an instant.
	DefectDate DefectID = "date"
	// DefectDoctype: the document carries a DOCTYPE, which was ignored.
	DefectDoctype DefectID = "doctype"
	// DefectEncoding: the document is not in UTF-8 (RFC 6109 §4.3.3) but could
	// be read.
	DefectEncoding DefectID = "encoding"
)

// Defect is one departure from the norm that did not stop the reading.
type Defect struct {
	ID     DefectID
	Path   string // element path such as "/postacert/intestazione/oggetto"
	Line   int    // line in the document, from 1; 0 if unknown
	Offset int    // byte offset in the document; -1 if unknown
	Detail string // what was found, in English; outside text in it is not made printable
}

// Options are limits for Parse. The zero value, and nil, mean the defaults.
type Options struct {
	MaxSize int // bytes; 0 means 1 MiB
}

// SyntaxError says that a document is not well-formed XML, or not a daticert
// at all, and where.
type SyntaxError struct {
	Line int    // from 1; 0 if unknown
	Path string // element path where reading stopped, "" before the root
	Err  error
}

// Error gives place and reason.
func (e *SyntaxError) Error() string { panic("todo") }

// Unwrap returns the reason.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Parse reads one daticert.xml. The error is a [*SizeError] for a document
// over the limit and a [*SyntaxError] otherwise; everything less is a Defect.
// The result refers to b.
func Parse(b []byte, o *Options) (*Data, error) { panic("todo") }

// SizeError says that a document is over [Options.MaxSize].
type SizeError struct{ Size, Max int }

// Error gives both sizes.
func (e *SizeError) Error() string { panic("todo") }
