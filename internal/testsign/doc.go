// Package testsign writes PEC messages, good ones and every kind of broken
// one, with the certificates and signatures under them. Tests and the example
// messages of this module are made with it; nothing that verifies imports it,
// and it imports nothing that verifies. Its authorities say in their names
// that they have no legal value.
//
// It is a plain writer. Three values build on each other, and the zero value of
// each, given who signs, is the good case; every further field is a knob for
// one departure from it:
//
//   - [Certificate] writes a certificate: [Certificate.SelfSigned] and
//     [Certificate.IssuedBy] return an [Identity], which can sign;
//   - [SignedData] writes a CMS signature: [SignedData.Sign];
//   - [Message] writes a whole mail: [Message.Bytes].
//
// [NewCircle] gives an authority and two providers to start with:
//
//	c := testsign.NewCircle()
//	mail := testsign.Message{Kind: daticert.TypeDelivery, By: c.Two}.Bytes()
//
// Output depends on the keys and the fields only: no clock, no random numbers.
// Keys are made once per process by [Key]; so two processes write different
// bytes. The functions panic on a request that cannot be met (a certificate
// without key, say): what asks is always a test or a generator. Everything may
// be used by several goroutines at once.
package testsign

import (
	"time"

	"github.com/gopec/gopec/daticert"
)

// Instant is the default time of signatures and messages:
// 2026-03-10 10:15:30 +0100. Default certificates are valid from one year
// before it to two years after it, default authorities five years either way.
var Instant = time.Date(2026, 3, 10, 10, 15, 30, 0, time.FixedZone("", 3600))

// Anomaly is the [Message.Kind] of an anomaly envelope, which has no token in
// the DTD of RFC 6109 §4.4.
const Anomaly daticert.Type = "anomalia"

// Circle is a small PEC circuit: an authority and two providers.
type Circle struct {
	// Root is self-signed, and its name constraints permit the hosts and
	// organisations of One and Two.
	Root *Identity
	// One is "Gestore Uno S.p.A.", posta-certificata@pec.example.it, the
	// sender's provider; Two is "Gestore Due S.p.A.",
	// posta-certificata@pec.example.com, the recipient's.
	One, Two *Identity
}
