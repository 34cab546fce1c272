package revocation_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/revocation"
)

// asError asserts that an error names its file, and returns the reason.
func asError(t *testing.T, err error, name string) error {
	t.Helper()
	e, ok := errors.AsType[*revocation.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, name, e.Name)
	require.Contains(t, err.Error(), name)
	return e.Err
}

// listForm is a file that is a list, or is none.
type listForm struct {
	name, reason string
	b            []byte
	err          error
}

func listForms() []listForm {
	der := goodList()
	armored := testsign.CRLPEM(der)
	extra := append(slices.Clone(armored), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})...)
	broken := append(slices.Clone(armored), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})...)
	return []listForm{
		{"DER", "as authorities publish it", der, nil},
		{"PEM", "as people keep it", armored, nil},
		{"PEM after white space", "an editor's trace", append([]byte("\ufeff\r\n"), armored...), nil},
		{"PEM with a certificate", "of an appointed signer", testsign.CRLPEM(der, signer()), nil},
		{"two lists in PEM", "one file is one list", append(slices.Clone(armored), armored...), revocation.ErrPEM},
		{"a key beside it", "keys do not belong here", extra, revocation.ErrPEM},
		{"a broken certificate beside it", "nothing is passed over", broken, revocation.ErrMalformed},
		{"certificates only", "no list", signer().PEM(), revocation.ErrPEM},
		{"PEM cut off", "no end", armored[:len(armored)-30], revocation.ErrPEM},
		{"empty", "nothing", nil, revocation.ErrMalformed},
		{"text", "something else", []byte("<html>404</html>"), revocation.ErrMalformed},
		{"a certificate", "signed, and no list", signer().DER, revocation.ErrMalformed},
		{"a response", "signed, and no list", goodResponse(signer(), nil), revocation.ErrMalformed},
		{"truncated", "cut off", der[:len(der)-1], revocation.ErrMalformed},
		{"trailing byte", "more than one value", append(slices.Clone(der), 0), revocation.ErrMalformed},
		{"indefinite length", "not DER", append([]byte{0x30, 0x80}, append(der[4:], 0, 0)...), revocation.ErrMalformed},
	}
}

func TestListForms(t *testing.T) {
	t.Parallel()
	for _, tt := range listForms() {
		d := new(revocation.Data)
		err := d.AddCRL("lista.crl", tt.b)
		if tt.err == nil {
			require.NoError(t, err, tt.name)
			require.Equal(t, revocation.Good, check(t, d, signer()).State, tt.name)
			continue
		}
		require.ErrorIs(t, asError(t, err, "lista.crl"), tt.err, "%s: %s", tt.name, tt.reason)
		require.Zero(t, d.Len(), tt.name)
	}
}

// A list that is cut anywhere is refused, or the signature would not matter.
func TestTruncatedAnywhere(t *testing.T) {
	t.Parallel()
	list := goodList(testsign.Revoked{Certificate: signer(), Time: day, Reason: 1, Invalidity: day})
	response := goodResponse(signer(), func(r *testsign.Response) {
		r.Certificates = []*testsign.Identity{root()}
		r.Extra = []testsign.Extension{testsign.Nonce([]byte("x"))}
	})
	d := new(revocation.Data)
	for i := range list {
		require.Error(t, d.AddCRL("l", list[:i]), i)
	}
	for i := range response {
		require.Error(t, d.AddOCSP("r", response[:i]), i)
	}
	require.Zero(t, d.Len())
}

// responseForm is a file that is no response.
type responseForm struct {
	name, reason string
	b            []byte
}

func responseForms() []responseForm {
	der := goodResponse(signer(), nil)
	return []responseForm{
		{"empty", "nothing", nil},
		{"a list", "signed, and no response", goodList()},
		{"trailing byte", "more than one value", append(slices.Clone(der), 0)},
		{"no statuses", "a response without an answer", testsign.Response{ProducedAt: day}.SignedBy(root())},
		{"another type", "id-pkix-ocsp-basic is the only one", bytes.Replace(der, []byte{0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1}, []byte{0x2b, 6, 1, 5, 5, 7, 0x30, 1, 7}, 1)},
		{"PEM", "responses are DER", pem.EncodeToMemory(&pem.Block{Type: "OCSP RESPONSE", Bytes: der})},
	}
}

