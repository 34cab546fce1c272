package pectest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/trust/revocation"
)

// Revocations is what the circuit's authority says of the certificates it issued,
// as revocation lists and status responses, by the circuit's clock. It has no legal
// value, as its every certificate says. It is safe for concurrent use.
//
// The circuit's own providers do not ask it: what a provider issues after the
// revocation of its certificate arrives all the same, for the test to judge.
type Revocations struct {
	authority *authority
	clock     *Clock
	issued    []*x509.Certificate // the providers'

	mu      sync.Mutex
	entries []revocationEntry
	others  map[string]*authority // who else signs, by what it is for
}

// Revocation says how a certificate is revoked.
type Revocation struct {
	Time           time.Time // zero: now
	Reason         revocation.Reason
	InvalidityDate time.Time // zero: not said
}

type revocationEntry struct {
	certificate *x509.Certificate
	Revocation
	released time.Time // of a hold; zero if it lasts
}

// Revocations returns the authority's revocations. There are none at first.
func (c *Circuit) Revocations() *Revocations { return c.revocations }

// Revoke revokes a certificate, or suspends it with revocation.ReasonCertificateHold.
// What was said of it before stays on lists of before.
func (r *Revocations) Revoke(c *x509.Certificate, v Revocation) {
	if v.Time.IsZero() {
		v.Time = r.clock.Now()
	}
	v.Time = v.Time.Truncate(time.Second) // what a list can say
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, revocationEntry{certificate: c, Revocation: v})
}

// Release ends the suspensions of a certificate now: lists from now on do not have
// them any more.
func (r *Revocations) Release(c *x509.Certificate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.entries {
		e := &r.entries[i]
		if e.certificate.Equal(c) && e.Reason == revocation.ReasonCertificateHold && e.released.IsZero() {
			e.released = r.clock.Now().Truncate(time.Second)
		}
	}
}

// asOf returns what is revoked at a time. A permanent revocation takes the place of
// a suspension, and nothing takes its.
func (r *Revocations) asOf(at time.Time) []revocationEntry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []revocationEntry
	for _, e := range r.entries {
		if e.Time.After(at) || !e.released.IsZero() && !e.released.After(at) {
			continue
		}
		i := slices.IndexFunc(out, func(o revocationEntry) bool { return o.certificate.Equal(e.certificate) })
		switch {
		case i < 0:
			out = append(out, e)
		case out[i].Reason == revocation.ReasonCertificateHold:
			out[i] = e
		}
	}
	return out
}

// EvidenceOptions say what is odd about a list or a response. The zero value is
// what the authority says now, signed by itself, current for a day.
type EvidenceOptions struct {
	At    time.Time     // thisUpdate; zero: now. Of before: what was said then, perhaps stale by now
	Valid time.Duration // from thisUpdate to nextUpdate; zero: a day
	// KeepsExpired says that certificates are kept after their expiry, and keeps
	// them. Without it they are dropped when they expire.
	KeepsExpired bool
	Delegated    bool // signed by a certificate that the authority made for that
	Expired      bool // with Delegated: that certificate had expired by then
	Unmarked     bool // with Delegated, of a response: without id-pkix-ocsp-nocheck
	Forged       bool // in the authority's name, signed by somebody else's key
	Foreign      bool // of another authority altogether
	Unknown      bool // of a response: the certificate is not known
	SHA256       bool // of a response: the issuer is named by SHA-256 instead of SHA-1
	Nonce        []byte
}

func (o *EvidenceOptions) complete(now time.Time) {
	if o.At.IsZero() {
		o.At = now
	}
	if o.Valid == 0 {
		o.Valid = 24 * time.Hour
	}
	o.At = o.At.UTC().Truncate(time.Second)
}

// other returns another signer than the authority, made when it is first asked for.
func (r *Revocations) other(what string, template func() (*x509.Certificate, *authority)) (*authority, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.others[what]; a != nil {
		return a, nil
	}
	key, err := KeyECDSA.generate()
	if err != nil {
		return nil, err
	}
	t, by := template()
	if by == nil {
		by = &authority{key, t}
	}
	c, err := create(t, by.certificate, key.Public(), by.key)
	if err != nil {
		return nil, err
	}
	if r.others == nil {
		r.others = make(map[string]*authority)
	}
	r.others[what] = &authority{key, c}
	return r.others[what], nil
}

