package cms_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha512"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

func algorithm(id string, params ...*node) *node {
	return sequence(append([]*node{oid(id)}, params...)...)
}

func (d *document) setDigest(id string, params ...*node) {
	d.announced().kids = []*node{algorithm(id, params...)}
	d.signer().kids[2] = algorithm(id, params...)
}

func (d *document) setAlgorithm(id string, params ...*node) {
	d.signer().kids[4] = algorithm(id, params...)
}

var algorithmRules = []rule{
	{name: "rsaEncryption with NULL", reason: "what Italian providers write", edit: func(d *document) { d.setAlgorithm(rsaEncryption, null()) }},
	{name: "rsaEncryption without parameters", reason: "absent means NULL", edit: func(d *document) { d.setAlgorithm(rsaEncryption) }},
	{name: "sha256WithRSA with NULL", reason: "RFC 5754 §3.2", edit: func(d *document) { d.setAlgorithm(sha256WithRSA, null()) }},
	{name: "sha256WithRSA without parameters", reason: "absent means NULL", edit: func(d *document) { d.setAlgorithm(sha256WithRSA) }},
	{name: "digest with NULL", reason: "RFC 5754 §2", edit: func(d *document) { d.setDigest(sha256OID, null()) }},
	{name: "digest announced with NULL, used without", reason: "the same algorithm", edit: func(d *document) { d.announced().kids = []*node{algorithm(sha256OID, null())} }},
	{name: "another digest announced too", reason: "RFC 5652 §5.1: a collection", edit: func(d *document) { d.announced().add(algorithm(md5OID, null())) }},
	{
		name: "digest not announced", reason: "RFC 5652 §5.1",
		edit:     func(d *document) { d.announced().kids = []*node{algorithm(sha512OID)} },
		problems: []string{cms.CodeDigestNotAnnounced}, found: true,
	},
	{
		name: "nothing announced", reason: "RFC 5652 §5.1",
		edit:     func(d *document) { d.announced().kids = nil },
		problems: []string{cms.CodeDigestNotAnnounced}, found: true,
	},
	{
		name: "MD5", reason: "broken", keep: true,
		edit:     func(d *document) { d.setDigest(md5OID, null()); d.setAlgorithm(rsaEncryption, null()) },
		problems: []string{cms.CodeDigestForbidden}, digest: cms.CodeDigestForbidden,
	},
	{
		name: "SHA3-256", reason: "not one that is supported", keep: true,
		edit:     func(d *document) { d.setDigest(sha3OID); d.setAlgorithm(rsaEncryption, null()) },
		problems: []string{cms.CodeDigestUnsupported}, digest: cms.CodeDigestUnsupported,
	},
	{
		name: "digest with parameters", reason: "no digest has any",
		edit:     func(d *document) { d.setDigest(sha256OID, sequence()) },
		problems: []string{cms.CodeAlgorithmParameters}, digest: cms.CodeAlgorithmParameters,
	},
	{
		name: "sha512WithRSA over SHA-256", reason: "two names for the hash",
		edit:     func(d *document) { d.setAlgorithm(sha512WithRSA, null()) },
		problems: []string{cms.CodeAlgorithmHash},
	},
	{
		name: "md5WithRSA", reason: "broken",
		edit:     func(d *document) { d.setAlgorithm(md5WithRSA, null()) },
		problems: []string{cms.CodeAlgorithmForbidden},
	},
	{
		name: "unknown signature algorithm", reason: "not one that is supported",
		edit:     func(d *document) { d.setAlgorithm(unknownOID) },
		problems: []string{cms.CodeAlgorithmUnsupported},
	},
	{
		name: "RSA with parameters", reason: "RSASSA-PKCS1-v1_5 has none",
		edit:     func(d *document) { d.setAlgorithm(sha256WithRSA, sequence()) },
		problems: []string{cms.CodeAlgorithmParameters},
	},
	{
		name: "ECDSA under an RSA key", reason: "the algorithm does not go with the key",
		edit:    func(d *document) { d.setAlgorithm(ecdsaWithSHA256) },
		signers: cms.CodeKeyMismatch,
	},
	{
		name: "PSS named, PKCS #1 used", reason: "the padding is the other one",
		edit:    func(d *document) { d.setAlgorithm(rsaPSS, pssParams(sha256OID, sha256OID, 32)) },
		signers: cms.CodeSignature,
	},
	{
		name: "algorithm protection", reason: "RFC 6211, as written by Aruba",
		edit: func(d *document) {
			d.setAlgorithm(sha256WithRSA, null())
			d.attributes().add(protection(algorithm(sha256OID), []*node{oid(sha256WithRSA), null()}))
		},
	},
	{
		name: "algorithm protection, NULL in one place", reason: "NULL and absent mean the same",
		edit: func(d *document) {
			d.setAlgorithm(sha256WithRSA, null())
			d.attributes().add(protection(algorithm(sha256OID, null()), []*node{oid(sha256WithRSA)}))
		},
	},
	{
		name: "algorithm protection with another digest", reason: "RFC 6211 §2: must match",
		edit: func(d *document) {
			d.setAlgorithm(sha256WithRSA, null())
			d.attributes().add(protection(algorithm(sha512OID), []*node{oid(sha256WithRSA), null()}))
		},
		problems: []string{cms.CodeAlgorithmProtection}, found: true,
	},
	{
		name: "algorithm protection with another signature algorithm", reason: "RFC 6211 §2: must match",
		edit: func(d *document) {
			d.setAlgorithm(rsaEncryption, null())
			d.attributes().add(protection(algorithm(sha256OID), []*node{oid(sha256WithRSA), null()}))
		},
		problems: []string{cms.CodeAlgorithmProtection}, found: true,
	},
	{
		name: "algorithm protection of a MAC", reason: "RFC 6211 §2: for SignedData it names the signature",
		edit: func(d *document) {
			d.attributes().add(attribute(algProtection, sequence(algorithm(sha256OID), group(0xa2, oid(sha256WithRSA)))))
		},
		problems: []string{cms.CodeAlgorithmProtection}, found: true,
	},
	{
		name: "algorithm protection twice", reason: "RFC 6211 §2: must not",
		edit: func(d *document) {
			d.setAlgorithm(sha256WithRSA, null())
			a := protection(algorithm(sha256OID), []*node{oid(sha256WithRSA)})
			d.attributes().add(a, a)
		},
		problems: []string{cms.CodeAttributeRepeated}, found: true,
	},
}

