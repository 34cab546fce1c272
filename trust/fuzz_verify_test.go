package trust_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// fixedKey is the same key in every process.
func fixedKey(owner string) crypto.Signer {
	seed := sha256.Sum256([]byte(owner))
	return ed25519.NewKeyFromSeed(seed[:])
}

// together writes certificates one behind the other, and apart reads them: what is
// none is left out.
func together(ids ...*testsign.Identity) (all []byte) {
	for _, id := range ids {
		all = append(all, id.DER...)
	}
	return all
}

func apart(b []byte) (all []*x509.Certificate) {
	in := cryptobyte.String(b)
	for len(all) < 64 {
		var one cryptobyte.String
		if !in.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			break
		}
		if c, err := cms.ParseCertificate(one); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// seedVerify adds what the tests judge: signers with a bag and an anchor.
func seedVerify(f *testing.F, w *world) {
	seconds := func(at time.Time) int64 {
		if at.IsZero() {
			return math.MinInt64
		}
		return int64(at.Sub(day) / time.Second)
	}
	add := func(at time.Time, signer, anchor *testsign.Identity, bag ...*testsign.Identity) {
		f.Add(signer.DER, together(bag...), anchor.DER, seconds(at))
	}
	root := testsign.Certificate{CA: true, Subject: authorityName("fuzz verify"), Key: fixedKey("fuzz root")}.SelfSigned()
	middle := intermediate("fuzz middle", func(c *testsign.Certificate) {
		c.Key = fixedKey("fuzz middle")
		c.NameConstraints = &testsign.NameConstraints{Permitted: append(mail("pec.example.it"), directory()...)}
	}, root)
	signer := testsign.Certificate{Key: fixedKey("fuzz signer")}
	f.Add(signer.IssuedBy(root).DER, middle.DER, root.DER, int64(0))
	f.Add(signer.IssuedBy(middle).DER, middle.DER, root.DER, int64(1<<30))
	f.Add(w.signer("pec.example.it", uno).DER, w.first.DER, w.first.DER, int64(-1<<30))
	f.Add(w.signer("pec.example.org", tre).DER, w.third.DER, root.DER, int64(0))
	f.Add(signer.IssuedBy(middle).DER, middle.DER, root.DER, seconds(time.Time{}))
	f.Add([]byte{}, []byte{}, root.DER, int64(0))
	for _, tt := range constraintCases() {
		tt.key = fixedKey("fuzz case")
		ca, signer := tt.issued(root)
		add(day, signer, root, ca)
	}
	for _, tt := range pathCases() {
		for _, anchor := range tt.anchors {
			add(day, tt.signer, anchor, tt.bag...)
		}
	}
	for _, tt := range algorithmCases() {
		add(day, tt.signer, tt.anchor, tt.bag...)
	}
	dsa := der(0x30, der(0x30, der(0x06, []byte{0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x02})), der(0x03, []byte{0, 2, 1, 1}))
	add(day, testsign.Certificate{SPKI: dsa, Key: fixedKey("dsa")}.IssuedBy(root), root)
	for _, tt := range profileCases() {
		c := testsign.Certificate{Key: fixedKey("fuzz profile")}
		tt.edit(&c)
		add(day, c.IssuedBy(root), root)
	}
	for _, tt := range stampCases(root) {
		if tt.at.IsZero() {
			tt.at = day
		}
		add(tt.at, tt.signer, root, tt.bag...)
	}
	for _, tt := range signerCases(f, root) {
		add(day, tt.signer, root)
	}
	for _, tt := range providerCases(w) {
		if tt.at.IsZero() {
			tt.at = day
		}
		add(tt.at, w.signer(tt.host, tt.in), root, tt.bag...)
	}
	for _, tt := range authorityTimes(w) {
		add(tt.at, tt.signer, root, tt.bag...)
	}
	early := time.Date(2011, 1, 14, 16, 29, 55, 0, time.UTC)
	add(early, testsign.Certificate{Key: fixedKey("early")}.IssuedBy(authority("unknown ca of 2008")), root)
	self := testsign.Certificate{Key: fixedKey("self")}.SelfSigned()
	add(day, self, self)
	forged := testsign.Certificate{Key: fixedKey("fuzz signer"), WrongSignature: true}.IssuedBy(w.first)
	add(day, forged, w.second, w.first)
	add(day, testsign.Certificate{Key: fixedKey("fuzz signer"), Subject: testsign.NewName("", "Posta")}.IssuedBy(w.first), w.first)
	rolled := intermediate("fuzz middle", func(c *testsign.Certificate) { c.Key = fixedKey("rolled") }, middle)
	add(day, signer.IssuedBy(rolled), root, rolled, middle)
	add(day, w.signer("pec.example.it", uno), root, w.root, w.third)
	f.Add(signer.IssuedBy(root).DER, []byte{}, []byte{}, int64(0))
	add(day, signerUnder(middle), root, append(decoys("fuzz middle", 2, 16384), middle)...)
	add(day, signerUnder(middle), root, append(decoys("fuzz middle", 63, 1024), middle)...)
	for _, count := range []int{trust.MaxSubtrees, trust.MaxSubtrees + 1} {
		ca := testsign.Certificate{CA: true, Key: fixedKey("limits"), Subject: authorityName("limits"), NameConstraints: &testsign.NameConstraints{Permitted: slices.Repeat(mail("pec.example.it"), count)}}.IssuedBy(root)
		add(day, signer.IssuedBy(ca), ca, ca)
		add(day, signer.IssuedBy(ca), root, ca)
	}
	for _, count := range []int{trust.MaxNames, trust.MaxNames + 1} {
		many := signer
		many.Addresses = slices.Repeat([]string{signerAddress}, count)
		add(day, many.IssuedBy(middle), root, middle)
	}
	usage := func(id asn1.ObjectIdentifier) *testsign.Identity {
		return testsign.Certificate{CA: true, Key: fixedKey("usage"), Subject: authorityName("usage"), ExtKeyUsage: []asn1.ObjectIdentifier{id}}.SelfSigned()
	}
	unread := testsign.Certificate{CA: true, Key: fixedKey("unread"), NameConstraints: &testsign.NameConstraints{Permitted: []testsign.Subtree{{Raw: der(0xA4, []byte{0x31, 0x00})}}}}.SelfSigned()
	minimum := testsign.Certificate{CA: true, Key: fixedKey("minimum"), Extra: []testsign.Extension{{OID: testsign.OIDNameConstraints, Critical: true, Value: der(0x30, der(0xA0, der(0x30, der(0x88, []byte{1}))))}}}.SelfSigned()
	short := testsign.Certificate{CA: true, Key: fixedKey("short"), SPKI: testsign.DecoySPKI(1023, 65537, "short")}.SelfSigned()
	nameless := testsign.Certificate{CA: true, Key: fixedKey("nameless"), Subject: testsign.Name{}}.SelfSigned()
	for _, anchor := range []*testsign.Identity{usage(testsign.OIDTimeStamping), usage(testsign.OIDEmailProtection), unread, minimum, short, nameless} {
		add(day, signer.IssuedBy(anchor), anchor, anchor)
	}
}

// FuzzVerify judges any certificates under any anchor and under those that are built
// in. Every result is complete, does not depend on the order of the bag nor on what a
// store remembers, and every link of a path is one that crypto/x509 finds signed too.
//
// The keys of the world are fixed: a fuzzer's workers are processes of their own, and
// have to believe the authorities of the seeds.
func FuzzVerify(f *testing.F) {
	w := newWorldOf(fixedKey)
	known := parse(f, w.root, w.first, w.second)
	world := trust.StoreOf("World CA", known[0], true, known[1:]...)
	unlisted := testsign.Certificate{CA: true, Subject: authorityName("world ca"), BasicConstraints: pathLen(0), Key: fixedKey("ca")}.IssuedBy(w.root)
	stores := []*trust.Store{world, trust.StoreOf("Old CA", known[0], false, parse(f, unlisted)...), trust.AgID()}
	seedVerify(f, w)
	r := world.Verify(parse(f, w.signer("pec.example.it", uno)), nil, day)
	require.Empty(f, failures(r), "seeds have paths")
	f.Fuzz(func(t *testing.T, signer, others, anchor []byte, seconds int64) {
		at := day.Add(time.Duration(seconds%(1<<32)) * time.Second)
		if seconds == math.MinInt64 {
			at = time.Time{}
		}
		stores := slices.Clone(stores)
		var stamps *trust.TimestampStore
		if a, err := cms.ParseCertificate(anchor); err != nil {
			requireNoAnchors(t)
		} else {
			stores = append(stores, requireStores(t, a, world)...)
			stamps, err = trust.NewTimestampStore(a)
			requireAnchor(t, stamps == nil, err)
		}
		c, err := cms.ParseCertificate(signer)
		if err != nil {
			for _, store := range stores {
				requireNobody(t, func(none []*x509.Certificate) *trust.Result { return store.VerifySigner(none, apart(others), at) })
				requireNobody(t, func(none []*x509.Certificate) *trust.Result { return store.Verify(none, apart(others), at) })
			}
			if stamps != nil {
				requireNobody(t, func(none []*x509.Certificate) *trust.Result { return stamps.Verify(none, apart(others), at) })
			}
			return
		}
		requireNames(t, c)
		bag := append([]*x509.Certificate{c}, apart(others)...)
		for _, store := range stores {
			requireJudged(t, store, bag, at)
		}
		if stamps == nil {
			return
		}
		for _, candidates := range [][]*x509.Certificate{bag[:1], bag, {nil}} {
			r := stamps.Verify(candidates, bag, at)
			requireComplete(t, r)
			require.False(t, r.BuiltIn)
			require.Equal(t, failures(r), failures(stamps.Verify(candidates, bag, at)), "what is remembered changes nothing")
			requireSigned(t, r)
			if r.Signer != nil && len(failures(r)) == 0 {
				require.Contains(t, r.Signer.ExtKeyUsage, x509.ExtKeyUsageTimeStamping)
			}
		}
	})
}

// requireAnchor holds what is true of a certificate that cannot be an anchor.
func requireAnchor(t *testing.T, none bool, err error) {
	require.Equal(t, err != nil, none)
	if err == nil {
		return
	}
	e, ok := errors.AsType[*trust.AnchorError](err)
	require.True(t, ok, "%v", err)
	require.NotEmpty(t, e.Reason)
	require.NotContains(t, e.Reason, "{authority}")
	require.True(t, strings.HasPrefix(err.Error(), "trust: "+e.Subject))
}

// requireNoAnchors holds what is true of certificates that are not there.
func requireNoAnchors(t *testing.T) {
	_, err := trust.NewStore(false)
	require.Equal(t, trust.ErrNoAnchors, err)
	_, err = trust.NewTimestampStore()
	require.Equal(t, trust.ErrNoAnchors, err)
	for _, none := range []*x509.Certificate{nil, {}} {
		s, err := trust.NewStore(true, none)
		requireAnchor(t, s == nil, err)
		require.Error(t, err)
		require.Empty(t, trust.Address(none))
	}
}

// requireNobody judges signers that are not there, or were never read.
func requireNobody(t *testing.T, judge func([]*x509.Certificate) *trust.Result) {
	for _, none := range [][]*x509.Certificate{nil, {nil}} {
		r := judge(none)
		requireComplete(t, r)
		require.Equal(t, trust.CodePathNoCandidate, r.Path.Code)
		require.Nil(t, r.Signer)
	}
	r := judge([]*x509.Certificate{{}})
	requireComplete(t, r)
	require.Equal(t, trust.CodePathUnreadable, r.Path.Code)
}

// requireStores makes the stores of an anchor: alone, beside AgID, and beside others.
func requireStores(t *testing.T, a *x509.Certificate, world *trust.Store) []*trust.Store {
	own, err := trust.NewStore(false, a)
	requireAnchor(t, own == nil, err)
	both, again := trust.NewStore(true, a)
	requireAnchor(t, both == nil, again)
	require.Equal(t, err, again)
	if err != nil {
		return nil
	}
	mixed, err := trust.Mixed(world, a)
	require.NoError(t, err)
	return []*trust.Store{own, both, mixed}
}

// requireNames looks at the names of a certificate by themselves.
func requireNames(t *testing.T, c *x509.Certificate) {
	if address := trust.Address(c); address != "" {
		require.Equal(t, 1, bytes.Count(extensionOf(c, testsign.OIDSubjectAltName), []byte(address)))
	}
	require.Equal(t, trust.EqualNames(c.RawSubject, c.RawIssuer), trust.EqualNames(c.RawIssuer, c.RawSubject))
	if text := trust.NameText(c.RawSubject); text != "" {
		require.True(t, trust.EqualNames(c.RawSubject, c.RawSubject))
		_, ok := trust.CodeOf(text)
		require.False(t, ok)
		require.Equal(t, text, trust.Sentence(text, nil), "what is no code has no sentence")
	}
}

// requireJudged verifies the first of some certificates in every way.
func requireJudged(t *testing.T, store *trust.Store, bag []*x509.Certificate, at time.Time) {
	r := store.Verify(bag[:1], bag, at)
	requireComplete(t, r)
	turned := slices.Clone(bag)
	slices.Reverse(turned)
	again := store.Verify(bag[:1], append([]*x509.Certificate{nil, {}}, turned...), at)
	if r.Path.Code != trust.CodePathLimit && again.Path.Code != trust.CodePathLimit {
		require.Equal(t, r.Path, again.Path)
		require.Equal(t, failures(r), failures(again))
	}
	require.LessOrEqual(t, store.Checks(bag[0], bag), trust.MaxChecks)
	any := store.Verify(append([]*x509.Certificate{nil}, bag[:min(len(bag), 6)]...), bag, at)
	requireComplete(t, any)
	require.True(t, any.Path.Status == trust.Pass || r.Path.Status != trust.Pass, "a path wins")
	other := store.VerifySigner(bag[:1], bag, at)
	requireComplete(t, other)
	require.Equal(t, trust.CodeSignerAny, other.Provider.Code)
	requireSigned(t, r)
	if r.Path.Status == trust.Pass {
		require.Positive(t, store.Remembered())
	}
}

// requireSigned asks crypto/x509 about every link of a path.
func requireSigned(t *testing.T, r *trust.Result) {
	if r.Path.Status != trust.Pass {
		require.Empty(t, r.Links)
		return
	}
	for i, child := range r.Chain[:len(r.Chain)-1] {
		if child.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
			require.NoError(t, r.Chain[i+1].CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature))
		}
	}
	for i, l := range r.Links {
		require.Equal(t, r.Chain[i].Raw, l.Certificate.Raw)
		require.Equal(t, r.BuiltIn, l.BuiltIn)
		key, err := x509.ParsePKIXPublicKey(l.IssuerSPKI)
		require.NoError(t, err)
		require.Equal(t, l.IssuerKey, key)
		require.True(t, l.IssuerCertificate == nil || trust.EqualNames(l.IssuerName, l.IssuerCertificate.RawSubject))
	}
}

// FuzzParseAnchors: what is read from a file is read again from the PEM of what was
// read, and a file of PEM holds nothing but certificates.
func FuzzParseAnchors(f *testing.F) {
	for _, tt := range anchorFiles() {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := trust.ParseAnchors(b)
		if err != nil {
			require.Nil(t, all)
			require.True(t, strings.HasPrefix(err.Error(), "trust: "), "%v", err)
			return
		}
		require.NotEmpty(t, all)
		var file []byte
		for _, c := range all {
			file = append(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		again, err := trust.ParseAnchors(file)
		require.NoError(t, err)
		require.Len(t, again, len(all))
		for i, c := range all {
			require.Equal(t, c.Raw, again[i].Raw)
		}
		_, err = trust.ParseAnchors(append(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"...))
		require.ErrorContains(t, err, "PRIVATE KEY")
	})
}
