package pectest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	_ "crypto/sha512" // digests that a request may name
	"crypto/x509"
	"crypto/x509/pkix"
	encoding "encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/trust"
)

// TimestampAuthority makes time-stamps of RFC 3161 that bear whatever time the test
// asks for. Its certificates carry NoLegalValue in every name; nothing that it
// stamps existed at any time outside the test. It may be used by several goroutines.
type TimestampAuthority struct {
	key         crypto.Signer
	certificate *x509.Certificate
	root        *x509.Certificate
}

// TimestampPolicy is the policy under which a [TimestampAuthority] stamps, of the arc
// for examples in documents (RFC 5612).
const TimestampPolicy = "1.3.6.1.4.1.32473.1.2"

// TimestampAccuracy is the accuracy that its stamps state.
const TimestampAccuracy = time.Second

// NewTimestampAuthority makes an authority with a root of its own, both valid between
// two times.
func NewTimestampAuthority(from, until time.Time) (*TimestampAuthority, error) {
	rootKey, err := KeyRSA.generate()
	if err != nil {
		return nil, err
	}
	name := func(what string) pkix.Name {
		return pkix.Name{Country: []string{"IT"}, Organization: []string{NoLegalValue}, CommonName: NoLegalValue + " - " + what}
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: name("TSA ROOT"), NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	root, err := create(template, template, rootKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	key, err := KeyRSA.generate()
	if err != nil {
		return nil, err
	}
	certificate, err := create(&x509.Certificate{
		SerialNumber: serial(), Subject: name("TSA"), NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature,
		// Present, critical and alone (RFC 3161 §2.3), which the template cannot say.
		ExtraExtensions: []pkix.Extension{{Id: idExtKeyUsage, Critical: true, Value: marshalConstant([]encoding.ObjectIdentifier{idTimeStamping})}},
	}, root, key.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	return &TimestampAuthority{key, certificate, root}, nil
}

// Root returns the certificate that a program has to believe about time, and
// Certificate that of the authority itself.
func (a *TimestampAuthority) Root() *x509.Certificate        { return a.root }
func (a *TimestampAuthority) Certificate() *x509.Certificate { return a.certificate }

// Anchors returns a store that believes this authority and no other.
func (a *TimestampAuthority) Anchors() *trust.TimestampStore {
	s, err := trust.NewTimestampStore(a.root)
	if err != nil {
		panic(err) // its own root is an authority
	}
	return s
}

// Stamp makes a time-stamp over a file, with SHA-256, as a response (.tsr) that holds
// the authority's certificate.
func (a *TimestampAuthority) Stamp(file io.Reader, at time.Time) ([]byte, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return nil, fmt.Errorf("pectest: stamping: %w", err)
	}
	r := timestampRequest{imprint: imprintOf(idSHA256, h.Sum(nil)), certificate: true}
	return a.granted(&r, at)
}

// Token returns the TimeStampToken (.tst) in a response of this authority.
func Token(response []byte) ([]byte, error) {
	in := cryptobyte.String(response)
	var seq, token cryptobyte.String
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !seq.SkipASN1(asn1.SEQUENCE) || !seq.ReadASN1Element(&token, asn1.SEQUENCE) {
		return nil, fmt.Errorf("pectest: the response holds no token")
	}
	return token, nil
}

// Answer answers a TimeStampReq with a TimeStampResp: a stamp at the given time, or a
// rejection that says why. The error is about the authority, not about the request.
//
// spec: RFC 3161 §2.4
func (a *TimestampAuthority) Answer(request []byte, at time.Time) ([]byte, error) {
	r, failure := readTimestampRequest(request)
	if failure >= 0 {
		return rejected(failure)
	}
	return a.granted(r, at)
}

// timestampRequest is what an authority needs of a TimeStampReq.
type timestampRequest struct {
	imprint     []byte // with header
	nonce       []byte // with header; nil without one
	certificate bool   // the authority's certificate is wanted
}

// Bits of PKIFailureInfo. spec: RFC 3161 §2.4.2
const (
	badAlg              = 0
	badRequest          = 2
	badDataFormat       = 5
	unacceptedPolicy    = 15
	unacceptedExtension = 16
	noFailure           = -1
)

// readTimestampRequest reads a TimeStampReq; failure is a bit of PKIFailureInfo, or
// noFailure.
//
// spec: RFC 3161 §2.4.1
func readTimestampRequest(b []byte) (r *timestampRequest, failure int) {
	in := cryptobyte.String(b)
	var seq, element, imprint, id, oid, digest, policy, nonce cryptobyte.String
	var version int64
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&version) || !seq.ReadASN1Element(&element, asn1.SEQUENCE) {
		return nil, badDataFormat
	}
	r = &timestampRequest{imprint: element}
	hasPolicy := seq.PeekASN1Tag(asn1.OBJECT_IDENTIFIER)
	if !element.ReadASN1(&imprint, asn1.SEQUENCE) || !imprint.ReadASN1(&id, asn1.SEQUENCE) || !id.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) ||
		!imprint.ReadASN1(&digest, asn1.OCTET_STRING) || !imprint.Empty() || hasPolicy && !seq.ReadASN1(&policy, asn1.OBJECT_IDENTIFIER) {
		return nil, badDataFormat
	}
	if seq.PeekASN1Tag(asn1.INTEGER) {
		if !seq.ReadASN1Element(&nonce, asn1.INTEGER) {
			return nil, badDataFormat
		}
		r.nonce = nonce
		if !nonce.ReadASN1Integer(new(big.Int)) { // it comes back in the stamp, which nobody could read
			return nil, badDataFormat
		}
	}
	if seq.PeekASN1Tag(asn1.BOOLEAN) && !seq.ReadASN1Boolean(&r.certificate) {
		return nil, badDataFormat
	}
	if !id.Empty() && !bytes.Equal(id, []byte{5, 0}) { // they come back, too: NULL, or none (RFC 5754 §2)
		return nil, badDataFormat
	}
	size, known := imprintSizes[string(oid)]
	switch {
	case version != 1:
		return nil, badRequest
	case !known:
		return nil, badAlg
	case len(digest) != size:
		return nil, badDataFormat
	case hasPolicy && string(policy) != string(contentsOf(idTimestampPolicy)):
		return nil, unacceptedPolicy
	case !seq.Empty(): // extensions, none of which is supported
		return nil, unacceptedExtension
	}
	return r, noFailure
}