func protection(digest *node, signature []*node) *node {
	return attribute(algProtection, sequence(digest, group(0xa1, signature...)))
}

func TestAlgorithms(t *testing.T) {
	t.Parallel()
	for _, r := range algorithmRules {
		t.Run(r.name, r.run)
	}
}

// pssParams writes RSASSA-PSS-params; salt -1 leaves saltLength out.
func pssParams(hash, mgfHash string, salt int) *node {
	n := sequence(
		group(0xa0, algorithm(hash, null())),
		group(0xa1, algorithm(mgf1, algorithm(mgfHash, null()))),
	)
	if salt >= 0 {
		n.add(group(0xa2, leaf(2, byte(salt))))
	}
	return n
}

// pssCases are parameters of RSA-PSS.
var pssCases = []struct {
	name    string
	params  []*node
	salt    int // used
	problem string
	signers string
}{
	{"salt as long as the digest", []*node{pssParams(sha256OID, sha256OID, 32)}, 32, "", ""},
	{"salt of 20 by default", []*node{pssParams(sha256OID, sha256OID, -1)}, 20, "", ""},
	{"salt of another length", []*node{pssParams(sha256OID, sha256OID, 32)}, 20, "", cms.CodeSignature},
	{"longest salt", []*node{withSalt(pssParams(sha256OID, sha256OID, -1), leaf(2, 0, 222))}, 222, "", ""},
	{"salt longer than any key", []*node{withSalt(pssParams(sha256OID, sha256OID, -1), leaf(2, 4, 1))}, 32, cms.CodeAlgorithmParameters, ""},
	{"negative salt", []*node{withSalt(pssParams(sha256OID, sha256OID, -1), leaf(2, 0xff))}, 32, cms.CodeAlgorithmParameters, ""},
	{"trailer 1", []*node{appended(pssParams(sha256OID, sha256OID, 32), group(0xa3, leaf(2, 1)))}, 32, "", ""},
	{"trailer 2", []*node{appended(pssParams(sha256OID, sha256OID, 32), group(0xa3, leaf(2, 2)))}, 32, cms.CodeAlgorithmParameters, ""},
	{"a fifth field", []*node{appended(pssParams(sha256OID, sha256OID, 32), group(0xa4))}, 32, cms.CodeAlgorithmParameters, ""},
	{"hash is not the digest", []*node{pssParams(sha512OID, sha512OID, 32)}, 32, cms.CodeAlgorithmHash, ""},
	{"MGF1 with another hash", []*node{pssParams(sha256OID, sha512OID, 32)}, 32, cms.CodeAlgorithmParameters, ""},
	{"MGF1 by default with SHA-1", []*node{sequence(group(0xa0, algorithm(sha256OID)), group(0xa2, leaf(2, 32)))}, 32, cms.CodeAlgorithmParameters, ""},
	{"all defaults", []*node{sequence()}, 20, cms.CodeAlgorithmHash, ""},
	{"hash twice in its tag", []*node{sequence(group(0xa0, algorithm(sha256OID), null()))}, 20, cms.CodeAlgorithmParameters, ""},
	{"mask generation of another kind", []*node{sequence(group(0xa0, algorithm(sha256OID)), group(0xa1, algorithm(sha256OID, algorithm(sha256OID))))}, 20, cms.CodeAlgorithmParameters, ""},
	{"mask generation without hash", []*node{sequence(group(0xa0, algorithm(sha256OID)), group(0xa1, algorithm(mgf1)))}, 20, cms.CodeAlgorithmParameters, ""},
	{"hash with parameters", []*node{sequence(group(0xa0, algorithm(sha256OID, sequence())), group(0xa1, algorithm(mgf1, algorithm(sha256OID, sequence()))))}, 20, cms.CodeAlgorithmParameters, ""},
	{"absent", nil, 20, cms.CodeAlgorithmParameters, ""},
	{"NULL", []*node{null()}, 20, cms.CodeAlgorithmParameters, ""},
}

