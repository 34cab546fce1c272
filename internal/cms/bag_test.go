package cms_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/sha512"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

// certificate returns the signer's in the bag, to be edited.
func (d *document) certificate() *node { return d.bag().kids[0] }

func certificateSerial(c *node) *node { return c.kids[0].kids[1] }
func certificateKey(c *node) *node    { return c.kids[0].kids[6] }

// setRSA puts another RSA key into a certificate.
func setRSA(c *node, modulus, exponent []byte) {
	key := sequence(leaf(2, modulus...), leaf(2, exponent...)).der()
	certificateKey(c).kids[1] = leaf(3, append([]byte{0}, key...)...)
}

// modulus is an odd number of so many bits, as the contents of an INTEGER.
func modulus(bits int) []byte {
	n := new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
	return n.FillBytes(make([]byte, bits/8+1))
}

var f4 = []byte{1, 0, 1}

var bagRules = []rule{
	{
		name: "no certificates", reason: "nothing to verify under", keep: true,
		edit:    func(d *document) { d.signedData().remove(3); d.signedData().insert(3, group(0xa0)) },
		signers: cms.CodeNoCertificate,
	},
	{
		name: "another serial number", reason: "the identifier names no certificate there", keep: true,
		edit:    func(d *document) { d.signer().kids[1].kids[1].body = []byte{0x12, 0x35} },
		signers: cms.CodeNoCertificate,
	},
	{
		name: "another issuer", reason: "the identifier names no certificate there", keep: true,
		edit:    func(d *document) { d.signer().kids[1].kids[0].kids[0].kids[0].kids[1].body[0] ^= 1 },
		signers: cms.CodeNoCertificate,
	},
	{
		name: "issuer spelled otherwise", reason: "RFC 5280 §7.1: case, spaces and string type do not tell names apart", keep: true,
		edit: func(d *document) {
			v := d.signer().kids[1].kids[0].kids[0].kids[0].kids[1]
			v.tag, v.body = 0x0c, []byte(" "+strings.ReplaceAll(strings.ToUpper(string(v.body)), " ", "  "))
		},
		notes: []string{cms.NoteIssuerName},
	},
	{
		name: "decoy with the same issuer and serial first", reason: "every certificate named is tried", keep: true,
		edit: func(d *document) { d.bag().insert(0, parseNode(otherSigner().certificate.Raw)) },
	},
	{
		name: "decoy only", reason: "the value does not verify under its key", keep: true,
		edit:    func(d *document) { d.bag().kids = []*node{parseNode(otherSigner().certificate.Raw)} },
		signers: cms.CodeSignature,
	},
	{
		name: "decoy with a key of another type", reason: "only the signer's fits", keep: true,
		edit: func(d *document) {
			c := d.certificate().clone()
			c.kids[0].kids[6] = parseNode(ecSigner().certificate.RawSubjectPublicKeyInfo)
			d.bag().insert(0, c)
		},
	},
	{
		name: "what is no certificate", reason: "RFC 5652 §10.2.2: other formats may be there", keep: true,
		edit: func(d *document) {
			d.bag().insert(0, group(0xa0, null()), group(0xa1, null()), group(0xa2, null()), group(0xa3, oid(unknownOID), null()), sequence(), null())
		},
	},
	{
		name: "revocation data of another format", reason: "OCSP responses travel in the crls field", keep: true,
		edit: func(d *document) {
			d.signedData().insert(4, group(0xa1, group(0xa1, oid(unknownOID), null()), sequence()))
		},
	},
	{
		name: "the signer's certificate cannot be read", reason: "its validity is no time", keep: true,
		edit:    func(d *document) { d.certificate().kids[0].kids[4].kids[0].body = []byte("now") },
		signers: cms.CodeCertificateUnreadable,
	},
}

// spellings are edits of a name that make it another.
var spellings = map[string]func(rdns *node){
	"one part more":        func(rdns *node) { rdns.add(rdns.kids[0].clone()) },
	"one part less":        func(rdns *node) { rdns.remove(1) },
	"other order":          func(rdns *node) { rdns.kids[0], rdns.kids[1] = rdns.kids[1], rdns.kids[0] },
	"another type":         func(rdns *node) { rdns.kids[0].kids[0].kids[0] = oid("2.5.4.11") },
	"a string in UTF-16":   func(rdns *node) { rdns.kids[0].kids[0].kids[1].tag = 0x1e },
	"no value":             func(rdns *node) { rdns.kids[0].kids[0].remove(1) },
	"a SEQUENCE for a SET": func(rdns *node) { rdns.kids[0].tag = 0x30 },
}

