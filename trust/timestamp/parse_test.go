package timestamp_test

import (
	"crypto"
	"encoding/pem"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/timestamp"
)

// What a stamp says is read whatever the form of the file, and told by its bytes.
func TestForms(t *testing.T) {
	t.Parallel()
	full := info{
		accuracy: seq([]byte{2, 1, 1}, []byte{0x80, 2, 1, 0xf4}, []byte{0x81, 1, 100}), genTime: "20260310091530.25Z",
		rest: append([]byte{1, 1, 0xff, 2, 2, 0x12, 0x34}, tlv(0xa0, tlv(0xa4, tsa.X509().RawSubject))...),
	}
	plain := token(tsa, full.der())
	ber := token(tsa, full.der(), func(s *testsign.SignedData) { s.Encoding = testsign.BERAll })
	metadata := seq([]byte{1, 1, 0}, tlv(12, []byte("messaggio.eml")), tlv(22, []byte("message/rfc822")))
	for _, c := range []struct {
		name    string
		in      []byte
		form    timestamp.Form
		content bool
	}{
		{"response", response(plain), timestamp.Response, false},
		{"response with modifications", seq(seq([]byte{2, 1, 1}), plain), timestamp.Response, false},
		{"token", plain, timestamp.Token, false},
		{"token in BER", ber, timestamp.Token, false},
		{"response in BER", seq(seq([]byte{2, 1, 0}), ber), timestamp.Response, false},
		{"stamped data", stampedData(metadata, message, plain), timestamp.StampedData, true},
		{"stamped data without content", stampedData(metadata, nil, plain), timestamp.StampedData, false},
		{"stamped data in BER, in chunks", berStampedData(metadata, message, plain), timestamp.StampedData, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := parse(t, c.in)
			require.Equal(t, c.form, s.Form)
			require.Equal(t, "prova.tsr", s.Name)
			require.Equal(t, instant.Add(250*time.Millisecond), s.Time)
			require.True(t, s.AccuracyStated)
			require.Equal(t, time.Second+500*time.Millisecond+100*time.Microsecond, s.Accuracy)
			require.Equal(t, s.Time.Add(s.Accuracy), s.Latest())
			require.Equal(t, "1.3.6.1.4.1.32473.1", s.Policy)
			require.Equal(t, big.NewInt(7), s.Serial)
			require.Equal(t, big.NewInt(0x1234), s.Nonce)
			require.True(t, s.Ordering)
			require.Contains(t, s.TSA, "CN=TSA TEST - NO LEGAL VALUE")
			require.Equal(t, timestamp.Imprint{Algorithm: crypto.SHA256, Name: "SHA-256", Digest: digest(crypto.SHA256, message)}, s.Imprint)
			require.Equal(t, c.content, s.HasContent)
			if c.form == timestamp.StampedData {
				require.Equal(t, &timestamp.Metadata{FileName: "messaggio.eml", MediaType: "message/rfc822"}, s.Metadata)
			}
			r := verify(t, c.in, message, options(t))
			require.True(t, r.Verified, "%+v", r.Findings)
			require.Equal(t, s.Latest(), r.Latest)
		})
	}
}

// berStampedData is the form that BouncyCastle writes: indefinite lengths, the
// content in pieces.
func berStampedData(metadata, content, token []byte) []byte {
	open := func(tag byte, contents ...[]byte) []byte {
		out := []byte{tag, 0x80}
		for _, c := range contents {
			out = append(out, c...)
		}
		return append(out, 0, 0)
	}
	half := len(content) / 2
	return open(0x30, oid(1, 2, 840, 113549, 1, 9, 16, 1, 31), open(0xa0, open(0x30,
		[]byte{2, 1, 1}, metadata, open(0x24, tlv(4, content[:half]), tlv(4, content[half:])), open(0xa0, open(0x30, token)))))
}

// unreadableCase is a file that holds no time-stamp, or one that says nothing.
type unreadableCase struct {
	name, says string
	in         []byte
}

