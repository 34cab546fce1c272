package revocation

import (
	"math/big"
	"time"
)

// ListFacts is what was read from the first list of a Data.
type ListFacts struct {
	DER, Issuer            []byte
	ThisUpdate, NextUpdate time.Time
	Entries                int
}

// ReadList shows the first list.
func ReadList(d *Data) ListFacts {
	l := d.lists[0]
	return ListFacts{l.der, l.issuer, l.thisUpdate, l.nextUpdate, len(l.entries)}
}

// Find gives the times of revocation of a serial number on the first list.
func Find(d *Data, serial *big.Int) (out []time.Time) {
	for _, e := range d.lists[0].find(serialOf(serial)) {
		out = append(out, e.revoked.UTC())
	}
	return out
}

// ResponseFacts is what was read from the first response, of its first status.
type ResponseFacts struct {
	TBS, Signature                              []byte
	ResponderName, ResponderKey                 []byte
	ProducedAt, ThisUpdate, NextUpdate, Revoked time.Time
	Status                                      Status
	Serial                                      *big.Int
}

// ReadResponse shows the first response.
func ReadResponse(d *Data) ResponseFacts {
	r := d.responses[0]
	s := r.singles[0]
	serial := new(big.Int).SetBytes(s.serial)
	if s.serial[0] >= 0x80 {
		serial.Sub(serial, new(big.Int).Lsh(big.NewInt(1), uint(8*len(s.serial))))
	}
	return ResponseFacts{r.signed.TBS, r.signed.Signature, r.responder.name, r.responder.key, r.producedAt, s.thisUpdate, s.until, s.revoked, s.status, serial}
}