// TestIssuerSpelling: names that only look alike name no certificate.
func TestIssuerSpelling(t *testing.T) {
	t.Parallel()
	for name, edit := range spellings {
		d := newDocument(t, rsaSigner())
		edit(d.signer().kids[1].kids[0])
		_, problem := d.parse(t, cms.Detached).Signers()
		require.Equal(t, cms.CodeNoCertificate, code(problem), name)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	d.bag().insert(0, parseNode(ecSigner().certificate.Raw), parseNode(otherSigner().certificate.Raw))
	d.value().body[0] ^= 1
	s := d.parse(t, cms.Detached)
	require.Equal(t, []string{string(otherSigner().certificate.Raw), string(rsaSigner().certificate.Raw)}, rawOf(s.Named()),
		"those with the name and the number, whatever the value says")
	require.False(t, s.ByKeyID())
	d.signer().kids[0], d.signer().kids[1] = leaf(2, 3), leaf(0x80, 1, 2, 3, 4)
	s = d.parse(t, cms.Detached)
	require.True(t, s.ByKeyID())
	require.Len(t, s.Named(), 3, "all of them have that key identifier")
	d.signers().kids = nil
	require.Empty(t, d.parse(t, cms.Detached).Named(), "without a signer nobody is named")
}

func TestBag(t *testing.T) {
	t.Parallel()
	for _, r := range bagRules {
		t.Run(r.name, r.run)
	}
}

// rsaKeys are keys in the place of the signer's, and what is said of them.
var rsaKeys = []struct {
	name, reason, code string
	modulus, exponent  []byte
}{
	{"RSA-512", "below the limit", cms.CodeRSATooSmall, modulus(512), f4},
	{"RSA-1023", "just below", cms.CodeRSATooSmall, modulus(1023), f4},
	{"RSA-1024", "just at", cms.CodeSignature, modulus(1024), f4},
	{"RSA-8192", "just at", cms.CodeSignature, modulus(8192), f4},
	{"RSA-8193", "just above", cms.CodeRSATooLarge, modulus(8193), f4},
	{"RSA-32768", "costly", cms.CodeRSATooLarge, modulus(32768), f4},
	{"exponent 0", "no key", cms.CodeRSAExponent, modulus(2048), []byte{0}},
	{"exponent 1", "the message is its own signature", cms.CodeRSAExponent, modulus(2048), []byte{1}},
	{"exponent 2", "even", cms.CodeRSAExponent, modulus(2048), []byte{2}},
	{"exponent 3", "old and allowed", cms.CodeSignature, modulus(2048), []byte{3}},
	{"exponent 65536", "even", cms.CodeRSAExponent, modulus(2048), []byte{1, 0, 0}},
	{"exponent -3", "negative", cms.CodeRSAExponent, modulus(2048), []byte{0xfd}},
	{"exponent of 31 bits", "the largest that crypto/rsa reads", cms.CodeSignature, modulus(2048), []byte{0x7f, 0xff, 0xff, 0xff}},
	{"exponent of 32 bits", "one more", cms.CodeRSAExponentBig, modulus(2048), []byte{0, 0xff, 0xff, 0xff, 0xff}},
	{"exponent of 64 bits", "crypto/x509 does not even parse it", cms.CodeRSAExponentBig, modulus(2048), []byte{0, 0xff, 1, 1, 1, 1, 1, 1, 1}},
	{"modulus even", "no product of two odd primes", cms.CodeRSAModulus, append(modulus(2048)[:256], 2), f4},
	{"modulus negative", "no key", cms.CodeRSAModulus, modulus(2048)[1:], f4},
	{"modulus 0", "no key", cms.CodeRSAModulus, []byte{0}, f4},
	{"modulus empty", "no number", cms.CodeRSAModulus, nil, f4},
}

// otherKeys are edits of a key after which it cannot be used.
var otherKeys = map[string]func(key *node){
	"RSA-PSS key":     func(key *node) { key.kids[0].kids[0] = oid(rsaPSS) },
	"DSA key":         func(key *node) { key.kids[0].kids[0] = oid("1.2.840.10040.4.1") },
	"three fields":    func(key *node) { key.add(null()) },
	"empty algorithm": func(key *node) { key.kids[0].kids = nil },
	"not RSA inside":  func(key *node) { key.kids[1] = leaf(3, 0, 5, 0) },
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, c := range rsaKeys {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, rsaSigner())
			setRSA(d.certificate(), c.modulus, c.exponent)
			s := d.parse(t, cms.Detached)
			require.Empty(t, s.Problems)
			found, problem := s.Signers()
			require.Empty(t, found)
			require.Equal(t, c.code, code(problem), c.reason)

			d.bag().add(parseNode(rsaSigner().certificate.Raw))
			found, problem = d.parse(t, cms.Detached).Signers()
			require.Nil(t, problem, "with the signer's certificate behind it")
			require.Len(t, found, 1)
		})
	}

	for name, edit := range otherKeys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, rsaSigner())
			edit(certificateKey(d.certificate()))
			_, problem := d.parse(t, cms.Detached).Signers()
			require.Equal(t, cms.CodeKeyUnsupported, code(problem))
		})
	}
}

