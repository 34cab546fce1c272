package trust_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

var serverOnly = []asn1.ObjectIdentifier{testsign.OIDServerAuth}

// intermediate is an authority under another.
func intermediate(name string, edit func(*testsign.Certificate), issuer *testsign.Identity) *testsign.Identity {
	c := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName(name)}
	if edit != nil {
		edit(&c)
	}
	return c.IssuedBy(issuer)
}

func signerUnder(issuer *testsign.Identity) *testsign.Identity {
	return testsign.Certificate{KeyType: testsign.P256}.IssuedBy(issuer)
}

// tower is a root with n intermediates and a signer below them.
func tower(name string, n int) (root, signer *testsign.Identity, bag []*testsign.Identity) {
	root = authority(name)
	top := root
	for i := range n {
		top = intermediate(fmt.Sprintf("%s %d", name, i), nil, top)
		bag = append(bag, top)
	}
	return root, signerUnder(top), bag
}

// pathCase is a path under a caller's anchors, for us and for OpenSSL.
type pathCase struct {
	name    string
	anchors []*testsign.Identity
	signer  *testsign.Identity
	bag     []*testsign.Identity
	code    string // of Path
	chain   int    // certificates in the chain
	// openssl: why OpenSSL says otherwise; "" where it agrees.
	openssl string
	reason  string
}

