package pec_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"time"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/revocation"
)

func revSerial(n int64) *big.Int { return big.NewInt(n) }

// delegated lets the responder sign that the authority appointed.
func delegated(w revocationWorld, r *testsign.Response) *testsign.Identity {
	r.Certificates = []*testsign.Identity{w.responder}
	return w.responder
}

// responderOf appoints another responder, which signs.
func responderOf(c testsign.Certificate, issuer func(w revocationWorld) *testsign.Identity) func(revocationWorld, *testsign.Response) *testsign.Identity {
	return func(w revocationWorld, r *testsign.Response) *testsign.Identity {
		c.KeyType = testsign.P256
		if c.Subject == nil {
			c.Subject = testsign.NewName("Gestore Uno S.p.A.", "Responder di prova "+c.NotAfter.String()+" - NO LEGAL VALUE")
		}
		by := c.IssuedBy(issuer(w))
		r.Certificates = []*testsign.Identity{by}
		return by
	}
}

func byRoot(w revocationWorld) *testsign.Identity { return w.root }

var ocspSigning = []asn1.ObjectIdentifier{testsign.OIDOCSPSigning}

func revocationResponseCases() []revocationCase {
	good, unknown := testsign.CertificateStatus{}, testsign.CertificateStatus{Status: testsign.CertUnknown}
	revoked := func(at float64, reason int, extra ...testsign.Extension) testsign.CertificateStatus {
		return testsign.CertificateStatus{Status: testsign.CertRevoked, Revoked: in(at), Reason: reason, ThisUpdate: in(9), NextUpdate: in(10), Extra: extra}
	}
	from := func(day float64, extra ...testsign.Extension) testsign.CertificateStatus {
		return testsign.CertificateStatus{ThisUpdate: in(day), NextUpdate: in(day + 1), Extra: extra}
	}
	return []revocationCase{
		{name: "good", reason: "the authority itself says so, after the time", responses: answer(good, nil),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "good, by name", reason: "the responder is named by its subject",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity { r.ByName = true; return w.root }),
			state:     revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "good, SHA-256", reason: "the issuer is named by another hash", responses: answer(testsign.CertificateStatus{Hash: crypto.SHA256}, nil),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "good then", reason: "current at the time", responses: answer(from(-0.5), nil),
			state: revocation.Good, codes: []string{revocation.CodeGoodWithin}, status: pec.Pass},
		{name: "good, with a nonce", reason: "the question is not known, so the nonce proves nothing and hurts nothing",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.Extra = []testsign.Extension{testsign.Nonce([]byte("12345678"))}
				return w.root
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "good, among others", reason: "several statuses in one response",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				other := testsign.CertificateStatus{Certificate: w.responder, Status: testsign.CertRevoked, Revoked: in(-1), ThisUpdate: in(1)}
				r.Statuses = []testsign.CertificateStatus{other, r.Statuses[0]}
				return w.root
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "stale", reason: "before the time", responses: answer(from(-2), nil),
			state: revocation.NotChecked, codes: []string{revocation.CodeStale}, status: pec.Skip, strict: pec.TryLater},
		{name: "without nextUpdate", reason: "newer information was always to be had",
			responses: answer(testsign.CertificateStatus{ThisUpdate: in(-0.1)}, nil),
			state:     revocation.NotChecked, codes: []string{revocation.CodeStaleNoNext}, status: pec.Skip, strict: pec.TryLater},
		{name: "of the future", reason: "no answer is made tomorrow", now: in(0.5), responses: answer(good, nil),
			state: revocation.NotChecked, codes: []string{revocation.CodeFuture}, status: pec.Skip, strict: pec.TryLater},
		{name: "produced before it is true", reason: "the times contradict each other",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.ProducedAt = in(-3)
				return w.root
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeFuture}, status: pec.Skip, strict: pec.TryLater},
		{name: "after the expiry", reason: "responders forget, too", signer: expiresSoon, responses: answer(from(11), nil),
			state: revocation.NotChecked, codes: []string{revocation.CodeDropped}, status: pec.Skip, strict: pec.OutOfBoundsNoPOE},
		{name: "archive", reason: "the archive cutoff reaches back to the expiry", signer: expiresSoon, responses: answer(from(11, testsign.ArchiveCutoff(in(10))), nil),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass, strict: pec.OutOfBoundsNoPOE},
		{name: "archive too short", reason: "the archive cutoff is after the expiry", signer: expiresSoon, responses: answer(from(11, testsign.ArchiveCutoff(in(10.5))), nil),
			state: revocation.NotChecked, codes: []string{revocation.CodeDropped}, status: pec.Skip, strict: pec.OutOfBoundsNoPOE},

		{name: "unknown", reason: "no answer", responses: answer(unknown, nil),
			state: revocation.NotChecked, codes: []string{revocation.CodeOCSPUnknown}, status: pec.Skip, strict: pec.TryLater},
		{name: "unknown, and a list that knows", reason: "the list answers", responses: answer(unknown, nil),
			lists: one(func(w revocationWorld) testsign.List { return revList(1) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter, revocation.CodeOCSPUnknown}, status: pec.Pass},
		{name: "revoked before", reason: "row 10", responses: answer(revoked(-1, superseded), nil),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "revoked after", reason: "a warning", responses: answer(revoked(8, superseded), nil),
			state: revocation.RevokedLater, codes: []string{revocation.CodeLater}, status: pec.Warn},
		{name: "compromised before, revoked after", reason: "invalidityDate in a response", responses: answer(revoked(8, keyCompromise, testsign.InvalidityDate(in(-1))), nil),
			state: revocation.Revoked, codes: []string{revocation.CodeRevokedInvalid}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "on hold", reason: "suspended and not released", responses: answer(revoked(-1, hold), nil),
			state: revocation.OnHold, codes: []string{revocation.CodeOnHold}, status: pec.Fail, sub: pec.TryLater, strict: pec.TryLater},
		{name: "hold by list, released by response", reason: "the later of the two", responses: answer(from(3), nil),
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(-1, hold)) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodLifted}, status: pec.Warn},
		{name: "never issued", reason: "the authority disowns the certificate",
			responses: answer(testsign.CertificateStatus{Status: testsign.CertRevoked, Revoked: time.Unix(0, 0), Reason: hold},
				func(w revocationWorld, r *testsign.Response) *testsign.Identity {
					r.Extra = []testsign.Extension{testsign.ExtendedRevoke()}
					return w.root
				}),
			state: revocation.Revoked, codes: []string{revocation.CodeNeverIssued}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "suspended since 1970", reason: "without extended-revoke it is a suspension like any other",
			responses: answer(testsign.CertificateStatus{Status: testsign.CertRevoked, Revoked: time.Unix(0, 0), Reason: hold}, nil),
			state:     revocation.OnHold, codes: []string{revocation.CodeOnHold}, status: pec.Fail, sub: pec.TryLater, strict: pec.TryLater},
		{name: "list and response contradict", reason: "the worse counts", responses: answer(from(2), nil),
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(-1, keyCompromise)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked, revocation.CodeContradiction}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},

		{name: "delegated", reason: "a responder that the authority appointed, with id-pkix-ocsp-nocheck", responses: answer(good, delegated),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "delegated, the second certificate", reason: "the order of certificates says nothing",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.Certificates = []*testsign.Identity{w.root, w.responder}
				return w.responder
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "delegated without nocheck", reason: "nothing says whether the responder was revoked",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning}, byRoot)),
			state:     revocation.Good, codes: []string{revocation.CodeGoodAfter, revocation.CodeSignerUnchecked}, status: pec.Warn},
		{name: "delegated without nocheck, on a list", reason: "the authority's list has nothing against the responder",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning}, byRoot)),
			lists:     one(func(w revocationWorld) testsign.List { return revList(-29) }),
			state:     revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "delegated without nocheck, on a stale list", reason: "a list of long before says nothing about the responder",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning}, byRoot)),
			lists:     one(func(w revocationWorld) testsign.List { return revList(-40) }),
			state:     revocation.Good, codes: []string{revocation.CodeGoodAfter, revocation.CodeSignerUnchecked, revocation.CodeStale}, status: pec.Warn},
		{name: "delegated and revoked", reason: "the responder's own certificate is revoked for a compromise, if after",
			responses: answer(good, delegated),
			lists: one(func(w revocationWorld) testsign.List {
				return revList(-40, testsign.Revoked{Certificate: w.responder, Time: in(20), Reason: keyCompromise})
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeStale, revocation.CodeSignerRevoked}, status: pec.Skip, strict: pec.TryLater},
		{name: "delegated, expired", reason: "the responder was not valid when it answered",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning, Extra: []testsign.Extension{testsign.NoCheck()}, NotAfter: in(0.9)}, byRoot)),
			state:     revocation.NotChecked, codes: []string{revocation.CodeSignerValidity}, status: pec.Skip, strict: pec.TryLater},
		{name: "delegated, not for that", reason: "a provider's certificate answers",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.Certificates = []*testsign.Identity{w.signer}
				return w.signer
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerUsage}, status: pec.Skip, strict: pec.TryLater},
		{name: "delegated by a stranger", reason: "appointed by somebody else",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning}, func(revocationWorld) *testsign.Identity { return verdictStranger() })),
			state:     revocation.NotChecked, codes: []string{revocation.CodeSignerIssuer}, status: pec.Skip, strict: pec.TryLater},
		{name: "delegated at second hand", reason: "appointed by an authority below the authority",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				middle := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Gestore Uno S.p.A.", "CA di mezzo - NO LEGAL VALUE")}.IssuedBy(w.root)
				by := testsign.Certificate{ExtKeyUsage: ocspSigning, KeyType: testsign.P256, Subject: testsign.NewName("Gestore Uno S.p.A.", "Responder di mezzo - NO LEGAL VALUE")}.IssuedBy(middle)
				r.Certificates = []*testsign.Identity{by, middle}
				return by
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerIssuer}, status: pec.Skip, strict: pec.TryLater},
		{name: "delegated, unknown critical extension", reason: "the responder's certificate says something that is not understood",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning, Extra: []testsign.Extension{unknownExtension}}, byRoot)),
			state:     revocation.NotChecked, codes: []string{revocation.CodeCritical}, status: pec.Skip, strict: pec.TryLater},
		{name: "a responder for encipherment", reason: "its key usage has no signatures",
			responses: answer(good, responderOf(testsign.Certificate{ExtKeyUsage: ocspSigning, KeyUsage: x509.KeyUsageKeyEncipherment}, byRoot)),
			state:     revocation.NotChecked, codes: []string{revocation.CodeSignerUsage}, status: pec.Skip, strict: pec.TryLater, openssl: "it does not look at the key usage"},

		{name: "wrong signer", reason: "named as the authority, signed by a stranger",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.As = w.root
				return verdictStranger()
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeSignature}, status: pec.Skip, strict: pec.TryLater},
		{name: "a bit wrong", reason: "the signature is not that of these bytes",
			responses: answer(revoked(-1, keyCompromise), func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.WrongSignature = true
				return w.root
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeSignature}, status: pec.Skip, strict: pec.TryLater},
		{name: "misnamed responder", reason: "the authority signs and says that somebody else does",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.As = w.signer
				return w.root
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeSignature}, status: pec.Skip, strict: pec.TryLater},
		{name: "foreign", reason: "about a certificate with the same number under another authority",
			responses: answer(testsign.CertificateStatus{Issuer: verdictStranger()}, nil),
			state:     revocation.NotChecked, codes: []string{revocation.CodeForeign}, status: pec.Skip, strict: pec.TryLater},
		{name: "SHA-1", reason: "a good answer that could be forged today",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.Hash = crypto.SHA1
				return w.root
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodWeak}, status: pec.Warn, strict: pec.TryLater},
		{name: "RSA-PSS", reason: "an algorithm that x/crypto/ocsp cannot verify",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.PSS = true
				return w.root
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "unknown critical extension of the response", reason: "x/crypto/ocsp passes over it",
			responses: answer(good, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
				r.Extra = []testsign.Extension{unknownExtension}
				return w.root
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCritical}, status: pec.Skip, strict: pec.TryLater, openssl: "it passes over it"},
		{name: "unknown critical extension of the status", reason: "what must be understood is not",
			responses: answer(from(1, unknownExtension), nil),
			state:     revocation.NotChecked, codes: []string{revocation.CodeCritical}, status: pec.Skip, strict: pec.TryLater, openssl: "it passes over it"},
	}
}
