package trust_test

import (
	"crypto"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// world is the circuit of AgID with other keys: a root, an authority under it
// in two generations over one key, and what somebody else could make.
type world struct {
	root          *testsign.Identity
	first, second *testsign.Identity // known generations; the second names one provider more and one less
	third         *testsign.Identity // signed by the root, and unknown
	key           func(owner string) crypto.Signer
}

const (
	uno = "Gestore Uno S.p.A."
	due = "Gestore Due S.p.A."
	tre = "Gestore Tre S.p.A."
)

var day = testsign.Instant

func newWorld() *world {
	return newWorldOf(func(string) crypto.Signer { return nil }) // keys as testsign makes them
}

func newWorldOf(key func(owner string) crypto.Signer) *world {
	w := &world{key: key}
	w.root = testsign.Certificate{CA: true, Subject: authorityName("world root"), Key: key("root")}.SelfSigned()
	w.first = w.generation(day.AddDate(-3, 0, 0), day.AddDate(3, 0, 0), permits("pec.example.it", uno), permits("pec.example.com", due))
	w.second = w.generation(day.AddDate(-1, 0, 0), day.AddDate(5, 0, 0), permits("pec.example.it", uno), permits("pec.example.net", tre))
	w.third = w.generation(day.AddDate(0, -1, 0), day.AddDate(8, 0, 0), permits("pec.example.org", "Gestore Quattro S.p.A."))
	return w
}

func permits(host, organization string) []testsign.Subtree {
	return []testsign.Subtree{{Email: host}, {Directory: testsign.NewName(organization, "")}}
}

func (w *world) certificate(from, to time.Time, lists ...[]testsign.Subtree) testsign.Certificate {
	limits := &testsign.NameConstraints{}
	for _, l := range lists {
		limits.Permitted = append(limits.Permitted, l...)
	}
	return testsign.Certificate{
		CA: true, Subject: authorityName("world ca"), BasicConstraints: pathLen(0),
		NotBefore: from, NotAfter: to, NameConstraints: limits, Key: w.key("ca"),
	}
}

func (w *world) generation(from, to time.Time, lists ...[]testsign.Subtree) *testsign.Identity {
	return w.certificate(from, to, lists...).IssuedBy(w.root)
}

// store believes the authority of the world, whose first two generations are known.
func (w *world) store(t testing.TB) *trust.Store {
	t.Helper()
	known := parse(t, w.root, w.first, w.second)
	return trust.StoreOf("World CA", known[0], true, known[1], known[2])
}

// mixedStore believes the authority of the world and a caller's anchor.
func mixedStore(t testing.TB, w *world, own *testsign.Identity) *trust.Store {
	t.Helper()
	known := parse(t, w.root, w.first, w.second, own)
	s, err := trust.Mixed(trust.StoreOf("World CA", known[0], true, known[1], known[2]), known[3])
	require.NoError(t, err)
	return s
}

func (w *world) signer(host, organization string) *testsign.Identity {
	return testsign.Certificate{
		Subject:   testsign.NewName(organization, "Posta certificata di prova"),
		Addresses: []string{"posta-certificata@" + host},
		Key:       w.key("signer"),
	}.IssuedBy(w.first)
}

func TestAuthorityCertificateIsOptional(t *testing.T) {
	t.Parallel()
	w := newWorld()
	signer := w.signer("pec.example.it", uno)
	for name, bag := range map[string][]*testsign.Identity{
		"alone":                {signer},
		"empty bag":            nil,
		"first generation":     {signer, w.first},
		"second, before it":    {w.second, signer},
		"both, with the root":  {w.second, w.root, w.first, signer},
		"both, the other way":  {w.first, signer, w.second},
		"a stranger alongside": {signer, authority("stranger"), w.first},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := verify(t, w.store(t), signer, bag...)
			require.Empty(t, failures(r))
			require.Empty(t, codes(r, trust.Warn))
			require.Empty(t, r.Ignored)
			require.True(t, r.BuiltIn)
			require.Equal(t, "World CA", r.Anchor)
		})
	}
}