func pathCases() []pathCase {
	root := authority("path root")
	one := intermediate("path one", nil, root)
	two := intermediate("path two", nil, one)
	signer := signerUnder(root)
	deep := signerUnder(two)
	stranger := authority("path stranger")

	notCA := testsign.Certificate{KeyType: testsign.P256, Subject: testsign.NewName(uno, "Posta")}.IssuedBy(root)
	edited := func(name string, edit func(*testsign.Certificate)) *testsign.Identity {
		return intermediate(name, edit, root)
	}
	zero := edited("path zero", func(c *testsign.Certificate) { c.BasicConstraints = pathLen(0) })
	belowZero := intermediate("path below zero", nil, zero)
	rolled := intermediate("path zero", func(c *testsign.Certificate) { c.KeyType = testsign.P384 }, zero)
	noSign := edited("path crl only", func(c *testsign.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	servers := edited("path servers", func(c *testsign.Certificate) { c.ExtKeyUsage = serverOnly })
	mailCA := edited("path mail", func(c *testsign.Certificate) {
		c.ExtKeyUsage = []asn1.ObjectIdentifier{testsign.OIDEmailProtection}
	})
	critical := edited("path critical", func(c *testsign.Certificate) {
		c.Extra = []testsign.Extension{{OID: unknownExtension, Critical: true, Value: []byte{5, 0}}}
	})
	versionOne := edited("path v1", func(c *testsign.Certificate) { c.Version = 1 })

	nameless := edited("", func(c *testsign.Certificate) { c.Subject = testsign.Name{} })

	shortRoot := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName("path short"), BasicConstraints: pathLen(1)}.SelfSigned()
	underShort := intermediate("path under short", nil, shortRoot)
	twoUnderShort := intermediate("path two under short", nil, underShort)

	// a and b certify each other, and nobody else does.
	a0, b0 := authority("path a"), authority("path b")
	a := testsign.Certificate{CA: true, Subject: authorityName("path a"), Key: a0.Key}.IssuedBy(b0)
	b := testsign.Certificate{CA: true, Subject: authorityName("path b"), Key: b0.Key}.IssuedBy(a0)
	bySub := testsign.Certificate{CA: true, Subject: authorityName("path one"), Key: one.Key}.SelfSigned()

	list := func(ids ...*testsign.Identity) []*testsign.Identity { return ids }
	maxRoot, maxSigner, maxBag := tower("path max", trust.MaxIntermediates)
	overRoot, overSigner, overBag := tower("path over", trust.MaxIntermediates+1)
	return []pathCase{
		{name: "direct issuer", anchors: list(root), signer: signer, code: trust.CodePathFound, chain: 2, reason: "the anchor issued the signer"},
		{name: "two intermediates", anchors: list(root), signer: deep, bag: list(two, one), code: trust.CodePathFound, chain: 4, reason: "both come along"},
		{name: "in any order", anchors: list(root), signer: deep, bag: list(root, deep, one, stranger, two), code: trust.CodePathFound, chain: 4, reason: "a bag has no order"},
		{name: "one missing", anchors: list(root), signer: deep, bag: list(two), code: trust.CodePathNone, reason: "the intermediate in the middle is nowhere"},
		{name: "intermediate as anchor", anchors: list(two), signer: deep, code: trust.CodePathFound, chain: 2, reason: "nothing above an anchor is asked for"},
		{name: "middle as anchor", anchors: list(one), signer: deep, bag: list(two), code: trust.CodePathFound, chain: 3, reason: "nothing above an anchor is asked for"},
		{name: "other anchor", anchors: list(stranger), signer: signer, bag: list(root), code: trust.CodePathNone, reason: "a root in the bag is no anchor"},
		{name: "two anchors", anchors: list(stranger, root), signer: signer, code: trust.CodePathFound, chain: 2, reason: "one of them is enough"},
		{name: "issued by a signer", anchors: list(root), signer: signerUnder(notCA), bag: list(notCA), code: trust.CodePathNotCA, reason: "a provider must not make other providers"},
		{name: "version 1 intermediate", anchors: list(root), signer: signerUnder(versionOne), bag: list(versionOne), code: trust.CodePathNotCA, reason: "it cannot say that it is an authority"},
		{name: "no certificate signing", anchors: list(root), signer: signerUnder(noSign), bag: list(noSign), code: trust.CodePathKeyUsage, reason: "RFC 5280 §6.1.4 (n)"},
		{name: "authority for servers", anchors: list(root), signer: signerUnder(servers), bag: list(servers), code: trust.CodePathPurpose, reason: "a purpose limits what is below it"},
		{name: "authority for mail", anchors: list(root), signer: signerUnder(mailCA), bag: list(mailCA), code: trust.CodePathFound, chain: 3, reason: "AgID CA1 is such"},
		{name: "unknown critical extension", anchors: list(root), signer: signerUnder(critical), bag: list(critical), code: trust.CodePathCritical, reason: "RFC 5280 §4.2"},
		{name: "path length 0", anchors: list(root), signer: signerUnder(zero), bag: list(zero), code: trust.CodePathFound, chain: 3, reason: "a signer is no authority and does not count"},
		{name: "path length passed", anchors: list(root), signer: signerUnder(belowZero), bag: list(zero, belowZero), code: trust.CodePathLength, reason: "0 allows no authority below"},
		{name: "self-issued does not count", anchors: list(root), signer: signerUnder(rolled), bag: list(zero, rolled), code: trust.CodePathFound, chain: 4, reason: "RFC 5280 §6.1.4 (l): a change of keys is no further authority"},
		{name: "path length of the anchor", anchors: list(shortRoot), signer: signerUnder(underShort), bag: list(underShort), code: trust.CodePathFound, chain: 3, reason: "1 allows one"},
		{name: "path length of the anchor passed", anchors: list(shortRoot), signer: signerUnder(twoUnderShort), bag: list(underShort, twoUnderShort), code: trust.CodePathLength, reason: "an anchor's certificate binds as well"},
		{name: "circle", anchors: list(root), signer: signerUnder(a), bag: list(a, b), code: trust.CodePathNone, reason: "two authorities that vouch for each other lead nowhere"},
		{name: "circle with a way out", anchors: list(b0), signer: signerUnder(a), bag: list(a, b), code: trust.CodePathFound, chain: 3, reason: "one of them is believed"},
		{name: "self-signed twin of an intermediate", anchors: list(root), signer: deep, bag: list(bySub, two, one), code: trust.CodePathFound, chain: 4,
			openssl: "OpenSSL takes the first certificate of that name and key and does not come back", reason: "a dead end before the right certificate does not end the search"},
		{name: "most intermediates", anchors: list(maxRoot), signer: maxSigner, bag: maxBag, code: trust.CodePathFound, chain: trust.MaxIntermediates + 2, reason: "at the limit"},
		{name: "one intermediate too many", anchors: list(overRoot), signer: overSigner, bag: overBag, code: trust.CodePathNone, openssl: "our limit of intermediates", reason: "just above the limit"},
		{name: "wrong signature", anchors: list(root), signer: testsign.Certificate{KeyType: testsign.P256, WrongSignature: true}.IssuedBy(root), code: trust.CodePathForged, reason: "one bit is wrong"},
		{name: "name of the anchor, key of another", anchors: list(root), signer: testsign.Certificate{KeyType: testsign.P256, Issuer: authorityName("path root")}.IssuedBy(stranger), code: trust.CodePathForged, reason: "a name is no key"},
		{name: "key of the anchor, name of another", anchors: list(root), signer: testsign.Certificate{KeyType: testsign.P256, Issuer: authorityName("path other")}.IssuedBy(root), code: trust.CodePathNone, reason: "RFC 5280 §6.1.3 (a)(4)"},
		{name: "authority without a name", anchors: list(root), signer: signerUnder(nameless), bag: list(nameless), code: trust.CodePathNone,
			openssl: "OpenSSL asks for a name only with -x509_strict", reason: "RFC 5280 §4.1.2.4: an issuer has a name"},
		{name: "negative serial number", anchors: list(root), signer: testsign.Certificate{KeyType: testsign.P256, SerialOctets: []byte{0x80, 1}}.IssuedBy(root), code: trust.CodePathFound, chain: 2, reason: "crypto/x509 refuses it, old authorities wrote it"},
		{name: "long serial number", anchors: list(root), signer: testsign.Certificate{KeyType: testsign.P256, SerialOctets: append([]byte{0x40}, make([]byte, 30)...)}.IssuedBy(root), code: trust.CodePathFound, chain: 2, reason: "more than 20 octets"},
		{name: "signed with PSS", anchors: list(root), signer: testsign.Certificate{PSS: true}.IssuedBy(testsign.Certificate{CA: true, Subject: authorityName("path rsa")}.SelfSigned()), bag: nil, code: trust.CodePathNone, reason: "its authority is not believed"},
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range pathCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := believe(t, tt.anchors...)
			for range 2 { // the second time from memory
				r := verify(t, store, tt.signer, tt.bag...)
				require.Equal(t, tt.code, r.Path.Code, tt.reason)
				if tt.code == trust.CodePathFound {
					require.Empty(t, failures(r))
					require.Len(t, r.Chain, tt.chain)
					require.Equal(t, tt.signer.DER, r.Chain[0].Raw)
					require.False(t, r.BuiltIn)
				} else {
					require.Len(t, r.Chain, 1)
				}
			}
		})
	}
}

