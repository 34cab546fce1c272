package timestamp

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	"crypto/x509"
	"slices"
	"strconv"
	"time"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/trust"
)

// Options say whose stamps are believed.
type Options struct {
	// Anchors are the authorities that are believed about time. Without them no
	// stamp verifies.
	Anchors *trust.TimestampStore
	// Certificates are candidates for the signer's and intermediates, beside those
	// in the token: an authority may leave its own out. Being here makes none of
	// them believed.
	Certificates []*x509.Certificate
	// Policies, if there are any, are those under which a stamp counts: object
	// identifiers in dots.
	Policies []string
	// Now is the present: no stamp is later, and an authority whose certificates
	// have expired by then is told. Zero means that neither is judged.
	Now time.Time
}

// maxAhead is how far a stamp's time may be ahead of now: clocks differ.
const maxAhead = time.Hour

// Result is what a stamp is worth for one file.
type Result struct {
	Stamp *Stamp
	// Verified: no finding is a failure. The file existed at Latest.
	Verified bool
	// Latest is the latest time at which the stamp can have been made; zero unless
	// Verified.
	Latest time.Time
	// Until is when the first of the certificates expires on which the stamp, or
	// its last renewal, rests; zero without a path.
	Until time.Time
	// ExpiredSince: that was before now. The stamp counts, but whoever came by the
	// authority's key could have made it later.
	ExpiredSince bool

	Signer   *x509.Certificate // nil if the signature is not good
	Chain    []*x509.Certificate
	Anchor   string          // name of the anchor, "" without a path
	Findings []trust.Finding // in the order in which they were made
}

// Failure returns the first failure, ok is false without one.
func (r *Result) Failure() (f trust.Finding, ok bool) {
	i := slices.IndexFunc(r.Findings, func(f trust.Finding) bool { return f.Status == trust.Fail })
	if i < 0 {
		return f, false
	}
	return r.Findings[i], true
}

// Warnings returns what needs attention in a stamp that may verify.
func (r *Result) Warnings() (all []trust.Finding) {
	for _, f := range r.Findings {
		if f.Status == trust.Warn {
			all = append(all, f)
		}
	}
	return all
}

// Verify judges the stamp for the file whose digests are given, which Hash made
// with this stamp among its arguments.
//
// SHA-1 in the imprint or in the token's signature, and RSA keys below 2048 bits or
// SHA-1 in its certificates, make a stamp no proof, whatever its time: that time is
// believed because of them.
func (s *Stamp) Verify(d *Digests, o Options) *Result {
	r := s.judge(s.imprint(s.match(d)), &o)
	if !r.Verified {
		return r
	}
	r.renew(&o)
	return r
}

// imprint says what a match is worth.
func (s *Stamp) imprint(m match) trust.Finding {
	switch {
	case s.Imprint.Algorithm == 0:
		return finding(trust.Fail, CodeImprintUnsupported, s.Imprint.Name)
	case s.Imprint.Algorithm == crypto.SHA1 && fips140.Enforced(): // cannot be compared
		return finding(trust.Fail, CodeImprintSHA1)
	case m == differs:
		return finding(trust.Fail, CodeImprintDiffers)
	case s.Imprint.Algorithm == crypto.SHA1:
		return finding(trust.Fail, CodeImprintSHA1)
	case m == overDigest:
		return finding(trust.Pass, CodeImprintDigest)
	}
	return finding(trust.Pass, CodeImprint)
}

// judge says everything about one token, whose imprint has been compared.
func (s *Stamp) judge(imprint trust.Finding, o *Options) *Result {
	r := &Result{Stamp: s, Findings: []trust.Finding{imprint}}
	if signers, bag := r.signature(o); len(signers) > 0 {
		r.path(signers, bag, o)
	}
	r.claims(o)
	if _, failed := r.Failure(); !failed {
		r.Verified, r.Latest = true, s.Latest()
	}
	return r
}

func (r *Result) add(f trust.Finding) { r.Findings = append(r.Findings, f) }

// signature checks the token's signature and returns the certificates of its
// signer, none if it is not good.
func (r *Result) signature(o *Options) (signers, bag []*x509.Certificate) {
	problem := func(p *cms.Problem) {
		r.add(trust.Finding{Status: trust.Fail, Code: p.Code, Facts: p.Facts, Detail: p.Detail})
	}
	signed, err := cms.Parse(r.Stamp.token, cms.Timestamp)
	if err != nil {
		problem(err.(*cms.Problem)) // Parse says that it is one
		return nil, nil
	}
	signed.AddCertificates(o.Certificates...)
	h, p := signed.NewHash()
	if p != nil {
		problem(p)
		return nil, nil
	}
	h.Write(r.Stamp.content)
	if p := signed.CheckDigest(h.Sum(nil)); p != nil {
		problem(p)
		return nil, nil
	}
	signers, p = signed.Signers()
	if p != nil {
		problem(p)
		return nil, nil
	}
	if signed.Digest == crypto.SHA1 {
		r.add(finding(trust.Fail, CodeSignatureSHA1))
	} else {
		r.add(finding(trust.Pass, CodeSignature, signed.SignatureName, signed.DigestName))
	}
	return signers, signed.Certificates()
}

