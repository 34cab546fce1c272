package pec_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"time"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/revocation"
)

// revocationCase is evidence about the signer of a message that certifies
// revT, and all that is reported of it.
type revocationCase struct {
	name, reason string
	signer       testsign.Certificate // of the message
	now          time.Time            // zero: 60 days after revT
	lists        func(w revocationWorld) [][]byte
	responses    func(w revocationWorld) [][]byte

	state       revocation.State
	codes       []string // of all findings, in order
	status      pec.Status
	sub, strict pec.SubIndication // under the default and the strict policy; "": certified
	openssl     string            // why OpenSSL is of another opinion; "": it agrees
}

// revocationWorld is what evidence is made from.
type revocationWorld struct {
	root, signer *testsign.Identity
	delegate     *testsign.Identity // for lists
	responder    *testsign.Identity
}

const revDay = 24 * time.Hour

var revT = testsign.Instant

// in gives the time some days after the certified one.
func in(days float64) time.Time { return revT.Add(time.Duration(days * float64(revDay))) }

// revList is the list of a month from a day on.
func revList(from float64, revoked ...testsign.Revoked) testsign.List {
	return testsign.List{Number: 7, ThisUpdate: in(from), NextUpdate: in(from + 30), Revoked: revoked}
}

func (w revocationWorld) revoked(at float64, reason int) testsign.Revoked {
	return testsign.Revoked{Certificate: w.signer, Time: in(at), Reason: reason}
}

func (w revocationWorld) invalid(at float64, reason int, since float64) testsign.Revoked {
	r := w.revoked(at, reason)
	r.Invalidity = in(since)
	return r
}

// one makes a case's evidence of one list signed by the root.
func one(make func(w revocationWorld) testsign.List) func(revocationWorld) [][]byte {
	return func(w revocationWorld) [][]byte { return [][]byte{make(w).SignedBy(w.root)} }
}

// answer makes a case's evidence of one response with one status, changed.
func answer(s testsign.CertificateStatus, change func(w revocationWorld, r *testsign.Response) (by *testsign.Identity)) func(revocationWorld) [][]byte {
	return func(w revocationWorld) [][]byte {
		if s.ThisUpdate.IsZero() {
			s.ThisUpdate, s.NextUpdate = in(1), in(2)
		}
		s.Certificate = w.signer
		r := testsign.Response{ProducedAt: s.ThisUpdate, Statuses: []testsign.CertificateStatus{s}}
		by := w.root
		if change != nil {
			by = change(w, &r)
		}
		return [][]byte{r.SignedBy(by)}
	}
}

const (
	keyCompromise = 1
	superseded    = 4
	hold          = 6
	removed       = 8
)

var unknownExtension = testsign.Extension{OID: asn1.ObjectIdentifier{1, 2, 3, 4, 5}, Critical: true, Value: []byte{5, 0}}

// expiresSoon is a signer that expires ten days after the certified time.
var expiresSoon = testsign.Certificate{NotBefore: in(-300), NotAfter: in(10)}