func TestRSA1024(t *testing.T) {
	t.Parallel()
	found, problem := newDocument(t, smallSigner()).parse(t, cms.Detached).Signers()
	require.Nil(t, problem, "every provider's key until 2017; its age is judged elsewhere")
	require.Len(t, found, 1)
}

func TestSameKeyTwice(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	renewed := d.certificate().clone()
	renewed.kids[0].kids[4].kids[1].body[1]++ // one year longer
	d.bag().insert(0, renewed, d.certificate().clone())
	found, problem := d.parse(t, cms.Detached).Signers()
	require.Nil(t, problem)
	require.Equal(t, []string{string(renewed.der()), string(rsaSigner().certificate.Raw)}, rawOf(found),
		"both certificates of the key, the repeated one once")
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	broken := d.certificate().clone()
	broken.kids[0].kids[4].kids[0].body = []byte("now")
	d.bag().add(group(0xa2, null()), broken, null())
	s := d.parse(t, cms.Detached)
	require.Equal(t, []string{string(rsaSigner().certificate.Raw)}, rawOf(s.Certificates()))
	require.Equal(t, s.Certificates(), s.Certificates())
	skipped := s.Skipped()
	require.Len(t, skipped, 3)
	require.Contains(t, skipped[0], "certificate 2: an attribute certificate")
	require.Contains(t, skipped[1], "certificate 3: x509")
	require.Contains(t, skipped[2], "certificate 4: an element with tag 0x05")
	require.Len(t, s.RawCertificates(), 2)
}

func TestCertificateLimit(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{cms.MaxCertificates: "", cms.MaxCertificates + 1: cms.CodeTooManyCertificates} {
		d := newDocument(t, rsaSigner())
		for len(d.bag().kids) < count {
			d.bag().add(group(0xa2, null()))
		}
		s := d.parse(t, cms.Detached)
		found, problem := s.Signers()
		require.Equal(t, want, code(problem), "%d entries", count)
		require.Equal(t, want == "", len(found) == 1)
		require.Equal(t, want == "", len(s.Problems) == 0)
		require.Len(t, s.Skipped(), cms.MaxCertificates-1)
	}
}

// essCertID writes ESSCertID or ESSCertIDv2.
func essCertID(hash []byte, algorithm *node, issuerSerial *node) *node {
	n := sequence()
	for _, k := range []*node{algorithm, octets(hash), issuerSerial} {
		if k != nil {
			n.add(k)
		}
	}
	return n
}

func issuerSerial(by identity, serial ...byte) *node {
	return sequence(sequence(group(0xa4, parseNode(by.certificate.RawIssuer))), leaf(2, serial...))
}

func referenceTo(id string, first *node, more ...*node) func(d *document) {
	return func(d *document) {
		d.attributes().add(attribute(id, sequence(append([]*node{sequence(first)}, more...)...)))
	}
}