// algorithmCase is a signer whose key or certificate is of one algorithm.
type algorithmCase struct {
	name            string
	anchor, signer  *testsign.Identity
	bag             []*testsign.Identity
	path, key, ages string
	reason          string
}

func algorithmCases() []algorithmCase {
	rsaCA := testsign.Certificate{CA: true, Subject: authorityName("rsa")}.SelfSigned()
	oldCA := testsign.Certificate{CA: true, Subject: authorityName("rsa 1024"), KeyType: testsign.RSA1024}.SelfSigned()
	p384 := testsign.Certificate{CA: true, Subject: authorityName("p384"), KeyType: testsign.P384}.SelfSigned()
	ed := testsign.Certificate{CA: true, Subject: authorityName("ed25519"), KeyType: testsign.Ed25519}.SelfSigned()
	sha1Root := testsign.Certificate{CA: true, Subject: authorityName("sha1 root"), Hash: crypto.SHA1}.SelfSigned()
	sha1Middle := testsign.Certificate{CA: true, Subject: authorityName("sha1 middle"), Hash: crypto.SHA1}.IssuedBy(rsaCA)
	md5Middle := testsign.Certificate{CA: true, Subject: authorityName("md5 middle"), Hash: crypto.MD5}.IssuedBy(rsaCA)
	leaf := func(by *testsign.Identity, edit func(*testsign.Certificate)) *testsign.Identity {
		c := testsign.Certificate{KeyType: testsign.P256}
		if edit != nil {
			edit(&c)
		}
		return c.IssuedBy(by)
	}
	hash := func(h crypto.Hash) func(*testsign.Certificate) { return func(c *testsign.Certificate) { c.Hash = h } }
	spki := func(bits int, e int64) func(*testsign.Certificate) {
		return func(c *testsign.Certificate) { c.SPKI = testsign.DecoySPKI(bits, e, "signer") }
	}
	return []algorithmCase{
		{"RSA, SHA-256", rsaCA, leaf(rsaCA, nil), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "today's"},
		{"RSA, SHA-384", rsaCA, leaf(rsaCA, hash(crypto.SHA384)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "fine"},
		{"RSA, SHA-512", rsaCA, leaf(rsaCA, hash(crypto.SHA512)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "fine"},
		{"RSA, SHA-224", rsaCA, leaf(rsaCA, hash(crypto.SHA224)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "crypto/x509 does not know it"},
		{"RSA-PSS", rsaCA, leaf(rsaCA, func(c *testsign.Certificate) { c.PSS = true }), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "fine"},
		{"RSA-PSS, SHA-1", rsaCA, leaf(rsaCA, func(c *testsign.Certificate) { c.PSS, c.Hash = true, crypto.SHA1 }), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsSHA1, "SHA-1 in another dress"},
		{"ECDSA", p384, leaf(p384, nil), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "fine"},
		{"ECDSA, SHA-1", p384, leaf(p384, hash(crypto.SHA1)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsSHA1, "SHA-1"},
		{"Ed25519", ed, leaf(ed, nil), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "fine"},
		{"SHA-1", rsaCA, leaf(rsaCA, hash(crypto.SHA1)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsSHA1, "a path, for whoever allows it: every leaf until 2017"},
		{"SHA-1 in the middle", rsaCA, leaf(sha1Middle, nil), []*testsign.Identity{sha1Middle}, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsSHA1, "each certificate of the path counts"},
		{"SHA-1 on the anchor", sha1Root, leaf(sha1Root, nil), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "an anchor is believed for being one, not for its signature"},
		{"RSA-1024 signer", rsaCA, leaf(rsaCA, spki(1024, 65537)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsRSA, "every leaf until 2017"},
		{"RSA-2047 signer", rsaCA, leaf(rsaCA, spki(2047, 65537)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsRSA, "just below"},
		{"RSA-2048 signer", rsaCA, leaf(rsaCA, spki(2048, 65537)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "at the limit"},
		{"RSA-1024, SHA-1", rsaCA, leaf(rsaCA, func(c *testsign.Certificate) { spki(1024, 65537)(c); c.Hash = crypto.SHA1 }), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsRSASHA1, "both, as under DigitPA CA1"},
		{"RSA-1024 anchor", oldCA, leaf(oldCA, nil), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsRSA, "who breaks the anchor's key makes signers"},
		{"RSA-1023 signer", rsaCA, leaf(rsaCA, spki(1023, 65537)), nil, trust.CodePathFound, trust.CodeKeyShort, trust.CodeAlgorithmsRSA, "never accepted"},
		{"RSA-8192 signer", rsaCA, leaf(rsaCA, spki(8192, 65537)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "at the limit"},
		{"RSA-8193 signer", rsaCA, leaf(rsaCA, spki(8193, 65537)), nil, trust.CodePathFound, trust.CodeKeyLong, trust.CodeAlgorithmsCurrent, "just above"},
		{"exponent 1", rsaCA, leaf(rsaCA, spki(2048, 1)), nil, trust.CodePathFound, trust.CodeKeyExponent, trust.CodeAlgorithmsCurrent, "every message is its own signature"},
		{"exponent 2", rsaCA, leaf(rsaCA, spki(2048, 2)), nil, trust.CodePathFound, trust.CodeKeyExponent, trust.CodeAlgorithmsCurrent, "even: no signature at all"},
		{"exponent 3", rsaCA, leaf(rsaCA, spki(2048, 3)), nil, trust.CodePathFound, trust.CodeKeyAccepted, trust.CodeAlgorithmsCurrent, "odd, if small"},
		{"MD5", rsaCA, leaf(rsaCA, hash(crypto.MD5)), nil, trust.CodePathNeverAlgorithm, trust.CodeKeyCertificate, trust.CodeNoPath, "never verified, and said as what it is"},
		{"MD5 in the middle", rsaCA, leaf(md5Middle, nil), []*testsign.Identity{md5Middle}, trust.CodePathNeverAlgorithm, trust.CodeKeyCertificate, trust.CodeNoPath, "never verified, and said as what it is"},
	}
}

func TestSignatureAlgorithms(t *testing.T) {
	t.Parallel()
	for _, tt := range algorithmCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := verify(t, believe(t, tt.anchor), tt.signer, tt.bag...)
			require.Equal(t, tt.path, r.Path.Code, tt.reason)
			require.Equal(t, tt.key, r.Key.Code, tt.reason)
			require.Equal(t, tt.ages, r.Algorithms.Code, tt.reason)
			require.Equal(t, tt.key == trust.CodeKeyAccepted, r.Key.Status == trust.Pass)
		})
	}
}

func TestUnsupportedKeyOfSigner(t *testing.T) {
	t.Parallel()
	ca := authority("unsupported")
	dsa := der(0x30, der(0x30, der(0x06, []byte{0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x02})), der(0x03, []byte{0, 2, 1, 1}))
	c := testsign.Certificate{SPKI: dsa, Key: testsign.Key(testsign.P256, "dsa")}.IssuedBy(ca)
	r := verify(t, believe(t, ca), c)
	require.Equal(t, trust.CodeKeyType, r.Key.Code)
	require.Equal(t, trust.Fail, r.Key.Status)
}

func TestValidity(t *testing.T) {
	t.Parallel()
	from, to := day.AddDate(-1, 0, 0), day.AddDate(1, 0, 0)
	span := func(a, b time.Time) func(*testsign.Certificate) {
		return func(c *testsign.Certificate) { c.NotBefore, c.NotAfter = a, b }
	}
	wide := span(day.AddDate(-9, 0, 0), day.AddDate(9, 0, 0))
	narrow := span(from, to)
	build := func(r, m, l func(*testsign.Certificate)) (root, middle, signer *testsign.Identity) {
		rc := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName("validity root")}
		r(&rc)
		root = rc.SelfSigned()
		middle = intermediate("validity middle", m, root)
		lc := testsign.Certificate{KeyType: testsign.P256}
		l(&lc)
		return root, middle, lc.IssuedBy(middle)
	}
	for _, part := range []struct {
		name    string
		r, m, l func(*testsign.Certificate)
		names   string
	}{
		{"signer", wide, wide, narrow, "Posta certificata di prova"},
		{"intermediate", wide, narrow, wide, "PEC TEST VALIDITY MIDDLE - NO LEGAL VALUE"},
		{"anchor", narrow, wide, wide, "PEC TEST VALIDITY ROOT - NO LEGAL VALUE"},
	} {
		root, middle, signer := build(part.r, part.m, part.l)
		for _, tt := range []struct {
			at     time.Time
			code   string
			reason string
		}{
			{from.Add(-time.Second), trust.CodeNotYetValid, "a second before"},
			{from, trust.CodeValid, "both ends belong to it"},
			{to, trust.CodeValid, "both ends belong to it"},
			{to.Add(time.Second), trust.CodeExpired, "a second after"},
		} {
			t.Run(part.name+" "+tt.code+" "+tt.reason, func(t *testing.T) {
				t.Parallel()
				r := verifyAt(t, believe(t, root), tt.at, signer, middle)
				require.Equal(t, trust.CodePathFound, r.Path.Code, "validity is no matter of the path")
				require.Equal(t, tt.code, r.Validity.Code, tt.reason)
				if tt.code != trust.CodeValid {
					require.Equal(t, trust.Fail, r.Validity.Status)
					require.Equal(t, part.names, r.Validity.Facts[0])
				}
			})
		}
	}
	root, middle, signer := build(wide, wide, wide)
	r := verifyAt(t, believe(t, root), time.Time{}, signer, middle)
	require.Equal(t, trust.CodeNoTime, r.Validity.Code, "the year 1 is no time")
	require.Equal(t, trust.Fail, r.Validity.Status)
}

// authorityTime is a signer under the authority of the world at a time.
type authorityTime struct {
	name   string
	at     time.Time
	signer *testsign.Identity
	bag    []*testsign.Identity
	code   string
	status trust.Status
	reason string
}

func authorityTimes(w *world) []authorityTime {
	signer := testsign.Certificate{
		Subject: testsign.NewName(uno, "Posta"), NotBefore: day.AddDate(-20, 0, 0), NotAfter: day.AddDate(20, 0, 0),
	}.IssuedBy(w.first)
	byThird := testsign.Certificate{
		Subject: testsign.NewName("Gestore Quattro S.p.A.", "Posta"), Addresses: []string{"posta-certificata@pec.example.org"},
		NotBefore: day.AddDate(-20, 0, 0), NotAfter: day.AddDate(20, 0, 0),
	}.IssuedBy(w.third)
	return []authorityTime{
		{"before the first generation", day.AddDate(-3, 0, 0).Add(-time.Second), signer, nil, trust.CodeNotYetValid, trust.Fail, "the key was no authority's yet"},
		{"first day", day.AddDate(-3, 0, 0), signer, nil, trust.CodeValid, trust.Pass, "it was"},
		{"after the first, in the second", day.AddDate(4, 0, 0), signer, nil, trust.CodeValid, trust.Pass, "the union of all generations"},
		{"last day", day.AddDate(5, 0, 0), signer, nil, trust.CodeValid, trust.Pass, "the union of all generations"},
		{"after the last", day.AddDate(5, 0, 0).Add(time.Second), signer, nil, trust.CodeExpired, trust.Fail, "no known generation is valid"},
		{"carried one not yet there", day.AddDate(-2, 0, 0), signer, []*testsign.Identity{w.second}, trust.CodeValidOtherAuthority, trust.Warn,
			"the certificate is outside the message's signature: anybody can have exchanged it"},
		{"carried one expired", day.AddDate(4, 0, 0), signer, []*testsign.Identity{w.first}, trust.CodeValidOtherAuthority, trust.Warn, "the same key was valid in another certificate"},
		{"of two carried one valid", day.AddDate(4, 0, 0), signer, []*testsign.Identity{w.first, w.second}, trust.CodeValid, trust.Pass, "the better one is taken"},
		{"unknown generation reaches further", day.AddDate(7, 0, 0), byThird, []*testsign.Identity{w.third}, trust.CodeValid, trust.Pass, "the root signed it, so it counts"},
		{"unknown generation left out", day.AddDate(7, 0, 0), byThird, nil, trust.CodeExpired, trust.Fail, "what is not there does not count"},
	}
}

func TestValidityOfBuiltInAuthority(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, tt := range authorityTimes(w) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := verifyAt(t, w.store(t), tt.at, tt.signer, tt.bag...)
			require.Equal(t, tt.code, r.Validity.Code, tt.reason)
			require.Equal(t, tt.status, r.Validity.Status, tt.reason)
		})
	}
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	root := authority("candidates")
	key := testsign.Key(testsign.P256, "candidates signer")
	good := testsign.Certificate{Key: key}.IssuedBy(root)
	self := testsign.Certificate{Key: key, Subject: testsign.NewName("altro", "altro")}.SelfSigned()
	expired := testsign.Certificate{Key: key, NotBefore: day.AddDate(-2, 0, 0), NotAfter: day.AddDate(-1, 0, 0)}.IssuedBy(root)
	store := believe(t, root)
	for _, tt := range []struct {
		name       string
		candidates []*testsign.Identity
		want       *testsign.Identity
		reason     string
	}{
		{"a path wins", []*testsign.Identity{self, good}, good, "one certificate is self-made, over the same key"},
		{"in any order", []*testsign.Identity{good, self}, good, "order is chance"},
		{"fewer failures win", []*testsign.Identity{expired, good}, good, "one had been replaced"},
		{"fewer failures win, in any order", []*testsign.Identity{good, expired}, good, "order is chance"},
		{"a path with failures beats none", []*testsign.Identity{self, expired}, expired, "a path first"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := store.Verify(parse(t, tt.candidates...), parse(t, tt.candidates...), day)
			requireComplete(t, r)
			require.Equal(t, tt.want.DER, r.Signer.Raw, tt.reason)
		})
	}
	for _, none := range [][]*x509.Certificate{nil, {nil}} {
		r := store.Verify(none, nil, day)
		requireComplete(t, r)
		require.Equal(t, trust.CodePathNoCandidate, r.Path.Code)
		require.Nil(t, r.Signer)
	}
	r := store.Verify([]*x509.Certificate{{}}, []*x509.Certificate{nil, {}}, day)
	requireComplete(t, r)
	require.Equal(t, trust.CodePathUnreadable, r.Path.Code)
}
