// Package daticert reads and writes daticert.xml, the certification data that
// a PEC provider puts into every message it signs.
//
// It implements the DTD of RFC 6109 §4.4. [Parse] reads what providers write:
// tolerantly, keeping what it does not know and naming it in [Data.Defects].
// [Data.AppendXML] writes strictly: what it writes validates against the DTD.
// [Data.Time] gives the instant that the message certifies, [Data.Detail] the
// reason that a notice of failure states.
//
// Parsed is not verified. Nothing in a [Data] is certified until the message
// that carried it was verified; package pec does that. Two defects mean that
// another reader could see other facts in the same bytes, [DefectRepeated] and
// [DefectMixed]: who decides by the facts must refuse such a document.
//
// A document that is not well-formed XML 1.0 is refused, with one exception
// for text that others wrote, [DefectCharacter]. Parsing expands no entity but
// XML's own five, ignores a DOCTYPE, reads nothing but the bytes it is given,
// and costs time and memory in proportion to them. The limits are
// [Options.MaxSize], [Options.MaxMarkup], a nesting of 16 elements and 100
// listed defects of each kind. A Data is not changed by its methods; several
// goroutines may read it at once.
package daticert

// Recipient is one element destinatari.
type Recipient struct {
	Type    RecipientType
	Address string
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
	present       elementSet
	raw           string
}

// Has reports whether the element with this wire name (such as "oggetto") was
// in the document, empty or not, at the place that the DTD gives it. For data
// that was not parsed it reports whether the field has a value. It is false
// for a name that the DTD does not know.
func (d *Data) Has(element string) bool {
	e, ok := elementNamed(element)
	if !ok {
		return false
	}
	if d.raw != "" {
		return d.present.has(e)
	}
	return d.hasValue(e)
}

func (d *Data) hasValue(e element) bool {
	switch e {
	case elDestinatari:
		return len(d.Recipients) > 0
	case elRicezione:
		return len(d.Receptions) > 0
	case elData:
		return d.Date != Date{}
	case elRicevuta:
		return d.Receipt != ""
	}
	field := d.text(e)
	return field != nil && *field != ""
}

// text returns the field that holds the text of an element, nil for an element
// without text or with a list of texts.
func (d *Data) text(e element) *string {
	switch e {
	case elMittente:
		return &d.Sender
	case elRisposte:
		return &d.ReplyTo
	case elOggetto:
		return &d.Subject
	case elGestoreEmittente:
		return &d.Provider
	case elGiorno:
		return &d.Date.Day
	case elOra:
		return &d.Date.Hour
	case elIdentificativo:
		return &d.ID
	case elMsgid:
		return &d.MessageID
	case elConsegna:
		return &d.Delivery
	case elErroreEsteso:
		return &d.ErrorExtended
	}
	return nil
}

// Raw returns a copy of the bytes that were parsed, nil for data that was not.
func (d *Data) Raw() []byte {
	if d.raw == "" {
		return nil
	}
	return []byte(d.raw)
}

// Detail takes errore-esteso apart.
func (d *Data) Detail() ErrorDetail { return ParseErrorDetail(d.ErrorExtended) }