// providerCase is a signer whose provider the authority of the world names, or not.
type providerCase struct {
	name     string
	host, in string
	bag      []*testsign.Identity
	at       time.Time
	code     string
	day      string // of the generation that names it
	ignored  int
	reason   string
}

func providerCases(w *world) []providerCase {
	foreign := w.certificate(day.AddDate(-1, 0, 0), day.AddDate(5, 0, 0), permits("pec.example.org", tre)).SelfSigned()
	otherKey := w.certificate(day.AddDate(-1, 0, 0), day.AddDate(5, 0, 0), permits("pec.example.org", tre))
	otherKey.Key = testsign.Key(testsign.RSA2048, "another key")
	noMail := testsign.Certificate{
		CA: true, Subject: authorityName("world ca"), BasicConstraints: pathLen(0), NotBefore: day.AddDate(-1, 0, 0), Key: w.key("ca"),
	}.IssuedBy(w.root)

	notCA := w.certificate(day.AddDate(-1, 0, 0), day.AddDate(5, 0, 0), permits("pec.example.org", tre))
	notCA.BasicConstraints, notCA.Key = &testsign.BasicConstraints{}, w.first.Key
	noCA := notCA.IssuedBy(w.root)
	other := w.certificate(day.AddDate(-1, 0, 0), day.AddDate(5, 0, 0), permits("pec.example.org", tre))
	other.Subject, other.Key = authorityName("world other"), w.first.Key
	renamed := other.IssuedBy(w.root)

	return []providerCase{
		{name: "newest generation first", host: "pec.example.it", in: uno, code: trust.CodeProviderNamed, day: "2025-03-10",
			reason: "without a certificate any generation valid at the time does"},
		{name: "only in the older one", host: "pec.example.com", in: due, code: trust.CodeProviderNamed, day: "2023-03-10",
			reason: "lists shrink too, and the older certificate was still valid"},
		{name: "before the newer one", host: "pec.example.net", in: tre, at: day.AddDate(-2, 0, 0), code: trust.CodeProviderNotNamed,
			reason: "a generation that did not exist yet names nobody"},
		{name: "after the older one", host: "pec.example.com", in: due, at: day.AddDate(4, 0, 0), code: trust.CodeProviderNotNamed,
			reason: "a generation that has expired names nobody"},
		{name: "outside every generation", host: "pec.example.it", in: uno, at: day.AddDate(9, 0, 0), code: trust.CodeProviderNoGeneration,
			reason: "having neither certificate nor facts fails, it is never skipped"},
		{name: "host and organization of two generations", host: "pec.example.com", in: tre, code: trust.CodeProviderNotNamed,
			reason: "one generation has to name both"},
		{name: "nobody", host: "pec.example.org", in: "Gestore Quattro S.p.A.", code: trust.CodeProviderNotNamed,
			reason: "known generations do not name it"},
		{name: "carried generation lacks it", host: "pec.example.com", in: due, bag: []*testsign.Identity{w.second},
			code: trust.CodeProviderConstraints, reason: "the certificate that came along rules, also when others would name the signer"},
		{name: "one of two carried generations has it", host: "pec.example.com", in: due, bag: []*testsign.Identity{w.second, w.first},
			code: trust.CodeProviderNamed, day: "2023-03-10", reason: "a path through either is a path"},
		{name: "unknown generation, signed by the root", host: "pec.example.org", in: "Gestore Quattro S.p.A.", bag: []*testsign.Identity{w.third},
			code: trust.CodeProviderNamed, day: "2026-02-10", reason: "the authority will get new certificates after this program was written"},
		{name: "forged list over the right key", host: "pec.example.org", in: tre, bag: []*testsign.Identity{foreign},
			code: trust.CodeProviderNotNamed, ignored: 1, reason: "anybody can put the authority's public key into a certificate"},
		{name: "forged list over another key", host: "pec.example.org", in: tre, bag: []*testsign.Identity{otherKey.SelfSigned()},
			code: trust.CodeProviderNotNamed, ignored: 1, reason: "the name alone is worth nothing"},
		{name: "forged list beside the right one", host: "pec.example.it", in: uno, bag: []*testsign.Identity{foreign, w.second},
			code: trust.CodeProviderNamed, day: "2025-03-10", ignored: 1, reason: "a decoy takes nothing away"},
		{name: "signed by the root, but no authority", host: "pec.example.org", in: tre, bag: []*testsign.Identity{noCA},
			code: trust.CodeProviderNotNamed, ignored: 1, reason: "its constraints constrain nobody"},
		{name: "authority's key under another name", host: "pec.example.org", in: tre, bag: []*testsign.Identity{renamed},
			code: trust.CodeProviderNotNamed, ignored: 1, reason: "another authority may use the key only if it is one"},
		{name: "generation without constraints", host: "pec.example.it", in: uno, bag: []*testsign.Identity{noMail},
			code: trust.CodeProviderNotNamed, reason: "constraints that say nothing name nobody, and it is never skipped"},
	}
}

