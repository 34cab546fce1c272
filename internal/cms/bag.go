package cms

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// bagEntry is one entry of the certificates field. Parsing a certificate costs
// as much as checking a signature, so that each is parsed when it is asked for.
type bagEntry struct {
	raw         []byte            // in memory of its own, with nothing behind it
	after       int               // bytes of DER that stand behind it; -1 if it did not come with the signature
	fields      certificateFields // pieces of raw
	certificate *x509.Certificate // once parsed
	err         error             // why it is skipped
	outcome     outcome           // of the signature value under its key
}

// outcome of a signature value under one key.
type outcome int

const (
	untried outcome = iota
	wrong
	verified
)

// readBag cuts the certificates field into entries. What is no certificate is
// skipped: the field may hold attribute certificates and formats of others.
//
// spec: RFC 5652 §10.2.2, §10.2.3
func (s *SignedData) readBag(set cryptobyte.String) {
	if set.Empty() {
		return
	}
	rest := []byte(set)
	s.bag = make([]bagEntry, 0, 2)
	count := 0
	for len(rest) > 0 {
		h, raw, ok := nextElement(&rest)
		if !ok {
			break // scan has passed it
		}
		if count++; count > MaxCertificates {
			continue
		}
		s.bag = append(s.bag, newEntry(h, raw))
	}
	if count > MaxCertificates {
		s.blockSigners(s.add(CodeTooManyCertificates, set, strconv.Itoa(count), strconv.Itoa(MaxCertificates)))
	}
}

// newEntry makes an entry of a piece of DER. A known certificate has the same bytes
// already; those of another one are copied.
func newEntry(h header, raw []byte) bagEntry {
	e := bagEntry{after: cap(raw) - len(raw)}
	if h.id != byte(asn1.SEQUENCE) {
		e.err = fmt.Errorf("%s", choiceName(h.id))
		return e
	}
	var ok bool
	if e.certificate, ok = known.Get(raw); ok {
		e.raw = e.certificate.Raw
	} else {
		e.raw = bytes.Clone(raw)
	}
	e.raw = e.raw[:len(raw):len(raw)] // so that capacities tell where a part of it is
	if e.fields, ok = readCertificateFields(e.raw); !ok {
		e.err = errNotCertificate
	}
	return e
}

// offset returns where a part of an entry starts in the input, -1 if it did not
// come with the signature.
func (e *bagEntry) offset(s *SignedData, part []byte) int {
	if s.BER || e.after < 0 {
		return -1
	}
	return s.size - e.after - cap(part)
}

// choiceName names an alternative of CertificateChoices by its tag.
func choiceName(id byte) string {
	switch id {
	case 0xa0:
		return "an extended certificate of PKCS #6"
	case 0xa1:
		return "an attribute certificate, version 1"
	case 0xa2:
		return "an attribute certificate, version 2"
	case 0xa3:
		return "a certificate of another format"
	}
	return fmt.Sprintf("an element with tag 0x%02x", id)
}

// parse parses an entry, once.
func (e *bagEntry) parse() (*x509.Certificate, error) {
	if e.certificate == nil && e.err == nil {
		e.certificate, e.err = ParseCertificate(e.raw)
	}
	return e.certificate, e.err
}

// Certificates returns the certificates that travel with the signature and
// can be read, in order. They are parsed on the first call.
func (s *SignedData) Certificates() []*x509.Certificate {
	var all []*x509.Certificate
	for i := range s.bag {
		if c, err := s.bag[i].parse(); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// RawCertificates returns the DER of every entry that has the outer shape of a
// certificate, in order, without parsing it: enough to look it up by its hash.
func (s *SignedData) RawCertificates() [][]byte {
	var all [][]byte
	for _, e := range s.bag {
		if e.fields.tbs != nil {
			all = append(all, e.raw)
		}
	}
	return all
}

// AddCertificates makes certificates that did not travel with the signature
// candidates for the signer's, at most MaxCertificates of them: a time-stamp
// token may leave out its own (RFC 3161 §2.4.1). They are judged as the others.
func (s *SignedData) AddCertificates(all ...*x509.Certificate) {
	for _, c := range all[:min(len(all), MaxCertificates)] {
		if c == nil {
			continue
		}
		if f, ok := readCertificateFields(c.Raw); ok {
			s.bag = append(s.bag, bagEntry{raw: c.Raw, after: -1, fields: f, certificate: c})
		}
	}
}

// Skipped says which entries of the bag could not be read, from 1, and why.
// It parses them all.
func (s *SignedData) Skipped() []string {
	var all []string
	for i := range s.bag {
		if _, err := s.bag[i].parse(); err != nil {
			all = append(all, fmt.Sprintf("certificate %d: %v", i+1, err))
		}
	}
	return all
}

// signerID is SignerIdentifier: issuer and serial number, or a key identifier.
type signerID struct {
	issuer []byte // with header
	serial []byte // contents
	key    []byte // contents; nil if the other form is used
}

// read reads a SignerIdentifier.
//
// spec: RFC 5652 §5.3
func (id *signerID) read(in *cryptobyte.String) bool {
	var seq, issuer, serial, key cryptobyte.String
	keyTag := asn1.Tag(0).ContextSpecific()
	if in.PeekASN1Tag(keyTag) {
		ok := in.ReadASN1(&key, keyTag)
		id.key = key
		return ok
	}
	ok := in.ReadASN1(&seq, asn1.SEQUENCE) && seq.ReadASN1Element(&issuer, asn1.SEQUENCE) &&
		seq.ReadASN1(&serial, asn1.INTEGER) && seq.Empty()
	id.issuer, id.serial = issuer, serial
	return ok
}

// version is the SignerInfo version that goes with the form used.
func (id *signerID) version() byte {
	if id.key != nil {
		return 3
	}
	return 1
}

func (id *signerID) form() string {
	if id.key != nil {
		return "subjectKeyIdentifier"
	}
	return "issuerAndSerialNumber"
}

// named returns the entries that the signer's identifier names. The identifier
// is not signed and decides nothing: it saves trying every key.
func (s *SignedData) named() []*bagEntry {
	var exact, similar []*bagEntry
	for i := range s.bag {
		e := &s.bag[i]
		switch {
		case e.fields.tbs == nil:
		case s.signer.key != nil:
			// A certificate without the extension has no identifier, so none names it.
			if c, err := e.parse(); err == nil && len(c.SubjectKeyId) > 0 && bytes.Equal(c.SubjectKeyId, s.signer.key) {
				exact = append(exact, e)
			}
		case !bytes.Equal(e.fields.serial, s.signer.serial):
		case bytes.Equal(e.fields.issuer, s.signer.issuer):
			exact = append(exact, e)
		case sameName(e.fields.issuer, s.signer.issuer):
			similar = append(similar, e)
		}
	}
	if exact == nil && similar != nil {
		s.note(NoteIssuerName)
		return similar
	}
	return exact
}