func references() []rule {
	own := rsaSigner().certificate.Raw
	v1, v2, v5 := sha1.Sum(own), sum256(own), sha512.Sum512(own)
	other := sum256(otherSigner().certificate.Raw)
	algorithm512 := algorithm(sha512OID)
	serial := []byte{0x12, 0x34}
	return []rule{
		{name: "v1", reason: "names the signer's", edit: referenceTo(signingCert, essCertID(v1[:], nil, nil))},
		{name: "v2", reason: "names the signer's", edit: referenceTo(signingCertV2, essCertID(v2, nil, nil))},
		{name: "v2 SHA-256 spelled out", reason: "names the signer's", edit: referenceTo(signingCertV2, essCertID(v2, algorithm(sha256OID, null()), nil))},
		{name: "v2 SHA-512", reason: "names the signer's", edit: referenceTo(signingCertV2, essCertID(v5[:], algorithm512, nil))},
		{name: "v2 with issuer and serial", reason: "both right", edit: referenceTo(signingCertV2, essCertID(v2, nil, issuerSerial(rsaSigner(), serial...)))},
		{name: "v2 with policies", reason: "they bind no verifier", edit: referenceTo(signingCertV2, essCertID(v2, nil, nil), sequence())},
		{name: "v1 and v2", reason: "both right", edit: func(d *document) {
			referenceTo(signingCert, essCertID(v1[:], nil, nil))(d)
			referenceTo(signingCertV2, essCertID(v2, nil, nil))(d)
		}},
		{name: "authority behind", reason: "only the first names the signer's", edit: func(d *document) {
			d.attributes().add(attribute(signingCertV2, sequence(sequence(essCertID(v2, nil, nil), essCertID(other, nil, nil)))))
		}},
		{name: "v1 of another", reason: "RFC 2634 §5.4", edit: referenceTo(signingCert, essCertID(other[:20], nil, nil)), signers: cms.CodeReference},
		{name: "v2 of another", reason: "RFC 5035 §3", edit: referenceTo(signingCertV2, essCertID(other, nil, nil)), signers: cms.CodeReference},
		{name: "v1 right and v2 of another", reason: "both bind", edit: func(d *document) {
			referenceTo(signingCert, essCertID(v1[:], nil, nil))(d)
			referenceTo(signingCertV2, essCertID(other, nil, nil))(d)
		}, signers: cms.CodeReference},
		{name: "v2 with another serial", reason: "RFC 5035 §4", edit: referenceTo(signingCertV2, essCertID(v2, nil, issuerSerial(rsaSigner(), 5))), signers: cms.CodeReference},
		{name: "v2 with another issuer", reason: "RFC 5035 §4", edit: referenceTo(signingCertV2, essCertID(v2, nil, issuerSerial(ecSigner(), serial...))), signers: cms.CodeReference},
		{name: "v2 MD5", reason: "proves nothing", edit: referenceTo(signingCertV2, essCertID(v2[:16], algorithm(md5OID), nil)), problems: []string{cms.CodeReferenceHash}, found: true},
		{name: "v1 with algorithm", reason: "a field of v2", edit: referenceTo(signingCert, essCertID(v2, algorithm(sha256OID), nil)), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 naming nothing", reason: "an empty list", edit: func(d *document) { d.attributes().add(attribute(signingCertV2, sequence(sequence()))) }, problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 malformed", reason: "no SEQUENCE", edit: func(d *document) { d.attributes().add(attribute(signingCertV2, null())) }, problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 hash algorithm malformed", reason: "no object identifier", edit: referenceTo(signingCertV2, essCertID(v2, sequence(null()), nil)), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 without hash", reason: "a field is missing", edit: referenceTo(signingCertV2, sequence(algorithm512)), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 with more than issuer and serial", reason: "not consumed", edit: referenceTo(signingCertV2, sequence(octets(v2), issuerSerial(rsaSigner(), serial...), null())), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 with a mail address as issuer", reason: "RFC 5035 §4: a directoryName", edit: referenceTo(signingCertV2, essCertID(v2, nil, sequence(sequence(leaf(0x81, 'a')), leaf(2, serial...)))), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 with two issuers", reason: "RFC 5035 §4: exactly one", edit: referenceTo(signingCertV2, essCertID(v2, nil, sequence(sequence(group(0xa4, parseNode(rsaSigner().certificate.RawIssuer)), group(0xa4, parseNode(rsaSigner().certificate.RawIssuer))), leaf(2, serial...)))), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 with three fields", reason: "not consumed", edit: referenceTo(signingCertV2, essCertID(v2, nil, nil), sequence(), null()), problems: []string{cms.CodeReferenceMalformed}, found: true},
		{name: "v2 twice", reason: "RFC 5035 §3: must not", edit: func(d *document) {
			a := attribute(signingCertV2, sequence(sequence(essCertID(v2, nil, nil))))
			d.attributes().add(a, a)
		}, problems: []string{cms.CodeAttributeRepeated}, found: true},
	}
}

