package testsign

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"sync"
	"time"
)

// Certificate says what certificate to write. Its zero value, issued by an
// authority, has the profile of RFC 6109 §5.5: RSA-2048, SHA-256, key usage
// digitalSignature critical, extended key usage emailProtection, one
// rfc822Name, AgID's policy for PEC signers, key identifiers. With CA set it is
// an authority: basicConstraints cA=TRUE critical, keyCertSign and cRLSign
// critical, no address, no extended key usage, no policy.
type Certificate struct {
	CA bool

	Subject      Name     // nil: O=Gestore di prova S.p.A. for a leaf, CN=PEC TEST CA - NO LEGAL VALUE for an authority
	Issuer       Name     // nil: the subject of the issuer
	Addresses    []string // rfc822Names of subjectAltName; nil: "posta-certificata@pec.example.it" for a leaf; empty: no extension
	Serial       *big.Int // nil: 16 octets made from subject, key and issuer
	SerialOctets []byte   // contents octets of the serial number, instead of Serial
	NotBefore    time.Time
	NotAfter     time.Time

	KeyType KeyType       // of the key made for it; "": RSA2048. One subject has one key of a type
	Key     crypto.Signer // instead of a key made for it
	SPKI    []byte        // subjectPublicKeyInfo as it shall be written, instead of that of the key

	KeyUsage            x509.KeyUsage // 0: see above; Omit takes the extension away
	KeyUsageNotCritical bool
	ExtKeyUsage         []asn1.ObjectIdentifier // nil: see above
	ExtKeyUsageCritical bool
	Policies            []asn1.ObjectIdentifier // nil: see above
	BasicConstraints    *BasicConstraints       // nil: absent from a leaf
	NameConstraints     *NameConstraints
	Omit                []asn1.ObjectIdentifier // extensions that are left out
	Extra               []Extension             // further extensions; one with the OID of another replaces it

	Hash           crypto.Hash // of the signature; 0: SHA-256
	PSS            bool        // sign with RSA-PSS
	WrongSignature bool        // one bit of the signature is flipped
	Version        int         // 0: 3
}

// Identity is a certificate with the key it certifies and what issued it.
type Identity struct {
	DER    []byte
	Key    crypto.Signer
	Issuer *Identity // nil if self-signed

	Subject      Name
	Organization string // O of the subject
	Address      string // first rfc822Name, "" without one

	serial, keyID []byte // the INTEGER and the contents of subjectKeyIdentifier
	issuerName    []byte
}

// SelfSigned writes the certificate signed with its own key.
func (c Certificate) SelfSigned() *Identity { return c.IssuedBy(nil) }

// IssuedBy writes the certificate signed with the key of the issuer.
func (c Certificate) IssuedBy(issuer *Identity) *Identity {
	c.setDefaults()
	subject := c.Subject.der()
	if c.Key == nil {
		c.Key = Key(c.KeyType, string(subject))
	}
	if c.SPKI == nil {
		c.SPKI = spkiOf(c.Key.Public())
	}
	id := &Identity{
		Key: c.Key, Issuer: issuer,
		Subject: c.Subject, Organization: c.Subject.get(OIDOrganization),
		keyID: keyIdentifier(c.SPKI), issuerName: subject,
	}
	if len(c.Addresses) > 0 {
		id.Address = c.Addresses[0]
	}
	key, authorityKeyID := c.Key, id.keyID
	if issuer != nil {
		key, authorityKeyID, id.issuerName = issuer.Key, issuer.keyID, issuer.Subject.der()
	}
	if c.Issuer != nil {
		id.issuerName = c.Issuer.der()
	}
	id.serial = c.serial(subject, id.issuerName)
	algorithm := signatureAlgorithm(key, c.Hash, pssOr(c.PSS, SchemeHashRSA)).der()
	tbs := sequence(
		c.version(), id.serial, algorithm, id.issuerName,
		sequence(timeValue(c.NotBefore), timeValue(c.NotAfter)),
		subject, c.SPKI, c.extensions(id.keyID, authorityKeyID),
	)
	signature := signBytes(key, c.Hash, c.PSS, tbs)
	if c.WrongSignature {
		signature[len(signature)-1] ^= 1
	}
	id.DER = sequence(tbs, algorithm, bits(signature))
	return id
}

