package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/cms"
)

var content = []byte("Content-Type: text/plain\r\n\r\nMessaggio di prova\r\n")

// identity is a self-made signer.
type identity struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

var (
	rsaSigner   = sync.OnceValue(func() identity { return newIdentity(newRSA(2048), "RSA") })
	otherSigner = sync.OnceValue(func() identity { return newIdentity(newRSA(2048), "RSA") }) // same name and serial, other key
	smallSigner = sync.OnceValue(func() identity { return newIdentity(newRSA(1024), "RSA 1024") })
	ecSigner    = sync.OnceValue(func() identity {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return newIdentity(key, "EC")
	})
)

func newRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

func newIdentity(key crypto.Signer, name string) identity {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x1234),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Gestore di prova"}},
		NotBefore:    time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC),
		SubjectKeyId: []byte{1, 2, 3, 4},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return identity{key, certificate}
}

// sign makes a detached signature with SHA-256 by go.mozilla.org/pkcs7.
func (id identity) sign(t testing.TB) []byte {
	t.Helper()
	s, err := pkcs7.NewSignedData(content)
	require.NoError(t, err)
	s.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	require.NoError(t, s.AddSigner(id.certificate, id.key, pkcs7.SignerInfoConfig{}))
	s.Detach()
	der, err := s.Finish()
	require.NoError(t, err)
	return der
}

// node is one DER element, to be edited.
type node struct {
	tag  byte
	body []byte
	kids []*node
}

func parseNodes(b []byte) (all []*node) {
	for len(b) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(b, &v)
		if err != nil {
			panic(err)
		}
		n := &node{tag: b[0]}
		if v.IsCompound {
			n.kids = parseNodes(v.Bytes)
		} else {
			n.body = v.Bytes
		}
		all, b = append(all, n), rest
	}
	return all
}

func parseNode(b []byte) *node { return parseNodes(b)[0] }

func (n *node) der() []byte {
	body := bytes.Clone(n.body)
	for _, k := range n.kids {
		body = append(body, k.der()...)
	}
	return tlv(n.tag, body)
}

func (n *node) clone() *node { return parseNode(n.der()) }

// insert puts nodes before the kid at i.
func (n *node) insert(i int, more ...*node) { n.kids = slices.Insert(n.kids, i, more...) }
func (n *node) add(more ...*node)           { n.kids = append(n.kids, more...) }
func (n *node) remove(i int)                { n.kids = slices.Delete(n.kids, i, i+1) }

