package mime

import (
	"testing"

	"github.com/emersion/go-message/mail"
	"github.com/stretchr/testify/require"
)

// FuzzPlainAddresses: what is read without the grammar is what the grammar
// reads.
func FuzzPlainAddresses(f *testing.F) {
	for _, s := range []string{
		"a@b", "mittente@pec.example.it", `"Per conto di: a@pec.example.it" <posta-certificata@pec.example.it>`, "<a@b.c>", " a@b , <c-d_e@f.g>\t",
		`"x" a@b`, `"" <a@b>`, "a@b,", ",a@b", "a.@b", ".a@b", "a..b@c", "a@b.", "a@b@c", "a@[1.2.3.4]", "a@b (x)", `"a\"b" <c@d>`, `"=?utf-8?q?a?=" <b@c>`,
		"a @b", "<a@b", "a@b>", "x <a@b>", "g: a@b;", `"a`, `"a"`, "a@b c@d", "\"a\xe8\" <b@c>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := plainAddresses(nil, s)
		if !ok {
			return
		}
		strict, err := mail.ParseAddressList(s)
		require.NoError(t, err, "%q", s)
		require.Len(t, got, len(strict))
		for i, a := range strict {
			require.Equal(t, Address{Name: DecodeWords(a.Name), Addr: a.Address}, got[i])
		}
	})
}

// TestPlainAddresses: the fields that providers write are read without the
// grammar.
func TestPlainAddresses(t *testing.T) {
	t.Parallel()
	for s, plain := range map[string]bool{
		"mittente@pec.example.it": true,
		`"Per conto di: mittente@pec.example.it" <posta-certificata@pec.example.it>`: true,
		"a@pec.example.it, <b@pec.example.it>,\tc_d-e.f@pec.example.it ":             true,
		"Per conto di: mittente@pec.example.it <posta-certificata@pec.example.it>":   false,
		`"=?utf-8?q?a?=" <b@pec.example.it>`:                                         false,
		"":                                                                           false,
	} {
		_, ok := plainAddresses(nil, s)
		require.Equal(t, plain, ok, s)
	}
}

// FuzzPlainContentType: what is read in plain words is what is read in full.
func FuzzPlainContentType(f *testing.F) {
	for _, s := range []string{
		"text/plain", "text/plain; charset=utf-8", `multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="----=_Part_1"`,
		"multipart/mixed;boundary=b;", "text/plain; a*=utf-8''b", "text/plain; a=b; A=c", `text/plain; a="b\\c"`, "text/plain; =b", "Text/HTML ; Charset = x", "text/",
		"text/plain; a=", `text/plain; a=""`, "text/plain; a=b (c)", "text/plain;; a=b", `text/plain; name="=?utf-8?q?a?="`, "text/plain; a=b c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mediaType, list, ok := plainContentType(s, nil)
		if !ok {
			return
		}
		var e Entity
		e.readContentTypeInFull(s, 0)
		require.Empty(t, e.Defects, "%q", s)
		require.Equal(t, e.MediaType, mediaType)
		require.Len(t, list, len(e.Params))
		for _, p := range list {
			require.Equal(t, e.Params.Get(p.name), p.value, p.name)
		}
	})
}
