// Package receipt gives a typed view of the receipts and notices of PEC: from
// the acceptance to the delivery, or to one of the notices that it failed.
//
// It implements RFC 6109 §3.1.2 to §3.1.6, §3.2.1, §3.2.3, §3.2.4 and §3.3.
// One struct, [Notice], serves all seven types, because on the wire they are
// one form with a type. Package pec makes it from a message it has read.
//
// Parsed is not verified: a Notice says what a message states. Whether it is
// authentic is pec.Verify's answer.
//
// A provider builds them: [Issuer] has a method for each kind, which gives an
// [envelope.Outgoing] to be written. [Brief.Compare] holds the hashes of a brief
// delivery receipt against the message that its sender kept.
package receipt

import (
	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/smime"
)

// Notice is a receipt (ricevuta) or a notice (avviso).
type Notice struct {
	// Type is one of daticert's types other than TypeTransport.
	Type daticert.Type
	// Data is the certification data of the message the notice is about. Its
	// time is the notice's own.
	Data *daticert.Data
	// Original is the copy of the message in a complete delivery receipt, or
	// what a brief one has in its place; nil if there is none. Providers leave
	// it out of complete receipts for Cc recipients, too.
	Original *smime.Original
	// Text is the readable text of the notice, in UTF-8. It is meant for
	// people: RFC 6109 says to parse the XML only.
	Text string
}

// Recipient is the one recipient a delivery, a delivery error, a timeout or a
// virus detection is about: element consegna. It is "" for the other types.
func (n *Notice) Recipient() string { return n.Data.Delivery }

// Reason takes apart why an acceptance was refused or a delivery failed.
// Providers are free with attribute errore, so the enhanced status code in
// errore-esteso is the better ground.
func (n *Notice) Reason() (daticert.ErrorCode, daticert.ErrorDetail) {
	return n.Data.Error, n.Data.Detail()
}

// IsVirus reports whether the notice was caused by a virus.
func (n *Notice) IsVirus() bool {
	return n.Type == daticert.TypeVirusDetection || n.Data.Error == daticert.ErrorVirus
}