func unreadable() []unreadableCase {
	good := token(tsa, info{}.der())
	with := func(i info) []byte { return token(tsa, i.der()) }
	long := append([]byte{2, timestamp.MaxInteger + 1, 0x40}, make([]byte, timestamp.MaxInteger)...)
	return []unreadableCase{
		{"empty", "empty", nil},
		{"PEM", "PEM", pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: good})},
		{"PEM after white space", "PEM", append([]byte("\r\n "), pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: good})...)},
		{"text", "does not begin like one", []byte("una marca temporale")},
		{"empty sequence", "no time-stamp", []byte{0x30, 0}},
		{"cut", "cut off", good[:len(good)-1]},
		{"trailing byte", "further bytes", append(append([]byte{}, good...), 0)},
		{"a certificate", "malformed", tsa.DER},
		{"mail signature", "1.2.840.113549.1.7.1", testsign.SignedData{Opaque: true}.Sign(tsa, message)},
		{"detached mail signature", "1.2.840.113549.1.7.1", testsign.SignedData{}.Sign(tsa, message)},
		{"token without content", "no content", token(tsa, info{}.der(), func(s *testsign.SignedData) { s.Opaque = false })},
		{"another content type", "1.2.840.113549.1.7.3", seq(oid(1, 2, 840, 113549, 1, 7, 3), tlv(0xa0, seq()))},
		{"response with junk", "malformed", seq(seq([]byte{2, 1, 0}), good, []byte{5, 0})},
		{"granted without token", "holds none", seq(seq([]byte{2, 1, 0}))},
		{"response without status", "status", seq(seq())},
		{"token that is none", "malformed", response(seq())},

		{"version 2", "version 1", with(info{version: []byte{2, 1, 2}})},
		{"no TSTInfo", "content is malformed", token(tsa, []byte("ieri"))},
		{"junk after TSTInfo", "content is malformed", token(tsa, append(info{}.der(), 0))},
		{"no policy", "policy", with(info{policy: []byte{5, 0}})},
		{"imprint too short", "imprint", with(info{digest: make([]byte, 31)})},
		{"imprint too long", "imprint", with(info{digest: make([]byte, 33)})},
		{"imprint with parameters", "imprint", with(info{imprint: seq(seq(hashOIDs[crypto.SHA256], []byte{4, 0}), tlv(4, make([]byte, 32)))})},
		{"no serial number", "serial", with(info{serial: []byte{5, 0}})},
		{"serial number of 65 octets", "limit passed: integer, 64", with(info{serial: long})},
		{"nonce of 65 octets", "limit passed: integer, 64", with(info{rest: long})},
		{"31 February", "time", with(info{genTime: "20260231091530Z"})},
		{"no Z", "time", with(info{genTime: "20260310091530"})},
		{"offset", "time", with(info{genTime: "20260310091530+0100"})},
		{"no seconds", "time", with(info{genTime: "202603100915Z"})},
		{"point without fraction", "time", with(info{genTime: "20260310091530.Z"})},
		{"comma", "time", with(info{genTime: "20260310091530,5Z"})},
		{"ten digits", "time", with(info{genTime: "20260310091530.1234567891Z"})},
		{"letters", "time", with(info{genTime: "20260310091530.1aZ"})},
		{"negative accuracy", "accuracy", with(info{accuracy: seq([]byte{2, 1, 0xff})})},
		{"accuracy of a thousand milliseconds", "accuracy", with(info{accuracy: seq([]byte{0x80, 2, 3, 0xe8})})},
		{"accuracy beyond all time", "accuracy", with(info{accuracy: seq([]byte{2, 5, 0x7f, 0xff, 0xff, 0xff, 0xff})})},
		{"accuracy in the wrong order", "accuracy", with(info{accuracy: seq([]byte{0x81, 1, 1}, []byte{0x80, 1, 1})})},
		{"ordering that is no truth value", "ordering", with(info{rest: []byte{1, 1, 3}})},
		{"authority that is no name", "authority", with(info{rest: tlv(0xa0, tlv(0xa4, []byte{5, 0}))})},
		{"extensions that are none", "extensions", with(info{rest: tlv(0xa1, []byte{5, 0})})},
		{"further fields", "extensions", with(info{rest: []byte{5, 0}})},

		{"stamped data without evidence", "no evidence", stampedData(nil, message)},
		{"stamped data of version 2", "malformed", timestampedData(seq([]byte{2, 1, 2}, tlv(0xa0, seq(good))))},
		{"stamped data with further fields", "no evidence", timestampedData(seq([]byte{2, 1, 1}, tlv(0xa0, seq(good)), []byte{5, 0}))},
		{"evidence record", "RFC 4998", timestampedData(seq([]byte{2, 1, 1}, tlv(0xa1, seq())))},
		{"other evidence", "not read here", timestampedData(seq([]byte{2, 1, 1}, tlv(0xa2, oid(1, 2, 3))))},
		{"metadata without protection", "metadata", stampedData(seq(tlv(12, []byte("a"))), nil, good)},
		{"evidence of another kind of token", "1.2.840.113549.1.7.1", stampedData(nil, nil, testsign.SignedData{Opaque: true}.Sign(tsa, message))},
		{"evidence whose second is none", "malformed", stampedData(nil, nil, good, seq())},
	}
}

