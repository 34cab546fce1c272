package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/timestamp"
)

var (
	message = []byte("From: mittente@pec.example.it\r\n\r\nIl messaggio di prova.\r\n")
	other   = []byte("From: mittente@pec.example.it\r\n\r\nUn altro messaggio.\r\n")
	instant = testsign.Instant.UTC()
)

// DER is written here octet by octet: what is wrong has to be written too.
func tlv(tag byte, contents ...[]byte) []byte {
	body := slices.Concat(contents...)
	head := []byte{tag}
	switch n := len(body); {
	case n < 0x80:
		head = append(head, byte(n))
	case n < 0x100:
		head = append(head, 0x81, byte(n))
	case n < 0x10000:
		head = append(head, 0x82, byte(n>>8), byte(n))
	case n < 0x1000000:
		head = append(head, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		head = append(head, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(head, body...)
}

func seq(contents ...[]byte) []byte { return tlv(0x30, contents...) }

func oid(ids ...int) []byte {
	der, err := asn1.Marshal(asn1.ObjectIdentifier(ids))
	if err != nil {
		panic(err)
	}
	return der
}

var hashOIDs = map[crypto.Hash][]byte{
	crypto.MD5:    oid(1, 2, 840, 113549, 2, 5),
	crypto.SHA1:   oid(1, 3, 14, 3, 2, 26),
	crypto.SHA224: oid(2, 16, 840, 1, 101, 3, 4, 2, 4),
	crypto.SHA256: oid(2, 16, 840, 1, 101, 3, 4, 2, 1),
	crypto.SHA384: oid(2, 16, 840, 1, 101, 3, 4, 2, 2),
	crypto.SHA512: oid(2, 16, 840, 1, 101, 3, 4, 2, 3),
}

func digest(h crypto.Hash, b []byte) []byte {
	s := h.New()
	s.Write(b)
	return s.Sum(nil)
}

// info says how to write a TSTInfo; the zero value is the good case over message at
// instant, with an accuracy of one second.
type info struct {
	over     []byte      // nil: message
	hash     crypto.Hash // 0: SHA-256
	digest   []byte      // nil: that of over
	imprint  []byte      // the element, instead
	version  []byte
	policy   []byte
	serial   []byte
	time     time.Time
	genTime  string // instead
	accuracy []byte // nil: one second; empty: absent
	rest     []byte // after accuracy
}

func (i info) der() []byte {
	def := func(p *[]byte, d []byte) {
		if *p == nil {
			*p = d
		}
	}
	def(&i.over, message)
	if i.hash == 0 {
		i.hash = crypto.SHA256
	}
	def(&i.version, []byte{2, 1, 1})
	def(&i.policy, oid(1, 3, 6, 1, 4, 1, 32473, 1))
	def(&i.serial, []byte{2, 1, 7})
	def(&i.accuracy, seq([]byte{2, 1, 1}))
	if i.imprint == nil {
		if i.digest == nil {
			i.digest = digest(i.hash, i.over)
		}
		i.imprint = seq(seq(hashOIDs[i.hash], []byte{5, 0}), tlv(4, i.digest))
	}
	if i.time.IsZero() {
		i.time = instant
	}
	if i.genTime == "" {
		i.genTime = i.time.UTC().Format("20060102150405Z")
	}
	return seq(i.version, i.policy, i.imprint, i.serial, tlv(0x18, []byte(i.genTime)), i.accuracy, i.rest)
}

// authority is a root for tests with what it certifies.
var root = testsign.Certificate{
	CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova, nessun valore legale", "TSA TEST ROOT - NO LEGAL VALUE"),
	NotBefore: instant.AddDate(-20, 0, 0), NotAfter: instant.AddDate(40, 0, 0),
}.SelfSigned()

// signer is a time-stamp authority's certificate that differs from a good one in the
// given fields.
func signer(c testsign.Certificate) *testsign.Identity {
	if c.Subject == nil {
		c.Subject = testsign.NewName("Prova, nessun valore legale", "TSA TEST - NO LEGAL VALUE")
	}
	if c.KeyType == "" {
		c.KeyType = testsign.P256
	}
	if c.ExtKeyUsage == nil {
		c.ExtKeyUsage, c.ExtKeyUsageCritical = []asn1.ObjectIdentifier{testsign.OIDTimeStamping}, true
	}
	c.Addresses, c.Policies = []string{}, []asn1.ObjectIdentifier{}
	return c.IssuedBy(root)
}

var tsa = signer(testsign.Certificate{})

type signedData = testsign.SignedData

// token signs a TSTInfo, with changes to the good form.
func token(by *testsign.Identity, content []byte, change ...func(*signedData)) []byte {
	s := testsign.SignedData{
		ContentType: testsign.OIDTSTInfo, Opaque: true,
		Signer: testsign.SignerInfo{Add: []testsign.CMSAttribute{testsign.SigningCertificateV2(by, crypto.SHA256)}},
	}
	for _, c := range change {
		c(&s)
	}
	return s.Sign(by, content)
}

// response wraps a token as an authority sends it.
func response(token []byte) []byte { return seq(seq([]byte{2, 1, 0}), token) }

// stampedData writes a TimeStampedData; each token becomes a TimeStampAndCRL.
func stampedData(metadata, content []byte, tokens ...[]byte) []byte {
	var evidence []byte
	for _, t := range tokens {
		evidence = append(evidence, seq(t)...)
	}
	if content != nil {
		content = tlv(4, content)
	}
	return timestampedData(seq([]byte{2, 1, 1}, metadata, content, tlv(0xa0, evidence)))
}

func timestampedData(data []byte) []byte {
	return seq(oid(1, 2, 840, 113549, 1, 9, 16, 1, 31), tlv(0xa0, data))
}

func anchors(t testing.TB, all ...*testsign.Identity) *trust.TimestampStore {
	t.Helper()
	var ders [][]byte
	for _, id := range all {
		ders = append(ders, id.DER)
	}
	return anchorsOf(t, ders...)
}

func anchorsOf(t testing.TB, ders ...[]byte) *trust.TimestampStore {
	t.Helper()
	var certificates []*x509.Certificate
	for _, der := range ders {
		c, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		certificates = append(certificates, c)
	}
	s, err := trust.NewTimestampStore(certificates...)
	require.NoError(t, err)
	return s
}

func options(t testing.TB) timestamp.Options {
	return timestamp.Options{Anchors: anchors(t, root), Now: instant.Add(time.Hour)}
}

func parse(t testing.TB, b []byte) *timestamp.Stamp {
	t.Helper()
	s, err := timestamp.Parse("prova.tsr", b)
	require.NoError(t, err)
	return s
}

// verify judges a stamp for a file and holds what is true of every result.
func verify(t testing.TB, b, file []byte, o timestamp.Options) *timestamp.Result {
	t.Helper()
	s := parse(t, b)
	d, err := timestamp.Hash(bytes.NewReader(file), s)
	require.NoError(t, err)
	r := s.Verify(d, o)
	consistent(t, r)
	return r
}

func consistent(t testing.TB, r *timestamp.Result) {
	t.Helper()
	_, failed := r.Failure()
	require.Equal(t, !failed, r.Verified)
	if r.Verified {
		require.Equal(t, r.Stamp.Latest(), r.Latest)
		require.NotNil(t, r.Signer)
		require.NotEmpty(t, r.Anchor)
		require.NotEmpty(t, r.Chain)
		require.False(t, r.Until.IsZero())
	} else {
		require.True(t, r.Latest.IsZero())
	}
	for _, f := range r.Findings {
		require.NotEmpty(t, f.Code)
		require.NotEmpty(t, f.Detail, f.Code)
	}
}

func failures(r *timestamp.Result) []string { return codes(r, trust.Fail) }

func codes(r *timestamp.Result, status trust.Status) []string {
	out := []string{}
	for _, f := range r.Findings {
		if f.Status == status {
			out = append(out, f.Code)
		}
	}
	return out
}