func TestResponseForms(t *testing.T) {
	t.Parallel()
	for _, tt := range responseForms() {
		d := new(revocation.Data)
		require.ErrorIs(t, asError(t, d.AddOCSP("r.ocsp", tt.b), "r.ocsp"), revocation.ErrMalformed, "%s: %s", tt.name, tt.reason)
	}
	for status, word := range map[int]string{1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", 6: "unauthorized", 9: "unknown status 9"} {
		err := asError(t, new(revocation.Data).AddOCSP("r", testsign.Response{Refusal: status}.SignedBy(root())), "r")
		e, ok := errors.AsType[*revocation.ResponderError](err)
		require.True(t, ok)
		require.Equal(t, status, e.Status)
		require.Contains(t, err.Error(), word)
	}
}

// An extension twice, and a version that does not exist, have no meaning.
func TestMalformedExtensions(t *testing.T) {
	t.Parallel()
	twice := []testsign.Extension{testsign.ExpiredOnList(day), testsign.ExpiredOnList(day)}
	many := make([]testsign.Extension, 31)
	for i := range many {
		many[i] = testsign.Extension{OID: asn1.ObjectIdentifier{1, 2, 3, i}, Value: []byte{5, 0}}
	}
	list := func(e ...testsign.Extension) []byte {
		return testsign.List{ThisUpdate: day, Extra: e}.SignedBy(root())
	}
	d := new(revocation.Data)
	require.ErrorIs(t, d.AddCRL("l", list(twice...)), revocation.ErrMalformed)
	require.NoError(t, d.AddCRL("l", list(many...)), "with the key identifier 32")
	require.ErrorIs(t, d.AddCRL("l", list(append(many, testsign.ExpiredOnList(day))...)), revocation.ErrMalformed, "33")
	for _, value := range []string{"", "\x05\x00", "\x30\x03\x81\x01", "\x30\x04\x81\x02\x01\x01", "\x30\x02\xa0\x00"} {
		e := testsign.Extension{OID: testsign.OIDIssuingPoint, Critical: true, Value: []byte(value)}
		require.ErrorIs(t, d.AddCRL("l", list(e)), revocation.ErrMalformed, "%x", value)
	}
	require.ErrorIs(t, d.AddOCSP("r", goodResponse(signer(), func(r *testsign.Response) { r.Extra = twice })), revocation.ErrMalformed)
	require.ErrorIs(t, d.AddOCSP("r", goodResponse(signer(), func(r *testsign.Response) { r.Statuses[0].Extra = twice })), revocation.ErrMalformed)
	reason := testsign.Extension{OID: testsign.OIDReasonCode, Value: []byte("x")}
	require.ErrorIs(t, d.AddCRL("l", goodList(testsign.Revoked{Certificate: signer(), Time: day, Extra: []testsign.Extension{reason}})), revocation.ErrMalformed)
}

func TestLimitOfItems(t *testing.T) {
	t.Parallel()
	d := new(revocation.Data)
	list, response := goodList(), goodResponse(signer(), nil)
	for i := range revocation.MaxItems {
		if i%2 == 0 {
			require.NoError(t, d.AddCRL("l", list))
		} else {
			require.NoError(t, d.AddOCSP("r", response))
		}
	}
	require.ErrorIs(t, asError(t, d.AddCRL("l", list), "l"), revocation.ErrItems)
	require.ErrorIs(t, asError(t, d.AddOCSP("r", response), "r"), revocation.ErrItems)
	require.Equal(t, revocation.MaxItems, d.Len())
	require.Equal(t, revocation.Good, check(t, d, signer()).State)
}

func TestLimitsOfLists(t *testing.T) {
	t.Parallel()
	pad := func(n int) []byte { // a list with an extension of n bytes
		e := testsign.Extension{OID: asn1.ObjectIdentifier{1, 2, 3}, Value: make([]byte, n)}
		return testsign.List{ThisUpdate: day, Extra: []testsign.Extension{e}}.SignedBy(root())
	}
	const half = revocation.MaxCRLSize / 2 // from here on lengths take four octets
	overhead := len(pad(half)) - half
	padded := func(size int) []byte { return pad(size - overhead) }
	largest := padded(revocation.MaxCRLSize)
	require.Len(t, largest, revocation.MaxCRLSize)
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("l", largest))
	require.NoError(t, d.AddCRL("l", testsign.CRLPEM(largest)))
	tooLarge := padded(revocation.MaxCRLSize + 1)
	require.ErrorIs(t, d.AddCRL("l", tooLarge), revocation.ErrCRLSize)
	require.ErrorIs(t, d.AddCRL("l", testsign.CRLPEM(tooLarge)), revocation.ErrCRLSize)
	require.ErrorIs(t, d.AddCRL("l", append([]byte("-----BEGIN"), make([]byte, revocation.MaxCRLSize/2*3)...)), revocation.ErrCRLSize)

	require.NoError(t, d.AddCRL("l", largest))
	require.NoError(t, d.AddCRL("l", padded(revocation.MaxCRLSize-500)))
	require.ErrorIs(t, d.AddCRL("l", pad(1000)), revocation.ErrTotal)
	require.ErrorIs(t, d.AddOCSP("r", goodResponse(signer(), func(r *testsign.Response) { r.Certificates = []*testsign.Identity{root()} })), revocation.ErrTotal)
	require.NoError(t, d.AddCRL("l", testsign.List{ThisUpdate: day}.SignedBy(root())), "under 500 bytes")

	d = new(revocation.Data)
	eight := slices.Repeat([]*testsign.Identity{signer()}, revocation.MaxCertificates)
	require.NoError(t, d.AddCRL("l", testsign.CRLPEM(goodList(), eight...)))
	require.ErrorIs(t, d.AddCRL("l", testsign.CRLPEM(goodList(), append(eight, signer())...)), revocation.ErrCertificates)
}

