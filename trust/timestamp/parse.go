package timestamp

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/internal/cms"
)

// Object identifiers as the contents octets of their DER form.
const (
	oidSignedData      = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"         // 1.2.840.113549.1.7.2
	oidTimestampedData = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f" // 1.2.840.113549.1.9.16.1.31
)

// Parse reads the time-stamp in a file: a TimeStampResp (.tsr), a TimeStampToken
// (.tst), or a TimeStampedData (.tsd) with time-stamp tokens as its evidence. What it
// is is told by its bytes; name is for errors and reports. PEM is not read. b must
// not change while the Stamp is in use.
//
// The error is a *SyntaxError, a *LimitError, or for the answer of an authority that
// refused a *StatusError.
func Parse(name string, b []byte) (*Stamp, error) {
	r := reader{name: name}
	switch {
	case len(b) == 0:
		return nil, r.syntax("the file is empty")
	case len(b) > MaxFile:
		return nil, r.limit("file", MaxFile)
	case bytes.HasPrefix(bytes.TrimLeft(b[:min(len(b), 1024)], " \t\r\n\ufeff"), []byte("-----BEGIN")):
		return nil, r.syntax("the file is PEM; a time-stamp is read in its binary form")
	case b[0] != byte(asn1.SEQUENCE):
		return nil, r.syntax("the file holds no time-stamp: it does not begin like one")
	}
	der, problem := cms.ToDER(b, MaxFile)
	if problem != nil {
		return nil, r.problem(problem)
	}
	in := cryptobyte.String(der)
	var outer, oid cryptobyte.String
	if !in.ReadASN1(&outer, asn1.SEQUENCE) {
		return nil, r.syntax("the file holds no time-stamp")
	}
	if outer.PeekASN1Tag(asn1.SEQUENCE) {
		return r.response(outer)
	}
	if !outer.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
		return nil, r.syntax("the file holds no time-stamp")
	}
	switch string(oid) {
	case oidSignedData:
		return r.token(der, Token)
	case oidTimestampedData:
		return r.stampedData(outer)
	}
	return nil, r.syntax("the file holds no time-stamp: its content type is " + dotted(oid))
}

// reader reads one file.
type reader struct{ name string }

func (r reader) syntax(reason string) error { return &SyntaxError{r.name, reason} }

func (r reader) limit(limit string, max int) error { return &LimitError{r.name, limit, max} }

// problem turns a problem of the encoding into one of the file.
func (r reader) problem(p *cms.Problem) error {
	switch p.Code {
	case cms.CodeTooLarge:
		return r.limit("token", MaxToken)
	case cms.CodeTooDeep:
		return r.limit("depth", cms.MaxDepth)
	case cms.CodeTrailing:
		return r.syntax("further bytes follow the time-stamp")
	case cms.CodeTruncated:
		return r.syntax("the time-stamp is cut off")
	}
	return r.syntax("the time-stamp is malformed: " + p.Detail)
}

// token reads a TimeStampToken. What breaks the rules of its signature is no error
// here, but makes it fail to verify.
//
// spec: RFC 3161 §2.4.2
func (r reader) token(der []byte, form Form) (*Stamp, error) {
	signed, err := cms.Parse(der, cms.Timestamp)
	if err != nil {
		return nil, r.problem(err.(*cms.Problem)) // Parse says that it is one
	}
	has := func(code string) *cms.Problem {
		if i := slices.IndexFunc(signed.Problems, func(p *cms.Problem) bool { return p.Code == code }); i >= 0 {
			return signed.Problems[i]
		}
		return nil
	}
	if p := has(cms.CodeContentType); p != nil {
		return nil, r.syntax("a signature, but no time-stamp: its content type is " + p.Facts[0])
	}
	if has(cms.CodeContentAbsent) != nil {
		return nil, r.syntax("the token has no content, in which the time stands")
	}
	s := &Stamp{Name: r.name, Form: form, token: der, content: signed.Content}
	if err := s.readInfo(r); err != nil {
		return nil, err
	}
	return s, nil
}

// response reads a TimeStampResp, whose contents are given.
//
// spec: RFC 3161 §2.4.2
func (r reader) response(in cryptobyte.String) (*Stamp, error) {
	var info, status, text, failure, token cryptobyte.String
	var hasText, hasFailure bool
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1(&status, asn1.INTEGER) ||
		!info.ReadOptionalASN1(&text, &hasText, asn1.SEQUENCE) ||
		!info.ReadOptionalASN1(&failure, &hasFailure, asn1.BIT_STRING) || !info.Empty() {
		return nil, r.syntax("the file holds no time-stamp: the status of a response is malformed")
	}
	if string(status) != "\x00" && string(status) != "\x01" { // granted, grantedWithMods
		return nil, &StatusError{Name: r.name, Status: statusName(status), Text: freeText(text), Failures: failures(failure)}
	}
	if in.Empty() {
		return nil, r.syntax("the response says that a stamp was made, but holds none")
	}
	if !in.ReadASN1Element(&token, asn1.SEQUENCE) || !in.Empty() {
		return nil, r.syntax("the response is malformed")
	}
	return r.token(token, Response)
}

// PKIStatus. spec: RFC 3161 §2.4.2
var statuses = []string{"granted", "grantedWithMods", "rejection", "waiting", "revocationWarning", "revocationNotification"}

func statusName(contents []byte) string {
	if len(contents) == 1 && int(contents[0]) < len(statuses) {
		return statuses[contents[0]]
	}
	if len(contents) == 1 {
		return "status " + strconv.Itoa(int(int8(contents[0])))
	}
	return "a status that is not defined"
}

// PKIFailureInfo by bit. spec: RFC 3161 §2.4.2
var failureNames = map[int]string{
	0: "badAlg", 2: "badRequest", 5: "badDataFormat", 14: "timeNotAvailable", 15: "unacceptedPolicy",
	16: "unacceptedExtension", 17: "addInfoNotAvailable", 25: "systemFailure",
}

// failures names the bits of a BIT STRING, whose contents are given.
func failures(contents []byte) (names []string) {
	if len(contents) < 2 {
		return nil
	}
	bits := contents[1:min(len(contents), 9)]
	for i := range 8 * len(bits) {
		if bits[i/8]&(0x80>>(i%8)) == 0 {
			continue
		}
		name, ok := failureNames[i]
		if !ok {
			name = "failure " + strconv.Itoa(i)
		}
		names = append(names, name)
	}
	return names
}

// maxText bounds what is shown of an authority's words.
const maxText = 1000

// freeText joins the strings of PKIFreeText.
func freeText(in cryptobyte.String) string {
	var out []byte
	for !in.Empty() && len(out) < maxText {
		var one cryptobyte.String
		if !in.ReadASN1(&one, asn1.UTF8String) {
			break
		}
		if len(out) > 0 {
			out = append(out, "; "...)
		}
		out = append(out, one[:min(len(one), maxText)]...)
	}
	return string(bytes.ToValidUTF8(out, []byte("\ufffd")))
}

// dotted writes the contents of an object identifier in dots.
func dotted(contents []byte) string {
	var o x509.OID
	if len(contents) > 128 || o.UnmarshalBinary(contents) != nil {
		return "malformed"
	}
	return o.String()
}