func revocationListCases() []revocationCase {
	return []revocationCase{
		{name: "good, list after", reason: "a revocation before the certified time would be on a list made after it",
			lists: one(func(w revocationWorld) testsign.List { return revList(1) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "good, list of that moment", reason: "made at the certified time is not made before it",
			lists: one(func(w revocationWorld) testsign.List { return revList(0) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "good, list of the time", reason: "the list was the current one",
			lists: one(func(w revocationWorld) testsign.List { return revList(-10) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodWithin}, status: pec.Pass},
		{name: "good at the last moment", reason: "nextUpdate belongs to the time of a list",
			lists: one(func(w revocationWorld) testsign.List { return revList(-30) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodWithin}, status: pec.Pass},
		{name: "good, another is revoked", reason: "the entry of another certificate is not this one's",
			lists: one(func(w revocationWorld) testsign.List {
				return revList(1, testsign.Revoked{Serial: []byte{0x40, 1}, Time: in(-5)}, testsign.Revoked{Serial: []byte{0x41}, Time: in(-5)})
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},

		{name: "revoked before", reason: "row 10",
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(-1, superseded)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "revoked at the certified time", reason: "not before it is not good enough",
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(0, 0)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "revoked before, by a stale list", reason: "a revocation is not undone by time",
			lists: one(func(w revocationWorld) testsign.List { return revList(-100, w.revoked(-101, superseded)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "revoked after", reason: "a warning: it was good at the time",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.revoked(8, superseded)) }),
			state: revocation.RevokedLater, codes: []string{revocation.CodeLater}, status: pec.Warn},
		{name: "an unknown reason", reason: "revoked, whatever a reason that the norm does not have means",
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(-1, 99)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},

		{name: "compromised before, revoked after", reason: "invalidityDate says that the key was not the provider's alone",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.invalid(8, keyCompromise, -1)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevokedInvalid}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "compromised at the certified time", reason: "the date belongs to the compromise",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.invalid(8, keyCompromise, 0)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevokedInvalid}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "compromised after", reason: "a warning that says what the certified time is worth",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.invalid(8, keyCompromise, 3)) }),
			state: revocation.RevokedLater, codes: []string{revocation.CodeLaterDated}, status: pec.Warn},
		{name: "compromised, nobody says when", reason: "revoked after, and the authority does not say that it was before",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.revoked(8, keyCompromise)) }),
			state: revocation.RevokedLater, codes: []string{revocation.CodeLaterCompromise}, status: pec.Warn},
		{name: "invalid before, no reason given", reason: "it may be a compromise",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.invalid(8, 0, -1)) }),
			state: revocation.Revoked, codes: []string{revocation.CodeRevokedInvalid}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "invalid before, superseded", reason: "the reason rules a compromise out, and a revocation acts from its publication",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.invalid(8, superseded, -1)) }),
			state: revocation.RevokedLater, codes: []string{revocation.CodeLaterInvalid}, status: pec.Warn},

		{name: "on hold", reason: "suspended at the time and not released: it may yet be",
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(-1, hold)) }),
			state: revocation.OnHold, codes: []string{revocation.CodeOnHold}, status: pec.Fail, sub: pec.TryLater, strict: pec.TryLater},
		{name: "on hold later", reason: "suspended after the time",
			lists: one(func(w revocationWorld) testsign.List { return revList(9, w.revoked(8, hold)) }),
			state: revocation.RevokedLater, codes: []string{revocation.CodeLaterHold}, status: pec.Warn},
		{name: "hold and release", reason: "a later list no longer has it",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{revList(1, w.revoked(-1, hold)).SignedBy(w.root), revList(2).SignedBy(w.root)}
			},
			state: revocation.Good, codes: []string{revocation.CodeGoodLifted}, status: pec.Warn},
		{name: "hold, and an earlier list without", reason: "only a later one shows a release",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{revList(2, w.revoked(-1, hold)).SignedBy(w.root), revList(-5).SignedBy(w.root)}
			},
			state: revocation.OnHold, codes: []string{revocation.CodeOnHold}, status: pec.Fail, sub: pec.TryLater, strict: pec.TryLater},
		{name: "hold, then revoked", reason: "it was never released, so it was suspended at the time for good",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{revList(1, w.revoked(-1, hold)).SignedBy(w.root), revList(9, w.revoked(8, superseded)).SignedBy(w.root)}
			},
			state: revocation.Revoked, codes: []string{revocation.CodeRevokedHeld}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "hold, and a list that may have dropped it", reason: "a list made after the expiry shows no release", signer: expiresSoon,
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{revList(1, w.revoked(-1, hold)).SignedBy(w.root), revList(11).SignedBy(w.root)}
			},
			state: revocation.OnHold, codes: []string{revocation.CodeOnHold, revocation.CodeDropped}, status: pec.Fail, sub: pec.TryLater, strict: pec.OutOfBoundsNoPOE},
		{name: "hold, and a weak list without", reason: "what could be forged takes no suspension away",
			lists: func(w revocationWorld) [][]byte {
				l := revList(2)
				l.Hash = crypto.SHA1
				return [][]byte{revList(1, w.revoked(-1, hold)).SignedBy(w.root), l.SignedBy(w.root)}
			},
			state: revocation.OnHold, codes: []string{revocation.CodeOnHold}, status: pec.Fail, sub: pec.TryLater, strict: pec.TryLater, openssl: "it takes one of the two lists"},
		{name: "removed from list", reason: "an entry that says that there is none",
			lists: one(func(w revocationWorld) testsign.List { return revList(1, w.revoked(-1, removed)) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},

		{name: "two lists contradict", reason: "the worse counts, and it is told",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{revList(1, w.revoked(-1, superseded)).SignedBy(w.root), revList(2).SignedBy(w.root)}
			},
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked, revocation.CodeContradiction}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked,
			openssl: "it takes one of the two lists"},

		{name: "stale", reason: "it says nothing about the certified time",
			lists: one(func(w revocationWorld) testsign.List { return revList(-31) }),
			state: revocation.NotChecked, codes: []string{revocation.CodeStale}, status: pec.Skip, strict: pec.TryLater, openssl: "it is asked about the time of the list"},
		{name: "without nextUpdate", reason: "nobody says until when it was current",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(-1)
				l.NextUpdate = time.Time{}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeStaleNoNext}, status: pec.Skip, strict: pec.TryLater, openssl: "it is asked about the time of the list"},
		{name: "stale and a later one", reason: "the later one covers the time",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{revList(-31).SignedBy(w.root), revList(1).SignedBy(w.root)}
			},
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter, revocation.CodeStale}, status: pec.Pass},
		{name: "of the future", reason: "no list is made tomorrow", now: in(0.5),
			lists: one(func(w revocationWorld) testsign.List { return revList(1) }),
			state: revocation.NotChecked, codes: []string{revocation.CodeFuture}, status: pec.Skip, strict: pec.TryLater, openssl: "it is asked about the time of the list"},
		{name: "ends before it begins", reason: "the times contradict each other",
			lists: one(func(w revocationWorld) testsign.List {
				return testsign.List{ThisUpdate: in(1), NextUpdate: in(-1)}
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeTimes}, status: pec.Skip, strict: pec.TryLater},
		{name: "made before the expiry", reason: "nothing is dropped before", signer: expiresSoon, now: in(9.9),
			lists: one(func(w revocationWorld) testsign.List { return revList(1) }),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "dropped after the expiry", reason: "the list need not have it any more", signer: expiresSoon,
			lists: one(func(w revocationWorld) testsign.List { return revList(11) }),
			state: revocation.NotChecked, codes: []string{revocation.CodeDropped}, status: pec.Skip, strict: pec.OutOfBoundsNoPOE},
		{name: "kept after the expiry", reason: "ExpiredCertsOnCRL reaches back to the expiry", signer: expiresSoon,
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(11)
				l.Extra = []testsign.Extension{testsign.ExpiredOnList(in(10))}
				return l
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass, strict: pec.OutOfBoundsNoPOE, openssl: "the certificate has expired"},
		{name: "kept from later on", reason: "ExpiredCertsOnCRL begins after the expiry", signer: expiresSoon,
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(11)
				l.Extra = []testsign.Extension{testsign.ExpiredOnList(in(10.1))}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeDropped}, status: pec.Skip, strict: pec.OutOfBoundsNoPOE},

		{name: "foreign", reason: "the list of another authority",
			lists: func(w revocationWorld) [][]byte { return [][]byte{revList(1).SignedBy(verdictStranger())} },
			state: revocation.NotChecked, codes: []string{revocation.CodeForeign}, status: pec.Skip, strict: pec.TryLater},
		{name: "forged revocation", reason: "the authority's name, a stranger's key: it revokes nothing",
			lists: func(w revocationWorld) [][]byte {
				l := revList(1, w.revoked(-1, keyCompromise))
				l.Issuer = w.root.Subject
				return [][]byte{l.SignedBy(verdictStranger())}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignature}, status: pec.Skip, strict: pec.TryLater},
		{name: "a bit wrong", reason: "the signature is not that of these bytes",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.WrongSignature = true
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeSignature}, status: pec.Skip, strict: pec.TryLater},
		{name: "MD5", reason: "never computed",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Hash = crypto.MD5
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeAlgorithm}, status: pec.Skip, strict: pec.TryLater, openssl: "it computes MD5"},
		{name: "SHA-1", reason: "a good list that could be forged today",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Hash = crypto.SHA1
				return l
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodWeak}, status: pec.Warn, strict: pec.TryLater},
		{name: "SHA-1, revoked", reason: "the algorithm takes nothing from a revocation",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1, w.revoked(-1, superseded))
				l.Hash = crypto.SHA1
				return l
			}),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "RSA-PSS", reason: "signed with SHA-256 and PSS",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.PSS = true
				return l
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},

		{name: "delta", reason: "it says what changed, and not what is",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.DeltaList(6)}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCRLDelta}, status: pec.Skip, strict: pec.TryLater, openssl: "it takes a delta list for a complete one"},
		{name: "indirect", reason: "its entries may be of other issuers",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{Indirect: true}.Extension()}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCRLIndirect}, status: pec.Skip, strict: pec.TryLater},
		{name: "an entry of another issuer", reason: "the same number under another authority is another certificate",
			lists: one(func(w revocationWorld) testsign.List {
				r := w.revoked(-1, superseded)
				r.Extra = []testsign.Extension{testsign.CertificateIssuer(verdictStranger())}
				return revList(1, r)
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCRLIndirect}, status: pec.Skip, strict: pec.TryLater, openssl: "it passes over the entry"},
		{name: "unknown critical extension", reason: "what must be understood is not",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{unknownExtension}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCritical}, status: pec.Skip, strict: pec.TryLater},
		{name: "unknown critical entry extension", reason: "in an entry, too, it makes the list useless",
			lists: one(func(w revocationWorld) testsign.List {
				return revList(1, testsign.Revoked{Serial: []byte{0x40}, Time: in(-5), Extra: []testsign.Extension{unknownExtension}})
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCritical}, status: pec.Skip, strict: pec.TryLater},
		{name: "of users", reason: "the signer is one",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{Users: true}.Extension()}
				return l
			}),
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "of authorities", reason: "a signer would not be on it",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{Authorities: true}.Extension()}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCRLScope}, status: pec.Skip, strict: pec.TryLater},
		{name: "of attribute certificates", reason: "a signer would not be on it",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{Attributes: true}.Extension()}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCRLScope}, status: pec.Skip, strict: pec.TryLater},
		{name: "of some reasons", reason: "it may be on the other list",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{SomeReasons: true}.Extension()}
				return l
			}),
			state: revocation.NotChecked, codes: []string{revocation.CodeCRLSomeReasons}, status: pec.Skip, strict: pec.TryLater},
		{name: "of some reasons, revoked", reason: "what is on it is revoked",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1, w.revoked(-1, keyCompromise))
				l.Extra = []testsign.Extension{testsign.IssuingPoint{SomeReasons: true}.Extension()}
				return l
			}),
			state: revocation.Revoked, codes: []string{revocation.CodeRevoked}, status: pec.Fail, sub: pec.Revoked, strict: pec.Revoked},
		{name: "of another distribution point", reason: "a part of a list in parts",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{URL: "http://ca.example.it/2.crl"}.Extension()}
				return l
			}),
			signer: testsign.Certificate{Extra: []testsign.Extension{testsign.DistributionPoint("http://ca.example.it/1.crl")}},
			state:  revocation.NotChecked, codes: []string{revocation.CodeCRLPoint}, status: pec.Skip, strict: pec.TryLater},
		{name: "of its distribution point", reason: "the part that the certificate names",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{URL: "http://ca.example.it/1.crl"}.Extension()}
				return l
			}),
			signer: testsign.Certificate{Extra: []testsign.Extension{testsign.DistributionPoint("http://altro.example.it", "http://ca.example.it/1.crl")}},
			state:  revocation.Good, codes: []string{revocation.CodeGoodAfter}, status: pec.Pass},
		{name: "of a point by relative name", reason: "a name that is not compared",
			lists: one(func(w revocationWorld) testsign.List {
				l := revList(1)
				l.Extra = []testsign.Extension{testsign.IssuingPoint{RelativeNamed: true}.Extension()}
				return l
			}),
			signer: testsign.Certificate{Extra: []testsign.Extension{testsign.DistributionPoint("http://ca.example.it/1.crl")}},
			state:  revocation.NotChecked, codes: []string{revocation.CodeCRLPoint}, status: pec.Skip, strict: pec.TryLater},

		{name: "delegated list", reason: "signed by a key that the authority made for it, under the same name",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{testsign.CRLPEM(revList(1).SignedBy(w.delegate), w.delegate)}
			},
			state: revocation.Good, codes: []string{revocation.CodeGoodAfter, revocation.CodeSignerUnchecked}, status: pec.Warn,
			openssl: "it looks for a list's signer among the trusted certificates only"},
		{name: "delegated list without the certificate", reason: "nobody knows whose key it is",
			lists: func(w revocationWorld) [][]byte {
				return [][]byte{testsign.CRLPEM(revList(1).SignedBy(w.delegate))}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignature}, status: pec.Skip, strict: pec.TryLater},
		{name: "list signed by a provider", reason: "a certificate of the authority is not one for lists",
			lists: func(w revocationWorld) [][]byte {
				l := revList(1)
				l.Issuer = w.root.Subject
				return [][]byte{testsign.CRLPEM(l.SignedBy(w.signer), w.signer)}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerIssuer}, status: pec.Skip, strict: pec.TryLater},
		{name: "list signer without cRLSign", reason: "the right name, and not the use",
			lists: func(w revocationWorld) [][]byte {
				d := testsign.Certificate{Subject: w.root.Subject, KeyType: testsign.P256, Addresses: []string{}, Serial: revSerial(90)}.IssuedBy(w.root)
				return [][]byte{testsign.CRLPEM(revList(1).SignedBy(d), d)}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerUsage}, status: pec.Skip, strict: pec.TryLater},
		{name: "list signer of a stranger", reason: "the right name and use, but the authority did not make it",
			lists: func(w revocationWorld) [][]byte {
				d := testsign.Certificate{Subject: w.root.Subject, Issuer: w.root.Subject, KeyType: testsign.P256, KeyUsage: x509.KeyUsageCRLSign}.IssuedBy(verdictStranger())
				return [][]byte{testsign.CRLPEM(revList(1).SignedBy(d), d)}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerIssuer}, status: pec.Skip, strict: pec.TryLater},
		{name: "list signer of another issuer's name", reason: "the authority's key signed it, in somebody else's name",
			lists: func(w revocationWorld) [][]byte {
				d := testsign.Certificate{Subject: w.root.Subject, Issuer: testsign.NewName("Nessuno", "Un altro nome"), KeyType: testsign.P256, KeyUsage: x509.KeyUsageCRLSign}.IssuedBy(w.root)
				return [][]byte{testsign.CRLPEM(revList(1).SignedBy(d), d)}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerIssuer}, status: pec.Skip, strict: pec.TryLater},
		{name: "list signer expired", reason: "it was not valid when it signed",
			lists: func(w revocationWorld) [][]byte {
				d := testsign.Certificate{Subject: w.root.Subject, KeyType: testsign.P384, KeyUsage: x509.KeyUsageCRLSign, NotBefore: in(-99), NotAfter: in(0.5)}.IssuedBy(w.root)
				return [][]byte{testsign.CRLPEM(revList(1).SignedBy(d), d)}
			},
			state: revocation.NotChecked, codes: []string{revocation.CodeSignerValidity}, status: pec.Skip, strict: pec.TryLater},
	}
}