func tlv(tag byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	head := []byte{tag}
	switch n := len(body); {
	case n < 0x80:
		head = append(head, byte(n))
	case n < 0x100:
		head = append(head, 0x81, byte(n))
	case n < 0x10000:
		head = append(head, 0x82, byte(n>>8), byte(n))
	default:
		head = append(head, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(head, body...)
}

func leaf(tag byte, body ...byte) *node        { return &node{tag: tag, body: body} }
func group(tag byte, kids ...*node) *node      { return &node{tag: tag, kids: kids} }
func sequence(kids ...*node) *node             { return group(0x30, kids...) }
func set(kids ...*node) *node                  { return group(0x31, kids...) }
func octets(b []byte) *node                    { return leaf(4, b...) }
func null() *node                              { return leaf(5) }
func attribute(id string, vals ...*node) *node { return sequence(oid(id), set(vals...)) }

func oid(dots string) *node {
	o, err := x509.ParseOID(dots)
	if err != nil {
		panic(err)
	}
	b, err := o.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return leaf(6, b...)
}

const (
	data              = "1.2.840.113549.1.7.1"
	tstInfo           = "1.2.840.113549.1.9.16.1.4"
	contentType       = "1.2.840.113549.1.9.3"
	messageDigest     = "1.2.840.113549.1.9.4"
	signingTime       = "1.2.840.113549.1.9.5"
	algProtection     = "1.2.840.113549.1.9.52"
	signingCert       = "1.2.840.113549.1.9.16.2.12"
	signingCertV2     = "1.2.840.113549.1.9.16.2.47"
	rsaEncryption     = "1.2.840.113549.1.1.1"
	sha256WithRSA     = "1.2.840.113549.1.1.11"
	sha512WithRSA     = "1.2.840.113549.1.1.13"
	md5WithRSA        = "1.2.840.113549.1.1.4"
	rsaPSS            = "1.2.840.113549.1.1.10"
	mgf1              = "1.2.840.113549.1.1.8"
	ecPublicKey       = "1.2.840.10045.2.1"
	ecdsaWithSHA256   = "1.2.840.10045.4.3.2"
	ed25519OID        = "1.3.101.112"
	sha1OID           = "1.3.14.3.2.26"
	sha256OID         = "2.16.840.1.101.3.4.2.1"
	sha512OID         = "2.16.840.1.101.3.4.2.3"
	md5OID            = "1.2.840.113549.2.5"
	sha3OID           = "2.16.840.1.101.3.4.2.8"
	envelopedData     = "1.2.840.113549.1.7.3"
	unknownOID        = "2.25.329800735698586629295641978511506172918" // an arc of 128 bits
	smimeCapabilities = "1.2.840.113549.1.9.15"
)

// document is a signature taken apart.
type document struct {
	root *node
	by   identity
	hash crypto.Hash
	pss  *rsa.PSSOptions
}

func newDocument(t testing.TB, by identity) *document {
	return &document{root: parseNode(by.sign(t)), by: by, hash: crypto.SHA256}
}

func (d *document) signedData() *node { return d.root.kids[1].kids[0] }
func (d *document) announced() *node  { return d.signedData().kids[1] }
func (d *document) content() *node    { return d.signedData().kids[2] }
func (d *document) bag() *node        { return d.signedData().kids[3] }
func (d *document) signers() *node    { return d.signedData().kids[4] }
func (d *document) signer() *node     { return d.signers().kids[0] }
func (d *document) attributes() *node { return d.signer().kids[3] }
func (d *document) value() *node      { return d.signer().kids[5] }

// attribute returns the values of the first signed attribute of a type.
func (d *document) attribute(id string) *node { return d.attributes().kids[d.index(id)].kids[1] }

func (d *document) index(id string) int {
	want := oid(id).body
	return slices.IndexFunc(d.attributes().kids, func(a *node) bool { return bytes.Equal(a.kids[0].body, want) })
}

func (d *document) sort() {
	slices.SortFunc(d.attributes().kids, func(a, b *node) int { return bytes.Compare(a.der(), b.der()) })
}

// resign signs the attributes in the order in which they stand.
func (d *document) resign() {
	signed := d.attributes().der()
	signed[0] = 0x31
	var opts crypto.SignerOpts = d.hash
	if d.pss != nil {
		opts = d.pss
	}
	sum := signed
	if d.hash != 0 {
		h := d.hash.New()
		h.Write(signed)
		sum = h.Sum(nil)
	}
	value, err := d.by.key.Sign(rand.Reader, sum, opts)
	if err != nil {
		panic(err)
	}
	d.value().body = value
}

func (d *document) parse(t testing.TB, p cms.Profile) *cms.SignedData {
	t.Helper()
	s, err := cms.Parse(d.root.der(), p)
	require.NoError(t, err)
	return s
}

func sum256(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

func codes(problems []*cms.Problem) []string {
	all := []string{}
	for _, p := range problems {
		all = append(all, p.Code)
	}
	return all
}

// code is that of one Problem, "" for none.
func code(p *cms.Problem) string {
	if p == nil {
		return ""
	}
	return p.Code
}

func rawOf(certificates []*x509.Certificate) (all []string) {
	for _, c := range certificates {
		all = append(all, string(c.Raw))
	}
	return all
}
