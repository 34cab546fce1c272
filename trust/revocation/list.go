package revocation

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/internal/certsig"
)

// list is a revocation list as it was read; nothing of it is verified.
//
// spec: RFC 5280 §5.1
type list struct {
	document
	issuer                 []byte // Name, DER
	thisUpdate, nextUpdate time.Time
	certificates           []*x509.Certificate // of possible signers
	entries                []entryRef          // by hash
	seed                   maphash.Seed

	delta    bool
	indirect bool   // says that it is, or has entries of other issuers
	critical string // the first critical extension that is not known
	expired  time.Time
	scope
}

// entryRef leads to an entry by a hash of its serial number. The hash is seeded:
// nobody can choose numbers that collide.
type entryRef struct {
	hash   uint64
	offset uint32 // of the entry in the DER
}

// entry is one revoked certificate.
type entry struct {
	serial      []byte // shortest contents
	revoked     time.Time
	reason      Reason
	invalidity  time.Time // zero if absent
	otherIssuer bool
	critical    []byte // object identifier that is not known, nil without
}

// unwrapCRL takes a list out of PEM, with the certificates beside it.
func unwrapCRL(b []byte) (der []byte, certificates []*x509.Certificate, err error) {
	if !bytes.HasPrefix(bytes.TrimLeft(b, "\ufeff \t\r\n"), []byte("-----BEGIN")) {
		if len(b) > MaxCRLSize {
			return nil, nil, ErrCRLSize
		}
		return b, nil, nil
	}
	if len(b) > MaxCRLSize/2*3 {
		return nil, nil, ErrCRLSize
	}
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			break
		}
		switch {
		case block.Type == "X509 CRL" && der == nil:
			der = block.Bytes
		case block.Type == "CERTIFICATE" && len(certificates) == MaxCertificates:
			return nil, nil, ErrCertificates
		case block.Type == "CERTIFICATE":
			c, err := parseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, fmt.Errorf("%w: certificate %d in the PEM file", ErrMalformed, len(certificates)+1)
			}
			certificates = append(certificates, c)
		default:
			return nil, nil, ErrPEM
		}
	}
	switch {
	case der == nil:
		return nil, nil, ErrPEM
	case len(der) > MaxCRLSize:
		return nil, nil, ErrCRLSize
	}
	return der, certificates, nil
}

// malformedCRL names the part of a list that cannot be read.
func malformedCRL(part string) error { return fmt.Errorf("%w revocation list: %s", ErrMalformed, part) }

func parseList(der []byte) (*list, error) {
	l := &list{document: document{kind: CRL, der: der, sum: sha256.Sum256(der)}, seed: maphash.MakeSeed()}
	var err error
	if l.signed, err = certsig.Read(der); err != nil {
		return nil, malformedCRL("not one signed DER value")
	}
	tbs := cryptobyte.String(l.signed.TBS)
	var seq, inner, issuer cryptobyte.String
	version := 0
	if !tbs.ReadASN1(&seq, cbasn1.SEQUENCE) || !tbs.Empty() {
		return nil, malformedCRL("its frame")
	}
	if seq.PeekASN1Tag(cbasn1.INTEGER) && (!seq.ReadASN1Integer(&version) || version != 1) {
		return nil, malformedCRL("its version")
	}
	if !seq.ReadASN1Element(&inner, cbasn1.SEQUENCE) || !bytes.Equal(inner, outerAlgorithm(der)) {
		return nil, malformedCRL("two signature algorithms")
	}
	if !seq.ReadASN1Element(&issuer, cbasn1.SEQUENCE) {
		return nil, malformedCRL("its issuer")
	}
	l.issuer = issuer
	if !readTime(&seq, &l.thisUpdate) {
		return nil, malformedCRL("thisUpdate")
	}
	if seq.PeekASN1Tag(cbasn1.UTCTime) || seq.PeekASN1Tag(cbasn1.GeneralizedTime) {
		if !readTime(&seq, &l.nextUpdate) {
			return nil, malformedCRL("nextUpdate")
		}
	}
	if err := l.readEntries(&seq); err != nil {
		return nil, err
	}
	return l, l.readExtensions(seq)
}

// outerAlgorithm returns the AlgorithmIdentifier beside the signature, which
// certsig has read.
func outerAlgorithm(der []byte) []byte {
	in := cryptobyte.String(der)
	var seq, algorithm cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) || !seq.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) {
		return nil
	}
	return algorithm
}

// readEntries reads every entry once, so that a look-up cannot fail, and
// remembers where each is.
func (l *list) readEntries(seq *cryptobyte.String) error {
	if !seq.PeekASN1Tag(cbasn1.SEQUENCE) {
		return nil
	}
	var all cryptobyte.String
	if !seq.ReadASN1(&all, cbasn1.SEQUENCE) {
		return malformedCRL("its entries")
	}
	// Slices of one array share its end, which gives the place of a part.
	place := func(part []byte) uint32 { return uint32(cap(l.der) - cap(part)) }
	for !all.Empty() {
		if len(l.entries) == MaxCRLEntries {
			return ErrCRLEntries
		}
		offset := place(all)
		e, ok := readEntry(&all)
		if !ok {
			return malformedCRL(fmt.Sprintf("entry %d", len(l.entries)+1))
		}
		l.indirect = l.indirect || e.otherIssuer
		if e.critical != nil && l.critical == "" {
			l.critical = oidText(e.critical)
		}
		l.entries = append(l.entries, entryRef{maphash.Bytes(l.seed, e.serial), offset})
	}
	l.entries = slices.Clip(l.entries)
	slices.SortFunc(l.entries, func(a, b entryRef) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.offset) - int(b.offset)
	})
	return nil
}

func readEntry(in *cryptobyte.String) (e entry, ok bool) {
	var one, serial, extensions cryptobyte.String
	if !in.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1(&serial, cbasn1.INTEGER) || len(serial) == 0 || !readTime(&one, &e.revoked) {
		return e, false
	}
	e.serial = shortest(serial)
	if one.Empty() {
		return e, true
	}
	if !one.ReadASN1(&extensions, cbasn1.SEQUENCE) || !one.Empty() {
		return e, false
	}
	ok = eachExtension(extensions, func(oid []byte, critical bool, value []byte) bool {
		switch string(oid) {
		case oidReasonCode:
			return e.reason.read(value)
		case oidInvalidityDate:
			return readInvalidityDate(value, &e.invalidity)
		case oidCertificateIssuer:
			e.otherIssuer = true
		default:
			if critical && e.critical == nil {
				e.critical = oid
			}
		}
		return true
	})
	return e, ok
}

// find returns the entries of a serial number; there should be one at most.
func (l *list) find(serial []byte) []entry {
	h := maphash.Bytes(l.seed, serial)
	i, _ := slices.BinarySearchFunc(l.entries, h, func(e entryRef, h uint64) int {
		switch {
		case e.hash < h:
			return -1
		case e.hash > h:
			return 1
		}
		return 0
	})
	var found []entry
	for ; i < len(l.entries) && l.entries[i].hash == h; i++ {
		in := cryptobyte.String(l.der[l.entries[i].offset:])
		if e, ok := readEntry(&in); ok && bytes.Equal(e.serial, serial) {
			found = append(found, e)
		}
	}
	return found
}