func TestPSS(t *testing.T) {
	t.Parallel()
	for _, c := range pssCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, rsaSigner())
			d.setAlgorithm(rsaPSS, c.params...)
			d.pss = &rsa.PSSOptions{SaltLength: c.salt, Hash: crypto.SHA256}
			d.resign()
			s := d.parse(t, cms.Detached)
			require.Equal(t, "RSA-PSS", s.SignatureName)
			if c.problem != "" {
				require.Equal(t, []string{c.problem}, codes(s.Problems))
				c.signers = c.problem
			}
			_, problem := s.Signers()
			require.Equal(t, c.signers, code(problem))
		})
	}
}

func withSalt(n, salt *node) *node { return appended(n, group(0xa2, salt)) }

func appended(n *node, more ...*node) *node {
	n.add(more...)
	return n
}

// ecCases are names of the algorithm under a key on a curve.
var ecCases = []struct {
	name, id string
	params   []*node
	problem  string
}{
	{"ecdsa-with-SHA256", ecdsaWithSHA256, nil, ""},
	{"ecdsa-with-SHA256 and NULL", ecdsaWithSHA256, []*node{null()}, ""},
	{"ecdsa-with-SHA256 and a curve", ecdsaWithSHA256, []*node{oid("1.2.840.10045.3.1.7")}, cms.CodeAlgorithmParameters},
	{"id-ecPublicKey", ecPublicKey, nil, ""},
	{"id-ecPublicKey and a curve", ecPublicKey, []*node{oid("1.2.840.10045.3.1.7")}, ""},
	{"id-ecPublicKey and a SEQUENCE", ecPublicKey, []*node{sequence()}, cms.CodeAlgorithmParameters},
	{"ecdsa-with-SHA512 over SHA-256", "1.2.840.10045.4.3.4", nil, cms.CodeAlgorithmHash},
	{"rsaEncryption", rsaEncryption, []*node{null()}, cms.CodeKeyMismatch},
}

func TestEC(t *testing.T) {
	t.Parallel()
	for _, c := range ecCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, ecSigner())
			d.setAlgorithm(c.id, c.params...)
			d.resign()
			_, problem := d.parse(t, cms.Detached).Signers()
			require.Equal(t, c.problem, code(problem))
		})
	}
}

func TestEd25519(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	by := newIdentity(key, "RSA") // the name and serial of rsaSigner, whose signature is edited
	for _, c := range []struct {
		name    string
		digest  string
		hash    crypto.Hash
		params  []*node
		problem string
	}{
		{"SHA-512, as RFC 8419 wants", sha512OID, crypto.SHA512, nil, ""},
		{"SHA-256", sha256OID, crypto.SHA256, nil, ""},
		{"with NULL", sha512OID, crypto.SHA512, []*node{null()}, cms.CodeAlgorithmParameters},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, rsaSigner())
			d.by, d.hash = by, 0
			d.bag().kids = []*node{parseNode(by.certificate.Raw)}
			d.setDigest(c.digest)
			d.setAlgorithm(ed25519OID, c.params...)
			h := c.hash.New()
			h.Write(content)
			sum := h.Sum(nil)
			d.attribute(messageDigest).kids[0].body = sum
			d.sort()
			d.resign()
			s := d.parse(t, cms.Detached)
			require.Equal(t, "Ed25519", s.SignatureName)
			require.Nil(t, s.CheckDigest(sum))
			_, problem := s.Signers()
			require.Equal(t, c.problem, code(problem))

			d.value().body[3] ^= 1
			if c.problem == "" {
				c.problem = cms.CodeSignature
			}
			_, problem = d.parse(t, cms.Detached).Signers()
			require.Equal(t, c.problem, code(problem), "with a wrong value")
		})
	}
}

func TestCheckDigest(t *testing.T) {
	t.Parallel()
	s := newDocument(t, rsaSigner()).parse(t, cms.Detached)
	h, problem := s.NewHash()
	require.Nil(t, problem)
	h.Write(content)
	require.Nil(t, s.CheckDigest(h.Sum(nil)))
	for name, sum := range map[string][]byte{
		"none": nil, "empty": {}, "short": sum256(content)[:31], "long": append(sum256(content), 0), "other": sum256(nil),
	} {
		require.Equal(t, cms.CodeDigest, code(s.CheckDigest(sum)), name)
	}
}

// TestZeroValue: what Parse has not filled is never good.
func TestZeroValue(t *testing.T) {
	t.Parallel()
	var s cms.SignedData
	require.NotNil(t, s.CheckDigest(nil))
	_, problem := s.NewHash()
	require.NotNil(t, problem)
	_, problem = s.Signers()
	require.NotNil(t, problem)
}
