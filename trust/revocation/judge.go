package revocation

import (
	"crypto/x509"
	"slices"
	"strconv"
	"time"

	"github.com/gopec/gopec/trust"
)

// skew is how far evidence may be ahead of the present clock.
const skew = 5 * time.Minute

// epoch is the time of revocation of certificates that were never issued.
//
// spec: RFC 6960 §2.2
var epoch = time.Unix(0, 0).UTC()

// statement is what one verified document says of the certificate.
type statement struct {
	*Evidence
	neverIssued bool
	unchecked   *x509.Certificate // a signer whose own revocation is not known
	// Of a good status: until when nothing was dropped, and whether it covers the
	// reference time.
	cover coverage
}

// coverage is what a good status is worth at the reference time.
type coverage uint8

const (
	coversNothing coverage = iota // made after the expiry, when entries may be gone
	coversStale                   // true when it was made, but not at the reference time
	coversWithin                  // current at the reference time
	coversAfter                   // made at or after the reference time
)

// inquiry is one call of Check.
type inquiry struct {
	*Data
	link    trust.Link
	at, now time.Time
	serial  []byte
	who     string // subject of the certificate

	statements []*statement
	unused     []trust.Finding
	foreign    int
}

// Check judges the certificate of a link at a reference time, given the present
// time. The link has to be of a verified path. It never returns nil; what decides
// is in the package comment.
func (d *Data) Check(l trust.Link, at, now time.Time) *Answer {
	if d.Len() == 0 {
		return &Answer{Link: l, State: NotChecked, Findings: []trust.Finding{finding(trust.Skip, CodeNone, subjectOf(l))}}
	}
	q := &inquiry{Data: d, link: l, at: at, now: now, serial: serialOf(l.Certificate.SerialNumber), who: subjectOf(l)}
	for _, l := range d.lists {
		q.askList(l)
	}
	for _, r := range d.responses {
		q.askResponse(r)
	}
	return q.answer()
}

// subjectOf names the certificate of a link.
func subjectOf(l trust.Link) string { return trust.NameText(l.Certificate.RawSubject) }

func (q *inquiry) unusable(r *refusal) {
	q.unused = append(q.unused, finding(trust.Skip, r.code, r.facts...))
}

// askList takes what a list says, if it is one of the certificate's issuer.
//
// spec: RFC 5280 §6.3.3
func (q *inquiry) askList(l *list) {
	if !trust.EqualNames(l.issuer, q.link.IssuerName) {
		q.foreign++
		return
	}
	s, r := l.authenticate(q.link)
	if r == nil {
		r = q.usable(&l.document, l.critical, l.thisUpdate, l.nextUpdate)
	}
	switch {
	case r != nil:
	case l.delta:
		r = refuse(CodeCRLDelta, l.name)
	case l.indirect:
		r = refuse(CodeCRLIndirect, l.name)
	}
	if r != nil {
		q.unusable(r)
		return
	}
	e := Evidence{Name: l.name, Kind: CRL, SHA256: l.sum, DER: l.der, Issuer: trust.NameText(l.issuer), Signer: s.certificate,
		ThisUpdate: l.thisUpdate.UTC(), NextUpdate: utc(l.nextUpdate), Status: StatusGood, weak: s.weak}
	unchecked, r := q.signersOwn(&l.document, s, l.thisUpdate)
	if r != nil {
		q.unusable(r)
		return
	}
	listed := false
	for _, one := range l.find(q.serial) {
		e := e
		e.Reason, e.RevokedAt, e.InvalidityDate = one.reason, one.revoked.UTC(), utc(one.invalidity)
		if one.reason == ReasonRemoveFromCRL {
			continue // released from a hold; only a delta list should say so
		}
		listed = true
		e.Status = StatusRevoked
		q.statements = append(q.statements, &statement{Evidence: &e, unchecked: unchecked})
	}
	if listed {
		return
	}
	if code := l.covers(q.link.Certificate); code != "" {
		q.unusable(refuse(code, l.name, q.who))
		return
	}
	q.good(&statement{Evidence: &e, unchecked: unchecked}, l.expired)
}

// askResponse takes what a response says of the certificate.
func (q *inquiry) askResponse(r *response) {
	bits := keyBits(q.link.IssuerSPKI)
	names := [][]byte{q.link.IssuerName}
	if c := q.link.IssuerCertificate; c != nil {
		names = append(names, c.RawSubject)
	}
	about := func(s single) bool { return s.names(q.serial, bits, names...) }
	if !slices.ContainsFunc(r.singles, about) {
		q.foreign++
		return
	}
	s, refused := r.authenticate(q.link)
	var unchecked *x509.Certificate
	if refused == nil {
		unchecked, refused = q.signersOwn(&r.document, s, r.producedAt)
	}
	if refused != nil {
		q.unusable(refused)
		return
	}
	for _, one := range r.singles {
		if !about(one) {
			continue
		}
		critical := r.critical
		if critical == "" {
			critical = one.critical
		}
		refused := q.usable(&r.document, critical, one.thisUpdate, one.until)
		if refused == nil && (r.producedAt.After(q.now.Add(skew)) || one.thisUpdate.After(r.producedAt.Add(skew))) {
			refused = refuse(CodeFuture, r.name, stamp(one.thisUpdate))
		}
		if refused != nil {
			q.unusable(refused)
			continue
		}
		q.take(r, one, s, unchecked)
	}
}