func TestProviderOfBuiltInAuthority(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, tt := range providerCases(w) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := tt.at
			if at.IsZero() {
				at = day
			}
			signer := w.signer(tt.host, tt.in)
			// Not the signer's own validity is in question here.
			r := verifyAt(t, w.store(t), at, signer, append(tt.bag, signer)...)
			require.Equal(t, trust.CodePathFound, r.Path.Code)
			require.Equal(t, tt.code, r.Provider.Code, tt.reason)
			require.Len(t, r.Ignored, tt.ignored, tt.reason)
			if tt.code == trust.CodeProviderNamed {
				require.Equal(t, trust.Pass, r.Provider.Status)
				require.Equal(t, []string{tt.host, tt.in, "World CA", tt.day}, r.Provider.Facts, tt.reason)
			} else {
				require.Equal(t, trust.Fail, r.Provider.Status, tt.reason)
			}
			require.Equal(t, tt.code == trust.CodeProviderConstraints, r.Constraints.Status == trust.Fail,
				"a violation is said once, under constraints")
		})
	}
}

func TestForgedAuthorities(t *testing.T) {
	t.Parallel()
	w := newWorld()
	fake := w.certificate(day.AddDate(-1, 0, 0), day.AddDate(5, 0, 0), permits("pec.example.it", uno))
	fake.Key = testsign.Key(testsign.RSA2048, "forger")
	forger := fake.SelfSigned()
	self := testsign.Certificate{Subject: authorityName("world ca"), KeyType: testsign.P256}.SelfSigned()
	leaf := w.signer("pec.example.it", uno)
	child := testsign.Certificate{KeyType: testsign.P256}.IssuedBy(leaf)
	tests := []struct {
		name   string
		signer *testsign.Identity
		bag    []*testsign.Identity
		code   string
		reason string
	}{
		{"authority of the same name", testsign.Certificate{}.IssuedBy(forger), []*testsign.Identity{forger}, trust.CodePathForged,
			"a name is no key: this is the forgery of a receipt with a home-made AgID CA1"},
		{"without the forged authority", testsign.Certificate{}.IssuedBy(forger), nil, trust.CodePathForged, "the same without the certificate"},
		{"signer named as the authority", self, nil, trust.CodePathForged, "a self-signed signer under the authority's name"},
		{"self-made authority", testsign.Certificate{}.IssuedBy(authority("self-made")), []*testsign.Identity{authority("self-made")},
			trust.CodePathNone, "nobody believes it"},
		{"self-signed signer", testsign.Certificate{KeyType: testsign.P256}.SelfSigned(), nil, trust.CodePathSelfSigned, "it vouches for itself"},
		{"issued by a provider", child, []*testsign.Identity{leaf}, trust.CodePathNone, "a provider's certificate may issue none, and pathLen is 0"},
		{"wrong signature", testsign.Certificate{WrongSignature: true}.IssuedBy(w.first), []*testsign.Identity{w.first}, trust.CodePathForged,
			"one bit of the certificate's signature is wrong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := verify(t, w.store(t), tt.signer, append(tt.bag, tt.signer)...)
			require.Equal(t, trust.Fail, r.Path.Status, tt.reason)
			require.Equal(t, tt.code, r.Path.Code, tt.reason)
			require.Empty(t, r.Anchor)
			for _, f := range []trust.Finding{r.Policy, r.Constraints, r.Provider, r.Validity, r.Algorithms} {
				require.Equal(t, trust.Skip, f.Status, "nothing is said of a path that is not there")
				require.Equal(t, trust.CodeNoPath, f.Code)
			}
		})
	}
	// Built-in authorities issue signers themselves, also in a store that looks
	// for intermediates: neither another authority nor a new key comes between.
	mixed := mixedStore(t, w, authority("mixed"))
	for _, between := range []testsign.Certificate{
		{CA: true, Subject: authorityName("between")},
		{CA: true, Subject: authorityName("world ca"), Key: testsign.Key(testsign.RSA2048, "rolled over")},
	} {
		b := between.IssuedBy(w.first)
		require.Equal(t, trust.Fail, verify(t, mixed, testsign.Certificate{}.IssuedBy(b), b, w.first).Path.Status)
	}
	require.Equal(t, trust.CodePathFound, verify(t, mixed, leaf).Path.Code)

	r := verify(t, w.store(t), testsign.Certificate{}.IssuedBy(forger), forger)
	require.Len(t, r.Ignored, 1)
	require.Contains(t, r.Ignored[0], "another key")
}