func rejected(failure int) ([]byte, error) {
	bits := make([]byte, failure/8+1)
	bits[failure/8] = 0x80 >> (failure % 8)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(2) // rejection
			b.AddASN1(asn1.BIT_STRING, func(b *cryptobyte.Builder) {
				b.AddUint8(uint8(7 - failure%8)) // unused bits
				b.AddBytes(bits)
			})
		})
	})
	return b.Bytes()
}

// granted makes the stamp.
func (a *TimestampAuthority) granted(r *timestampRequest, at time.Time) ([]byte, error) {
	info, err := a.info(r, at)
	if err != nil {
		return nil, err
	}
	token, err := a.sign(info, at, r.certificate)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(0) }) // granted
		b.AddBytes(token)
	})
	return b.Bytes()
}

// info writes the TSTInfo. spec: RFC 3161 §2.4.2
func (a *TimestampAuthority) info(r *timestampRequest, at time.Time) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(idTimestampPolicy)
		b.AddBytes(r.imprint)
		b.AddASN1BigInt(serial())
		b.AddASN1GeneralizedTime(at.UTC())
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(TimestampAccuracy / time.Second)) })
		b.AddBytes(r.nonce)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(explicit(4), func(b *cryptobyte.Builder) { b.AddBytes(a.certificate.RawSubject) })
		})
	})
	return b.Bytes()
}

// sign writes the TimeStampToken. spec: RFC 5652 §5, RFC 5816 §2.2.1
func (a *TimestampAuthority) sign(info []byte, at time.Time, certificate bool) ([]byte, error) {
	digest, sum := sha256.Sum256(info), sha256.Sum256(a.certificate.Raw)
	attribute := func(id encoding.ObjectIdentifier, value func(*cryptobyte.Builder)) []byte {
		var b cryptobyte.Builder
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			b.AddASN1(asn1.SET, value)
		})
		return b.BytesOrPanic()
	}
	attributes := [][]byte{
		attribute(idContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(idTSTInfo) }),
		attribute(idSigningTime, func(b *cryptobyte.Builder) {
			if at.UTC().Year() < 2050 { // spec: RFC 5652 §11.3
				b.AddASN1UTCTime(at.UTC())
			} else {
				b.AddASN1GeneralizedTime(at.UTC())
			}
		}),
		attribute(idMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest[:]) }),
		attribute(idSigningCertificateV2, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1OctetString(sum[:]) })
				})
			})
		}),
	}
	slices.SortFunc(attributes, slices.Compare)
	signed := slices.Concat(attributes...)
	var set cryptobyte.Builder
	set.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(signed) })
	hashed := sha256.Sum256(set.BytesOrPanic())
	signature, err := a.key.Sign(rand.Reader, hashed[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("pectest: signing a time-stamp: %w", err)
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(idSignedData)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { a.signedData(b, info, signed, signature, certificate) })
		})
	})
	return b.Bytes()
}

func (a *TimestampAuthority) signedData(b *cryptobyte.Builder, info, attributes, signature []byte, certificate bool) {
	algorithm := func(id encoding.ObjectIdentifier) func(*cryptobyte.Builder) {
		return func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			b.AddASN1NULL()
		}
	}
	b.AddASN1Int64(3)
	b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddASN1(asn1.SEQUENCE, algorithm(idSHA256)) })
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(idTSTInfo)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(info) })
	})
	if certificate {
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(a.certificate.Raw) })
	}
	b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(a.certificate.RawIssuer)
				b.AddASN1BigInt(a.certificate.SerialNumber)
			})
			b.AddASN1(asn1.SEQUENCE, algorithm(idSHA256))
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
			b.AddASN1(asn1.SEQUENCE, algorithm(idRSA))
			b.AddASN1OctetString(signature)
		})
	})
}

func imprintOf(algorithm encoding.ObjectIdentifier, digest []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(algorithm)
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(digest)
	})
	return b.BytesOrPanic()
}

func explicit(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

var (
	idExtKeyUsage          = encoding.ObjectIdentifier{2, 5, 29, 37}
	idTimeStamping         = encoding.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	idTimestampPolicy      = encoding.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 2}
	idSignedData           = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	idTSTInfo              = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	idContentType          = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	idMessageDigest        = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	idSigningTime          = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	idSigningCertificateV2 = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	idRSA                  = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	idSHA256               = encoding.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	idSHA384               = encoding.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	idSHA512               = encoding.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// imprintSizes are the digest algorithms that are stamped, with their lengths.
var imprintSizes = map[string]int{
	string(contentsOf(idSHA256)): crypto.SHA256.Size(),
	string(contentsOf(idSHA384)): crypto.SHA384.Size(),
	string(contentsOf(idSHA512)): crypto.SHA512.Size(),
}

// contentsOf returns an object identifier's octets without their header.
func contentsOf(id encoding.ObjectIdentifier) []byte { return marshalConstant(id)[2:] }

func marshalConstant(v any) []byte {
	der, err := encoding.Marshal(v)
	if err != nil {
		panic(err) // only ever called with constants
	}
	return der
}