// signer returns whose key signs, and the certificate that comes along, nil for the
// authority's own.
func (r *Revocations) signer(o EvidenceOptions, list bool) (*authority, *x509.Certificate, error) {
	ca := r.authority.certificate
	switch {
	case o.Forged, o.Foreign:
		a, err := r.other(fmt.Sprint("stranger ", o.Foreign), func() (*x509.Certificate, *authority) {
			t := &x509.Certificate{
				SerialNumber: serial(), Subject: ca.Subject, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
				IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
			}
			if o.Foreign {
				t.Subject.CommonName = NoLegalValue + " - ANOTHER CA"
			}
			return t, nil
		})
		return a, nil, err
	case o.Delegated:
		a, err := r.other(fmt.Sprint("delegate ", list, o.Expired, o.Unmarked), func() (*x509.Certificate, *authority) {
			t := &x509.Certificate{SerialNumber: serial(), Subject: ca.Subject, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
				KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: serial().Bytes()}
			if o.Expired {
				t.NotAfter = o.At.Add(-time.Hour)
			}
			if !list {
				t.Subject.CommonName = NoLegalValue + " - OCSP"
				t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
			}
			if !list && !o.Unmarked {
				t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes}}
			}
			return t, r.authority
		})
		if err != nil {
			return nil, nil, err
		}
		return a, a.certificate, nil
	}
	return r.authority, nil, nil
}

// CRL returns a revocation list: DER, or with Delegated PEM together with the
// certificate that signs.
//
// spec: RFC 5280 §5
func (r *Revocations) CRL(o EvidenceOptions) ([]byte, error) {
	o.complete(r.clock.Now())
	by, along, err := r.signer(o, true)
	if err != nil {
		return nil, err
	}
	template := &x509.RevocationList{Number: big.NewInt(o.At.Unix()), ThisUpdate: o.At, NextUpdate: o.At.Add(o.Valid)}
	if o.KeepsExpired {
		value := generalizedTime(r.authority.certificate.NotBefore)
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: value}}
	}
	for _, e := range r.asOf(o.At) {
		if o.Foreign || !o.KeepsExpired && o.At.After(e.certificate.NotAfter) {
			continue
		}
		entry := x509.RevocationListEntry{SerialNumber: e.certificate.SerialNumber, RevocationTime: e.Time, ReasonCode: int(e.Reason)}
		if !e.InvalidityDate.IsZero() {
			entry.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Value: generalizedTime(e.InvalidityDate)}}
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, entry)
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, by.certificate, by.key)
	if err != nil {
		return nil, fmt.Errorf("pectest: making a revocation list: %w", err)
	}
	if along == nil {
		return der, nil
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: along.Raw})...), nil
}

// OCSP returns a status response about a certificate, in DER.
//
// spec: RFC 6960 §4.2.1
func (r *Revocations) OCSP(c *x509.Certificate, o EvidenceOptions) ([]byte, error) {
	return r.respond(c.SerialNumber, c, o)
}

// respond answers about a serial number; without a certificate of the circuit that
// has it, it is not known.
func (r *Revocations) respond(number *big.Int, c *x509.Certificate, o EvidenceOptions) ([]byte, error) {
	o.complete(r.clock.Now())
	by, along, err := r.signer(o, false)
	if err != nil {
		return nil, err
	}
	about := r.authority.certificate
	if o.Foreign {
		about = by.certificate
	}
	s := statusResponse{options: o, serial: number, unknown: o.Unknown || c == nil, issuer: about, signer: by, along: along}
	if c != nil && !o.Unknown {
		for _, e := range r.asOf(o.At) {
			if e.certificate.Equal(c) && (o.KeepsExpired || !o.At.After(c.NotAfter)) {
				s.revoked = &e.Revocation
			}
		}
	}
	return s.der()
}

// Answer answers the request of a client about one certificate, as a responder
// does: about a provider's certificate what is said of it, about any other that it is
// not known. SHA256 is as the request has it.
//
// spec: RFC 6960 §4.1
func (r *Revocations) Answer(request []byte, o EvidenceOptions) ([]byte, error) {
	q, err := ocsp.ParseRequest(request)
	if err != nil {
		return nil, fmt.Errorf("pectest: reading a status request: %w", err)
	}
	o.SHA256 = q.HashAlgorithm == crypto.SHA256
	ca := r.authority.certificate
	i := slices.IndexFunc(r.issued, func(c *x509.Certificate) bool { return c.SerialNumber.Cmp(q.SerialNumber) == 0 })
	if i < 0 || !bytes.Equal(q.IssuerKeyHash, digestOf(q.HashAlgorithm, spkiBits(ca))) {
		return r.respond(q.SerialNumber, nil, o)
	}
	return r.respond(q.SerialNumber, r.issued[i], o)
}

// Data returns the authority's current list, ready for
// pec.VerifyOptions.Revocation.
func (r *Revocations) Data() (*revocation.Data, error) {
	b, err := r.CRL(EvidenceOptions{})
	if err != nil {
		return nil, err
	}
	d := new(revocation.Data)
	return d, d.AddCRL("pectest.crl", b)
}

// spkiBits are the bits of a certificate's public key.
func spkiBits(c *x509.Certificate) []byte {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &info); err != nil {
		panic(err) // crypto/x509 has read it
	}
	return info.Key.RightAlign()
}

func digestOf(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}