func (c *Certificate) setDefaults() {
	if c.Hash == 0 {
		c.Hash = crypto.SHA256
	}
	if c.KeyType == "" {
		c.KeyType = RSA2048
	}
	years := [2]int{-1, 2}
	if c.CA {
		years = [2]int{-5, 5}
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = Instant.AddDate(years[0], 0, 0)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = Instant.AddDate(years[1], 0, 0)
	}
	if c.CA {
		c.setAuthorityDefaults()
		return
	}
	if c.Subject == nil {
		c.Subject = NewName("Gestore di prova S.p.A.", "Posta certificata di prova")
	}
	if c.Addresses == nil {
		c.Addresses = []string{"posta-certificata@pec.example.it"}
	}
	if c.KeyUsage == 0 {
		c.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if c.ExtKeyUsage == nil {
		c.ExtKeyUsage = []asn1.ObjectIdentifier{OIDEmailProtection}
	}
	if c.Policies == nil {
		c.Policies = []asn1.ObjectIdentifier{OIDPolicyPEC}
	}
}

func (c *Certificate) setAuthorityDefaults() {
	if c.Subject == nil {
		c.Subject = NewName("Prova, nessun valore legale", "PEC TEST CA - NO LEGAL VALUE")
	}
	if c.KeyUsage == 0 {
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	if c.BasicConstraints == nil {
		c.BasicConstraints = &BasicConstraints{CA: true}
	}
}

func (c *Certificate) version() []byte {
	switch c.Version {
	case 0:
		return explicit(0, smallInteger(2))
	case 1:
		return nil // DEFAULT v1
	default:
		return explicit(0, smallInteger(c.Version-1))
	}
}

func (c *Certificate) serial(subject, issuer []byte) []byte {
	switch {
	case c.SerialOctets != nil:
		return tlv(tagInteger, c.SerialOctets)
	case c.Serial != nil:
		return integer(c.Serial)
	}
	sum := sha256.Sum256(slices.Concat(subject, c.SPKI, issuer, timeValue(c.NotBefore)))
	sum[0] = 0x40 | sum[0]&0x3f // positive, always of one length
	return tlv(tagInteger, sum[:16])
}

// extensions returns the field, nil if there are none or the version has none.
func (c *Certificate) extensions(keyID, authorityKeyID []byte) []byte {
	list := []Extension{
		{OIDSubjectKeyID, false, octets(keyID)},
		{OIDAuthorityKeyID, false, sequence(implicit(0, authorityKeyID))},
		{OIDKeyUsage, !c.KeyUsageNotCritical, keyUsageValue(c.KeyUsage)},
	}
	if len(c.Addresses) > 0 {
		var names [][]byte
		for _, a := range c.Addresses {
			names = append(names, implicit(1, []byte(a)))
		}
		list = append(list, Extension{OIDSubjectAltName, false, sequence(names...)})
	}
	if b := c.BasicConstraints; b != nil {
		list = append(list, Extension{OIDBasicConstraints, !b.NotCritical, b.value()})
	}
	if len(c.ExtKeyUsage) > 0 {
		list = append(list, Extension{OIDExtKeyUsage, c.ExtKeyUsageCritical, oidList(c.ExtKeyUsage, oid)})
	}
	if len(c.Policies) > 0 {
		policy := func(id asn1.ObjectIdentifier) []byte { return sequence(oid(id)) }
		list = append(list, Extension{OIDPolicies, false, oidList(c.Policies, policy)})
	}
	if n := c.NameConstraints; n != nil {
		list = append(list, Extension{OIDNameConstraints, n.Critical, n.value()})
	}
	list = slices.DeleteFunc(list, func(e Extension) bool {
		return containsOID(c.Omit, e.OID) ||
			slices.ContainsFunc(c.Extra, func(x Extension) bool { return x.OID.Equal(e.OID) })
	})
	list = append(list, c.Extra...)
	if len(list) == 0 || c.Version == 1 || c.Version == 2 {
		return nil
	}
	var all [][]byte
	for _, e := range list {
		all = append(all, e.der())
	}
	return explicit(3, sequence(all...))
}

// keyIdentifier is method 1 of RFC 7093: the first 160 bits of SHA-256 of the
// key's bits.
func keyIdentifier(spki []byte) []byte {
	v, _ := element(spki)
	key := elements(v.Bytes)[1].Bytes[1:]
	sum := sha256.Sum256(key)
	return sum[:20]
}

// Chain returns the certificate and those above it, as DER, the self-signed
// one last.
func (i *Identity) Chain() [][]byte {
	var chain [][]byte
	for ; i != nil; i = i.Issuer {
		chain = append(chain, i.DER)
	}
	return chain
}

// X509 returns the certificate as crypto/x509 reads it. It panics if
// crypto/x509 refuses it.
func (i *Identity) X509() *x509.Certificate { return must(x509.ParseCertificate(i.DER)) }

// PEM returns the certificate in PEM.
func (i *Identity) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.DER})
}

// NewCircle returns the circuit. Its parts are made once per process.
func NewCircle() *Circle {
	c := circle() // a copy, so that no test can change another's
	return &c
}

var circle = sync.OnceValue(func() Circle {
	const uno, due = "Gestore Uno S.p.A.", "Gestore Due S.p.A."
	root := Certificate{CA: true, NameConstraints: &NameConstraints{Permitted: []Subtree{
		{Email: "pec.example.it"}, {Email: "pec.example.com"},
		{Directory: NewName(uno, "")}, {Directory: NewName(due, "")},
	}}}.SelfSigned()
	provider := func(organization, host string) *Identity {
		return Certificate{
			Subject:   NewName(organization, "Posta certificata di prova - NO LEGAL VALUE"),
			Addresses: []string{"posta-certificata@" + host},
		}.IssuedBy(root)
	}
	return Circle{Root: root, One: provider(uno, "pec.example.it"), Two: provider(due, "pec.example.com")}
})
