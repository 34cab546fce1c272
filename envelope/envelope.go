// Package envelope gives typed views of the two envelopes of PEC: the
// transport envelope, in which a message travels with its certification data,
// and the anomaly envelope, in which a mail that PEC could not vouch for
// reaches a mailbox.
//
// It implements RFC 6109 §3.1.5 and §3.2.2. Package pec makes the views from a
// message it has read.
//
// Parsed is not verified: a view says what a message states. Whether it is
// authentic is pec.Verify's answer, and an anomaly envelope certifies nothing
// even then.
//
// A provider builds them: [Provider] says who issues, [Facts] reads from a
// submitted message what is certified of it, [Provider.Transport] and
// [Provider.Anomaly] give an [Outgoing], which is signed when it is written.
// Receipts and notices are built by package receipt for the same Provider. What
// could not be valid is a [*FieldError].
package envelope

import (
	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/smime"
)

// Transport is a transport envelope, busta di trasporto,
// X-Trasporto: posta-certificata.
//
// spec: RFC 6109 §3.1.5
type Transport struct {
	// Data is the certification data: sender and recipients are those of the
	// SMTP envelope, and ID is also the envelope's Message-ID.
	Data *daticert.Data
	// Original is the message that travels inside, postacert.eml; nil if the
	// envelope has none.
	Original *smime.Original
}

// Recipients returns the addresses with a PEC mailbox and those without: only
// the former ever get a delivery receipt.
func (t *Transport) Recipients() (certified, external []string) {
	for _, r := range t.Data.Recipients {
		if r.Type == daticert.RecipientExternal {
			external = append(external, r.Address)
		} else {
			certified = append(certified, r.Address)
		}
	}
	return certified, external
}

// Receipt returns the kind of delivery receipt that the sender asked for. None
// asked for means a complete one.
//
// spec: RFC 6109 §3.3.2.1
func (t *Transport) Receipt() daticert.ReceiptType {
	if t.Data.Receipt == "" {
		return daticert.ReceiptComplete
	}
	return t.Data.Receipt
}

// Anomaly is an anomaly envelope, busta di anomalia, X-Trasporto: errore. It
// has no certification data; the enclosed mail is as it arrived.
//
// QUIRK: RFC 6109 §3.2.2 spells the field X-Trasplorto; every provider writes
// X-Trasporto.
//
// spec: RFC 6109 §3.2.2
type Anomaly struct {
	// Original is the mail that arrived; nil if the envelope has none.
	Original *smime.Original
}