// Under DigitPA CA1 the root's key is known by its hash only, and no
// certificate has constraints.
func TestAuthorityWithoutConstraints(t *testing.T) {
	t.Parallel()
	root := testsign.Certificate{CA: true, Subject: authorityName("old root")}.SelfSigned()
	old := testsign.Certificate{CA: true, Subject: authorityName("old ca"), BasicConstraints: pathLen(0)}
	known := old.IssuedBy(root)
	old.NotBefore = day.AddDate(-4, 0, 0)
	renewed := old.IssuedBy(root)
	certificates := parse(t, root, known)
	store := trust.StoreOf("Old CA", certificates[0], false, certificates[1])

	signer := testsign.Certificate{Subject: testsign.NewName(uno, "Posta")}.IssuedBy(known)
	r := verify(t, store, signer, known)
	require.Equal(t, trust.Warn, r.Provider.Status)
	require.Equal(t, trust.CodeProviderOrganization, r.Provider.Code)
	require.Equal(t, []string{uno, "Old CA"}, r.Provider.Facts)
	require.Equal(t, trust.CodeConstraintsAbsent, r.Constraints.Code)
	require.Len(t, r.Chain, 2)

	nameless := testsign.Certificate{Subject: testsign.NewName("", "Posta")}.IssuedBy(known)
	require.Equal(t, trust.CodeProviderNoOrganization, verify(t, store, nameless).Provider.Code)
	require.Equal(t, trust.Fail, verify(t, store, nameless).Provider.Status)

	require.Len(t, verify(t, store, signer, renewed).Ignored, 1, "the root's key is not there to tell")
	require.Empty(t, verify(t, store, signer, renewed, root).Ignored, "with the root, whose key hash is known, it is believed")
}

func TestOlderThanTheAuthorities(t *testing.T) {
	t.Parallel()
	ca := authority("unknown ca of 2008")
	signer := testsign.Certificate{KeyType: testsign.P256}.IssuedBy(ca)
	begins := time.Date(2011, 1, 14, 16, 29, 56, 0, time.UTC)
	store := trust.AgID()
	require.Equal(t, trust.CodePathOlder, verifyAt(t, store, begins.Add(-time.Second), signer, ca).Path.Code)
	require.Equal(t, trust.CodePathNone, verifyAt(t, store, begins, signer, ca).Path.Code)
	require.Equal(t, trust.CodePathNone, verifyAt(t, believe(t, authority("own")), begins.Add(-time.Second), signer, ca).Path.Code,
		"what a caller's own authorities begin with is not known")
	both, err := trust.NewStore(true, parse(t, authority("own"))...)
	require.NoError(t, err)
	require.Equal(t, trust.CodePathOlder, verifyAt(t, both, begins.Add(-time.Second), signer, ca).Path.Code)
}

