// Package pec reads one PEC message and says whether it is authentic and what
// it proves. It is the front door of the module: a caller who knows nothing
// else starts and finishes here.
//
//	m, err := pec.ReadAll(r)              // any mail at all
//	report, err := pec.Verify(m, nil)     // nil: the default policy
//	if err != nil {
//		// not certified; report says why if err is a *NotCertifiedError
//	}
//
// It implements RFC 6109 (the technical rules of the decree of 2 November
// 2005) with the verdicts of ETSI EN 319 102-1.
//
// [Read] and [ReadAll] return a [Message] for everything that can be opened as
// mail: PEC, broken PEC, ordinary mail, junk. Defects are values on it. What a
// Message states is parsed and not verified; what a [Report] with Certified
// set states was signed by a provider of the PEC circuit, at a time when its
// certificate was valid. The Report's Data is the certified data; header
// fields of the message are not under the signature, and each is compared with
// it.
//
// Whether the certificate had been revoked, and the providers' directory, are
// judged on data that the caller gives (VerifyOptions.Revocation, .Directory); a
// time-stamp over the file takes the place of the provider's word about time
// (VerifyOptions.Timestamps). Without them the report lists those checks as
// skipped. Nothing here touches the network.
//
// Reading never verifies and verifying never goes back to read another way. A
// message is read through a fixed buffer and verified as a stream; one of
// hundreds of megabytes is never held. [Limits] bounds the rest, and every
// limit passed is a [*LimitError].
//
// Messages and Reports may be used by several goroutines at once. A Message
// refers to its io.ReaderAt until its last use; a change of the bytes behind
// it between Read and Verify is detected.
package pec

import (
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// Kind is what one layer of a message is: the eight types of daticert.xml and
// three that have no token of their own. The zero value means unset.
type Kind string

// The kinds.
const (
	KindTransport      Kind = Kind(daticert.TypeTransport)      // busta di trasporto
	KindAcceptance     Kind = Kind(daticert.TypeAcceptance)     // ricevuta di accettazione
	KindNonAcceptance  Kind = Kind(daticert.TypeNonAcceptance)  // avviso di non accettazione
	KindTakingInCharge Kind = Kind(daticert.TypeTakingInCharge) // ricevuta di presa in carico
	KindDelivery       Kind = Kind(daticert.TypeDelivery)       // ricevuta di avvenuta consegna
	KindDeliveryError  Kind = Kind(daticert.TypeDeliveryError)  // avviso di mancata consegna
	KindTimeout        Kind = Kind(daticert.TypeTimeout)        // preavviso o avviso per superamento del tempo massimo
	KindVirusDetection Kind = Kind(daticert.TypeVirusDetection) // avviso di rilevazione virus
	KindAnomaly        Kind = "anomalia"                        // busta di anomalia: certifies nothing
	KindOrdinary       Kind = "ordinaria"                       // no signature on this layer
	KindUnknown        Kind = "sconosciuta"                     // signed, but none of the above
)

// Certifies reports whether a message of this kind certifies something when it
// is authentic: the eight types of daticert.xml do.
func (k Kind) Certifies() bool { return daticert.Type(k).Known() }

// Message is one layer of a mail: the mail itself, or a PEC message found
// inside it. Nothing in it is verified.
type Message struct {
	Kind Kind
	// Path is "" for the mail itself and the MIME position, such as "1.3", of
	// a layer inside it.
	Path string
	// Claims are the PEC fields of the layer's own header.
	Claims Claims
	// Data is the certification data in the signed part; nil if there is none
	// or it cannot be read, and then DataErr says why.
	Data    *daticert.Data
	DataErr error
	// One of these is set, by kind: Transport and Notice need Data.
	Transport *envelope.Transport
	Anomaly   *envelope.Anomaly
	Notice    *receipt.Notice
	// Layers are the PEC messages inside this one, and those that claim to be,
	// in order; never the user's ordinary original.
	Layers []*Message
	// Defects are departures from the norm that did not stop the reading.
	Defects []Defect

	entity    *mime.Entity
	hasHeader bool // false for a multipart/signed found as a bare part
	signed    *smime.Signed
	parts     parts
	limits    Limits
	limit     *LimitError // passed while reading this layer
}

// Claims are the PEC fields of a header. They are not signed. Tokens are given
// as written, without white space around them.
type Claims struct {
	Transport   string // X-Trasporto
	Receipt     string // X-Ricevuta
	ReceiptType string // X-TipoRicevuta
	Security    string // X-VerificaSicurezza
	Reference   string // X-Riferimento-Message-ID
}

// IsPEC reports whether a header calls its message PEC.
func (c Claims) IsPEC() bool { return c.Transport != "" || c.Receipt != "" }

// Defect is a departure from the norm that did not stop the reading.
type Defect struct {
	ID     string // stable, such as "daticert-twice" or "mime-bare-cr"
	Path   string // MIME position, "" for the message
	Detail string // English; outside text in it is not made printable
}

// Header returns the values of one field of the layer's own header, unfolded,
// in order. None of them is signed.
func (m *Message) Header(name string) []string {
	if !m.hasHeader {
		return nil
	}
	return m.entity.Header.Values(name)
}

// IsSigned reports whether there is a signature on this layer, good or not.
func (m *Message) IsSigned() bool { return m.signed != nil }

// Original returns the mail enclosed in the signed part, nil if there is none.
func (m *Message) Original() *smime.Original {
	switch {
	case m.Transport != nil:
		return m.Transport.Original
	case m.Anomaly != nil:
		return m.Anomaly.Original
	case m.Notice != nil:
		return m.Notice.Original
	}
	return nil
}

// token folds a wire token for comparison: exact, but for case and white space
// around it.
func token(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