// Files that hold no time-stamp, or one that says nothing: each has its own reason.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, c := range unreadable() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := timestamp.Parse("cartella/prova.tsr", c.in)
			require.Nil(t, s)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "cartella/prova.tsr", "the error names the file")
		})
	}
}

func extension(critical []byte) []byte {
	return tlv(0xa1, seq(oid(1, 3, 6, 1, 4, 1, 32473, 5), critical, tlv(4, []byte{5, 0})))
}

// toleratedCase is a small departure that authorities make, which changes nothing.
type toleratedCase struct {
	name string
	in   info
	time time.Time
	late time.Duration
}

func tolerated() []toleratedCase {
	return []toleratedCase{
		{"fraction ending in zeros", info{genTime: "20260310091530.500Z"}, instant.Add(500 * time.Millisecond), time.Second},
		{"nine digits", info{genTime: "20260310091530.123456789Z"}, instant.Add(123456789), time.Second},
		{"accuracy of nothing", info{accuracy: seq()}, instant, 0},
		{"milliseconds of 0", info{accuracy: seq([]byte{2, 1, 2}, []byte{0x80, 1, 0})}, instant, 2 * time.Second},
		{"no accuracy: a minute", info{accuracy: []byte{}}, instant, timestamp.UnstatedAccuracy},
		{"an extension", info{rest: extension(nil)}, instant, time.Second},
		{"serial number of 64 octets", info{serial: append([]byte{2, timestamp.MaxInteger, 0x40}, make([]byte, timestamp.MaxInteger-1)...)}, instant, time.Second},
		{"negative serial number", info{serial: []byte{2, 1, 0xff}}, instant, time.Second},
		{"authority as host name", info{rest: tlv(0xa0, tlv(0x82, []byte("tsa.example.it")))}, instant, time.Second},
	}
}

// Small departures that authorities make, which change nothing.
func TestParseTolerates(t *testing.T) {
	t.Parallel()
	for _, c := range tolerated() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := verify(t, token(tsa, c.in.der()), message, options(t))
			require.True(t, r.Verified, "%+v", r.Findings)
			require.Equal(t, c.time, r.Stamp.Time)
			require.Equal(t, c.time.Add(c.late), r.Latest)
		})
	}
	r := verify(t, token(tsa, info{rest: extension([]byte{1, 1, 0xff})}.der()), message, options(t))
	require.Equal(t, []string{timestamp.CodeExtension}, failures(r), "what is critical has to be understood")
}

// refusedCase is the answer of an authority that refused.
type refusedCase struct {
	name string
	in   []byte
	want timestamp.StatusError
}

func refused() []refusedCase {
	text := seq(tlv(12, []byte("Bad request format")), tlv(12, []byte("seconda riga")))
	return []refusedCase{
		{"rejection", seq(seq([]byte{2, 1, 2}, text, []byte{3, 2, 5, 0x24})), timestamp.StatusError{Status: "rejection", Text: "Bad request format; seconda riga", Failures: []string{"badRequest", "badDataFormat"}}},
		{"waiting", seq(seq([]byte{2, 1, 3})), timestamp.StatusError{Status: "waiting"}},
		{"time not available", seq(seq([]byte{2, 1, 2}, []byte{3, 3, 1, 0, 2})), timestamp.StatusError{Status: "rejection", Failures: []string{"timeNotAvailable"}}},
		{"unknown failure", seq(seq([]byte{2, 1, 2}, []byte{3, 2, 0, 1})), timestamp.StatusError{Status: "rejection", Failures: []string{"failure 7"}}},
		{"a token beside a refusal", seq(seq([]byte{2, 1, 2}), token(tsa, info{}.der())), timestamp.StatusError{Status: "rejection"}},
		{"revocation warning", seq(seq([]byte{2, 1, 4}), token(tsa, info{}.der())), timestamp.StatusError{Status: "revocationWarning"}},
		{"status 99", seq(seq([]byte{2, 1, 99})), timestamp.StatusError{Status: "status 99"}},
		{"long status", seq(seq([]byte{2, 2, 1, 0})), timestamp.StatusError{Status: "a status that is not defined"}},
	}
}