// The keys of the authorities, as design and directories quote them.
func TestKeysOfAuthorities(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string]string{
		"AgID CA1":                       "39e3c6c6f13c9620775172694d20f81edad55a8613934cdaa7c3793a6d26b86b",
		"Actalis Authentication Root CA": "25d4913cf587097414d29d26f6c1b1942cd6d64eaf45d0fcf81526adba96d324",
		"DigitPA CA1":                    "c0b443b729bcf3e980d36ef980b035be7534a7c464671c7f51e30ad6f7519d25",
		"Baltimore CyberTrust Root":      "63d9af9b47b1064d49a10e7b7fd566dbc8caa399459bfc2829c571ad8c6ef34a",
	}, trust.KeyHashes())
}

func TestNewStore(t *testing.T) {
	t.Parallel()
	_, err := trust.NewStore(false)
	require.ErrorIs(t, err, trust.ErrNoAnchors)
	s, err := trust.NewStore(true)
	require.NoError(t, err)
	require.NotNil(t, s)

	ca := authority("issuer")
	decoy := func(bits int, e int64) *testsign.Identity {
		return testsign.Certificate{CA: true, Subject: authorityName("decoy"), SPKI: testsign.DecoySPKI(bits, e, "decoy"),
			Key: testsign.Key(testsign.P256, "decoy")}.SelfSigned()
	}
	malformed := testsign.Certificate{CA: true, KeyType: testsign.P256, NameConstraints: &testsign.NameConstraints{
		Permitted: []testsign.Subtree{{Raw: der(0xA4, []byte{0x31, 0x00})}}}}
	tests := []struct {
		name   string
		id     *testsign.Identity
		reason string
	}{
		{"signer", testsign.Certificate{KeyType: testsign.P256}.IssuedBy(ca), "a signer's own certificate vouches for nobody"},
		{"self-signed signer", testsign.Certificate{KeyType: testsign.P256}.SelfSigned(), "being self-signed makes no authority"},
		{"version 1", testsign.Certificate{CA: true, KeyType: testsign.P256, Version: 1}.SelfSigned(), "it cannot say that it is an authority"},
		{"no certificate signing", testsign.Certificate{CA: true, KeyType: testsign.P256, KeyUsage: x509.KeyUsageCRLSign}.SelfSigned(), "its key is for something else"},
		{"for servers", testsign.Certificate{CA: true, KeyType: testsign.P256, ExtKeyUsage: serverOnly}.SelfSigned(), "it issues no mail certificates"},
		{"RSA-1023", decoy(1023, 65537), "below the limit"},
		{"RSA-8193", decoy(8193, 65537), "above the limit"},
		{"even exponent", decoy(2048, 65536), "makes no signature"},
		{"exponent 1", decoy(2048, 1), "makes every message its own signature"},
		{"malformed constraints", malformed.SelfSigned(), "what cannot be read cannot be kept"},
		{"critical extension", testsign.Certificate{CA: true, KeyType: testsign.P256,
			Extra: []testsign.Extension{{OID: unknownExtension, Critical: true, Value: []byte{5, 0}}}}.SelfSigned(), "not understood"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, tt.id)
			s, err := trust.NewStore(true, parse(t, ca)[0], c[0])
			var problem *trust.AnchorError
			require.ErrorAs(t, err, &problem, tt.reason)
			require.Nil(t, s)
			require.Contains(t, err.Error(), strings.Split(problem.Subject, ",")[0])
			require.NotEmpty(t, problem.Reason)
			require.NotContains(t, problem.Reason, "{")
		})
	}
	_, err = trust.NewStore(false, nil)
	require.Error(t, err)
	_, err = trust.NewStore(false, &x509.Certificate{})
	require.Error(t, err)
	for _, bits := range []int{1024, 8192} {
		_, err := trust.NewStore(false, parse(t, decoy(bits, 65537))...)
		require.NoError(t, err, "RSA-%d is inside the limits", bits)
	}
}