func TestSigningCertificate(t *testing.T) {
	t.Parallel()
	for _, r := range references() {
		t.Run(r.name, r.run)
	}
}

func TestReferenceChoosesCertificate(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	renewed := d.certificate().clone()
	renewed.kids[0].kids[4].kids[1].body[1]++
	d.bag().insert(0, renewed)
	referenceTo(signingCertV2, essCertID(sum256(rsaSigner().certificate.Raw), nil, nil))(d)
	d.sort()
	d.resign()
	found, problem := d.parse(t, cms.Detached).Signers()
	require.Nil(t, problem)
	require.Equal(t, []string{string(rsaSigner().certificate.Raw)}, rawOf(found), "of two with one key the one that is named")
}

// serials are serial numbers, ordinary and odd.
var serials = []struct {
	name, reason string
	serial       []byte
	want         string
}{
	{"ordinary", "as crypto/x509 reads it", []byte{0x12, 0x34}, "4660"},
	{"zero", "crypto/x509 reads it", []byte{0}, "0"},
	{"negative", "two's complement", []byte{0xed, 0xcc}, "-4660"},
	{"-1", "one octet", []byte{0xff}, "-1"},
	{"-128", "one octet", []byte{0x80}, "-128"},
	{"leading zeros", "longer than it needs", []byte{0, 0, 0x12}, "18"},
	{"21 octets", "longer than RFC 5280 allows", append([]byte{0x7f}, make([]byte, 20)...), new(big.Int).Lsh(big.NewInt(0x7f), 160).String()},
	{"negative with 21 octets", "both", append([]byte{0x80}, make([]byte, 20)...), new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 167)).String()},
}

func TestParseCertificate(t *testing.T) {
	t.Parallel()
	der := rsaSigner().certificate.Raw
	for _, c := range serials {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := parseNode(der)
			certificateSerial(n).body = c.serial
			in := n.der()
			before := bytes.Clone(in)
			got, err := cms.ParseCertificate(in)
			require.NoError(t, err, c.reason)
			require.Equal(t, c.want, got.SerialNumber.String())
			require.Equal(t, before, in, "the input is left alone")
			require.Equal(t, before, got.Raw)
			require.Equal(t, n.kids[0].der(), got.RawTBSCertificate)
			require.Equal(t, rsaSigner().certificate.RawSubject, got.RawSubject)
			require.Equal(t, rsaSigner().certificate.PublicKey, got.PublicKey)
		})
	}
	for name, in := range map[string][]byte{
		"nothing": nil, "no certificate": {0x30, 0}, "cut": der[:len(der)-1], "trailing": append(bytes.Clone(der), 0),
	} {
		_, err := cms.ParseCertificate(in)
		require.Error(t, err, name)
	}
	n := parseNode(der)
	certificateSerial(n).body = nil
	_, err := cms.ParseCertificate(n.der())
	require.Error(t, err, "a serial number without octets")
	n = parseNode(der)
	certificateSerial(n).body = []byte{0x80}
	n.kids[0].kids[4].kids[0].body = []byte("now")
	_, err = cms.ParseCertificate(n.der())
	require.ErrorContains(t, err, "UTCTime", "what is wrong besides the serial number is said")
}

// TestNegativeSerial: a certificate with such a serial number signs as any
// other does.
func TestNegativeSerial(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	certificateSerial(d.certificate()).body = []byte{0xed, 0xcc}
	d.signer().kids[1].kids[1].body = []byte{0xed, 0xcc}
	found, problem := d.parse(t, cms.Detached).Signers()
	require.Nil(t, problem)
	require.Equal(t, "-4660", found[0].SerialNumber.String())
	require.True(t, found[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool }).Equal(rsaSigner().key.Public()))
}