// entries makes a list with as many of the smallest entries, and the signer's
// own at the end.
func entries(count int, own ...testsign.Revoked) []byte {
	var raw []byte
	for i := range count - len(own) {
		raw = append(raw, 0x30, 22, 2, 5, 1, byte(i>>24), byte(i>>16), byte(i>>8), byte(i), 0x17, 13)
		raw = append(raw, "260309091530Z"...)
	}
	return testsign.List{Number: 1, ThisUpdate: day.Add(time.Hour), NextUpdate: day.AddDate(0, 1, 0), RawEntries: raw, Revoked: own}.SignedBy(root())
}

func TestLimitOfEntries(t *testing.T) {
	t.Parallel()
	own := testsign.Revoked{Certificate: signer(), Time: day.Add(-time.Hour)}
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("l", entries(revocation.MaxCRLEntries, own)))
	require.Equal(t, revocation.Revoked, check(t, d, signer()).State, "the last of a million")
	require.ErrorIs(t, d.AddCRL("l", entries(revocation.MaxCRLEntries+1)), revocation.ErrCRLEntries)
}

func TestLimitsOfResponses(t *testing.T) {
	t.Parallel()
	d := new(revocation.Data)
	sized := func(size int) []byte {
		fill := func(n int) []byte {
			return goodResponse(signer(), func(r *testsign.Response) {
				r.Extra = []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 2, 3}, Value: make([]byte, n)}}
			})
		}
		return fill(size - 1000 + size - len(fill(size-1000)))
	}
	require.Len(t, sized(revocation.MaxOCSPSize), revocation.MaxOCSPSize)
	require.NoError(t, d.AddOCSP("r", sized(revocation.MaxOCSPSize)))
	require.ErrorIs(t, d.AddOCSP("r", sized(revocation.MaxOCSPSize+1)), revocation.ErrOCSPSize)

	statuses := func(n int) []byte {
		return goodResponse(signer(), func(r *testsign.Response) { r.Statuses = slices.Repeat(r.Statuses, n) })
	}
	require.NoError(t, d.AddOCSP("r", statuses(revocation.MaxOCSPStatuses)))
	require.ErrorIs(t, d.AddOCSP("r", statuses(revocation.MaxOCSPStatuses+1)), revocation.ErrOCSPStatuses)

	with := func(n int) []byte {
		return goodResponse(signer(), func(r *testsign.Response) { r.Certificates = slices.Repeat([]*testsign.Identity{signer()}, n) })
	}
	require.NoError(t, d.AddOCSP("r", with(revocation.MaxCertificates)))
	require.ErrorIs(t, d.AddOCSP("r", with(revocation.MaxCertificates+1)), revocation.ErrCertificates)
}

// Outside text in a sentence is the caller's to make printable; nothing else of
// it may be taken for a name of a fact.
func TestFactsAreNotExpanded(t *testing.T) {
	t.Parallel()
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("{evidence} {certificate}", goodList()))
	f := check(t, d, signer()).Findings[0]
	require.Equal(t, 1, strings.Count(f.Detail, "{evidence} {certificate}"))
}

// Names of files and of signers can be long; the time of evidence must be seen
// in a sentence all the same.
func TestLongNamesInSentences(t *testing.T) {
	t.Parallel()
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL(strings.Repeat("cartella-più-lunga/", 300)+"lista.crl", goodList()))
	f := check(t, d, signer()).Findings[0]
	require.Less(t, len(f.Facts[2]), 200)
	require.Contains(t, f.Facts[2], "lista.crl")
	require.Contains(t, f.Facts[2], "2026-03-10T10:15:30Z")
	require.True(t, utf8.ValidString(f.Facts[2]))
}