// An authority that refused has said why; that is an error of its own.
func TestStatusError(t *testing.T) {
	t.Parallel()
	for _, c := range refused() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := timestamp.Parse("rifiuto.tsr", c.in)
			var got *timestamp.StatusError
			require.ErrorAs(t, err, &got)
			c.want.Name = "rifiuto.tsr"
			require.Equal(t, c.want, *got)
			require.ErrorContains(t, err, "rifiuto.tsr")
			require.ErrorContains(t, err, c.want.Status)
		})
	}
}

// Each limit just inside and just outside.
func TestLimits(t *testing.T) {
	t.Parallel()
	limit := func(in []byte) (string, int) {
		s, err := timestamp.Parse("prova", in)
		if err == nil {
			require.NotNil(t, s)
			return "", 0
		}
		var le *timestamp.LimitError
		require.ErrorAs(t, err, &le)
		require.Equal(t, "prova", le.Name)
		require.ErrorContains(t, err, le.Limit)
		return le.Limit, le.Max
	}
	good := token(tsa, info{}.der())

	// Bytes of a token: an unsigned attribute fills it.
	filled := func(size int) []byte {
		fill := func(n int) []byte {
			return token(tsa, info{}.der(), func(s *testsign.SignedData) {
				s.Signer.Unsigned = []testsign.CMSAttribute{{OID: testsign.OIDSMIMECapabilities, Values: [][]byte{tlv(4, make([]byte, n))}}}
			})
		}
		n := size - len(fill(0))
		for len(fill(n)) > size {
			n--
		}
		require.Equal(t, size, len(fill(n)))
		return fill(n)
	}
	name, _ := limit(filled(timestamp.MaxToken))
	require.Empty(t, name)
	name, most := limit(filled(timestamp.MaxToken + 1))
	require.Equal(t, "token", name)
	require.Equal(t, timestamp.MaxToken, most)

	var chain [][]byte
	for range timestamp.MaxEvidence {
		chain = append(chain, good)
	}
	name, _ = limit(stampedData(nil, nil, chain...))
	require.Empty(t, name)
	name, _ = limit(stampedData(nil, nil, append(chain, good)...))
	require.Equal(t, "evidence", name)

	nest := func(levels int) []byte {
		inner := []byte{5, 0}
		for range levels - 1 {
			inner = seq(inner)
		}
		return inner
	}
	_, err := timestamp.Parse("prova", nest(32))
	var syntax *timestamp.SyntaxError
	require.ErrorAs(t, err, &syntax, "deep, and no time-stamp")
	name, _ = limit(nest(33))
	require.Equal(t, "depth", name)
}

// A .tsd with the largest message, and one byte more.
func TestLimitFile(t *testing.T) { // not parallel: it looks at memory
	good := token(tsa, info{}.der())
	frame := len(stampedData(nil, make([]byte, 32<<20), good)) - 32<<20
	in := stampedData(nil, make([]byte, timestamp.MaxFile-frame), good)
	require.Equal(t, timestamp.MaxFile, len(in))
	s := parse(t, in)
	require.True(t, s.HasContent)
	_, err := timestamp.Parse("prova", append(in, 0))
	var le *timestamp.LimitError
	require.ErrorAs(t, err, &le)
	require.Equal(t, "file", le.Limit)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	parse(t, in)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "what is inside is not copied")
	_, err = timestamp.Parse("prova", []byte(strings.Repeat("0", timestamp.MaxFile)))
	require.Error(t, err)
}