// path judges the signer at the time of the stamp.
func (r *Result) path(signers, bag []*x509.Certificate, o *Options) {
	r.Signer = signers[0]
	if o.Anchors == nil {
		r.add(finding(trust.Fail, CodeNoAnchors))
		return
	}
	t := o.Anchors.Verify(signers, bag, r.Stamp.Time)
	r.Signer, r.Chain, r.Anchor = t.Signer, t.Chain, t.Anchor
	r.Findings = append(r.Findings, t.Path)
	r.Findings = append(r.Findings, t.Profile...)
	r.Findings = append(r.Findings, t.Constraints, t.Validity, t.Key, t.Algorithms)
	if t.Path.Status != trust.Pass {
		return
	}
	for _, c := range t.Chain {
		if r.Until.IsZero() || c.NotAfter.Before(r.Until) {
			r.Until = c.NotAfter.UTC()
		}
	}
}

// claims judges what the stamp itself says.
func (r *Result) claims(o *Options) {
	s := r.Stamp
	if s.critical != "" {
		r.add(finding(trust.Fail, CodeExtension, s.critical))
	}
	if len(o.Policies) == 0 || slices.Contains(o.Policies, s.Policy) {
		r.add(finding(trust.Pass, CodePolicy, s.Policy))
	} else {
		r.add(finding(trust.Fail, CodePolicyOther, s.Policy))
	}
	if !o.Now.IsZero() && s.Time.Add(-s.tolerance()).After(o.Now.Add(maxAhead)) {
		r.add(finding(trust.Fail, CodeFuture, s.Time.Format(time.RFC3339)))
	}
	if r.Signer == nil {
		return
	}
	if s.tsa != nil && !bytes.Equal(s.tsa, r.Signer.RawSubject) && !cms.SameName(s.tsa, r.Signer.RawSubject) {
		r.add(finding(trust.Warn, CodeNameOther, s.TSA))
	} else {
		r.add(finding(trust.Pass, CodeName))
	}
}

// renew says whether the certificates under the stamp are valid now, or those under
// a renewal that was made while they were.
//
// spec: RFC 5544 §2.1: each token is over the one before
func (r *Result) renew(o *Options) {
	if o.Now.IsZero() {
		return
	}
	first, before := r.Until, r.Stamp
	for i, next := range r.Stamp.Renewals {
		if !r.Until.Before(o.Now) {
			break
		}
		until, reason := next.renews(before, r.Until, o)
		if reason.Code != "" {
			reason.Status = trust.Warn // the stamp itself stands
			r.add(finding(trust.Warn, CodeRenewal, strconv.Itoa(i+1)))
			r.add(reason)
			break
		}
		before, r.Until = next, until
	}
	date := r.Until.Format(time.RFC3339)
	switch {
	case r.Until.Before(o.Now):
		r.ExpiredSince = true
		r.add(finding(trust.Warn, CodeExpiredSince, date))
	case r.Until.Equal(first):
		r.add(finding(trust.Pass, CodeCurrent, date))
	default:
		r.add(finding(trust.Pass, CodeRenewed, date))
	}
}

// renews judges a token over the one before, on which nobody can rely after until.
// It returns until when one can rely on this one, or why it does not count.
func (s *Stamp) renews(before *Stamp, until time.Time, o *Options) (time.Time, trust.Finding) {
	imprint := differs
	if s.Imprint.Algorithm != 0 && s.Imprint.Algorithm != crypto.SHA1 {
		h := s.Imprint.Algorithm.New()
		h.Write(before.evidence)
		if bytes.Equal(h.Sum(nil), s.Imprint.Digest) {
			imprint = overFile
		}
	}
	r := s.judge(s.imprint(imprint), o)
	f, failed := r.Failure()
	switch made := s.Time.Format(time.RFC3339); {
	case failed:
		return until, f
	case r.Latest.After(until):
		return until, finding(trust.Fail, CodeRenewalLate, made, until.Format(time.RFC3339))
	case s.Time.Before(before.Time):
		return until, finding(trust.Fail, CodeRenewalEarly, made)
	}
	return r.Until, trust.Finding{}
}