// take notes one status of a response.
func (q *inquiry) take(r *response, one single, by *signer, unchecked *x509.Certificate) {
	e := &Evidence{Name: r.name, Kind: OCSP, SHA256: r.sum, DER: r.der, Issuer: q.link.Issuer, Signer: by.certificate,
		ThisUpdate: one.thisUpdate.UTC(), NextUpdate: utc(one.until), ProducedAt: r.producedAt.UTC(), Nonce: r.nonce,
		Status: one.status, weak: by.weak}
	if by.certificate != nil {
		e.Issuer = trust.NameText(by.certificate.RawSubject)
	}
	s := &statement{Evidence: e, unchecked: unchecked}
	switch one.status {
	case StatusRevoked:
		e.RevokedAt, e.Reason, e.InvalidityDate = one.revoked.UTC(), one.reason, utc(one.invalidity)
		if one.reason == ReasonRemoveFromCRL {
			e.Status = StatusGood
			q.good(s, one.cutoff)
			return
		}
		s.neverIssued = r.extended && one.reason == ReasonCertificateHold && one.revoked.Equal(epoch)
		q.statements = append(q.statements, s)
	case StatusUnknown:
		q.unusable(refuse(CodeOCSPUnknown, e.label(), q.who))
	default:
		q.good(s, one.cutoff)
	}
}

// usable refuses documents that must not be used whatever they say.
func (q *inquiry) usable(d *document, critical string, from, until time.Time) *refusal {
	switch {
	case critical != "":
		return refuse(CodeCritical, d.name, critical)
	case !until.IsZero() && until.Before(from):
		return refuse(CodeTimes, d.name, stamp(from), stamp(until))
	case from.After(q.now.Add(skew)):
		return refuse(CodeFuture, d.name, stamp(from))
	}
	return nil
}

// good notes a good status with what it is worth. keeps is the expiry of
// certificates from which on a document keeps speaking of them, zero if it does
// not say.
func (q *inquiry) good(s *statement, keeps time.Time) {
	end := q.link.Certificate.NotAfter
	dropped := s.ThisUpdate.After(end) && (keeps.IsZero() || keeps.After(end))
	switch {
	case dropped:
		q.unusable(refuse(CodeDropped, s.label(), q.who, stamp(end)))
	case !s.ThisUpdate.Before(q.at):
		s.cover = coversAfter
	case !s.NextUpdate.IsZero() && !q.at.After(s.NextUpdate):
		s.cover = coversWithin
	case s.NextUpdate.IsZero():
		s.cover = coversStale
		q.unusable(refuse(CodeStaleNoNext, s.label(), stamp(q.at)))
	default:
		s.cover = coversStale
		q.unusable(refuse(CodeStale, s.label(), stamp(s.NextUpdate), stamp(q.at)))
	}
	q.statements = append(q.statements, s)
}

// signersOwn asks the issuer's own lists about a signer that it appointed. A
// signer that was revoked before it signed, or ever for a compromise, or for a
// reason that does not rule one out, is not believed: whoever has its key can
// write any date. unchecked is a signer of which nothing is known and that has
// no mark that it need not be asked about.
//
// spec: RFC 6960 §4.2.2.2.1
func (q *inquiry) signersOwn(d *document, s *signer, at time.Time) (unchecked *x509.Certificate, r *refusal) {
	c := s.certificate
	if c == nil {
		return nil, nil
	}
	serial, known := serialOf(c.SerialNumber), false
	for _, l := range q.lists {
		if l.delta || l.indirect || l.critical != "" || !trust.EqualNames(l.issuer, q.link.IssuerName) || !l.verifies(q.link.IssuerKey, q.link.IssuerSPKI) {
			continue
		}
		for _, e := range l.find(serial) {
			if e.reason != ReasonRemoveFromCRL && (!e.revoked.After(at) || e.reason.compromise()) {
				return nil, refuse(CodeSignerRevoked, d.name, c.Subject.CommonName, stamp(e.revoked), e.reason.String())
			}
		}
		current := !l.thisUpdate.Before(at) || !l.nextUpdate.IsZero() && !at.After(l.nextUpdate)
		known = known || current && l.covers(c) == ""
	}
	if known || s.noCheck {
		return nil, nil
	}
	return c, nil
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

func itoa(n int) string { return strconv.Itoa(n) }
