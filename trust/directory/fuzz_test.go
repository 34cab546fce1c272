package directory_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/directory"
)

// FuzzRead: what a directory holds is what its look-ups find, and what was read
// is written so that it is read as the same.
func FuzzRead(f *testing.F) {
	example, err := os.ReadFile("testdata/example.ldif")
	require.NoError(f, err)
	f.Add(string(example))
	alfa := provider("Alfa", "alfa.example.it")
	f.Add(base + record("Alfa", alfa) + "dn: providerUnit=U,providerName=Alfa,o=postacert\nmanagedDomains: città.it\n")
	f.Add("dn: providerName=\\,+ \"x\",o=postacert\nproviderName: é\nmailReceipt: a@b\n\nmanagedDomains: A.B.\n")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := directory.Read("x", strings.NewReader(text), nil)
		if err != nil {
			return
		}
		for _, r := range d.Records {
			for _, domain := range r.Domains {
				require.Contains(t, d.ByDomain(domain), r)
				require.True(t, d.Certified("a@"+domain))
			}
			for _, c := range r.Certificates {
				found := d.ByCertificate(c)
				require.NotEmpty(t, found)
				require.False(t, found[0].HashOnly)
			}
			if r.Receipt != "" {
				require.Contains(t, d.ByServiceAddress(r.Receipt), r)
			}
			require.NotEmpty(t, r.Provider)
		}
		var b bytes.Buffer
		require.NoError(t, directory.Write(&b, d.Location, d.Records...))
		again, err := directory.Read("x", &b, nil)
		require.NoError(t, err)
		require.LessOrEqual(t, len(again.Records), len(d.Records)) // names that were told apart by what is not written
		for i, r := range again.Records {
			if len(again.Records) == len(d.Records) {
				require.Equal(t, d.Records[i].Domains, r.Domains)
				require.Equal(t, d.Records[i].Receipt, r.Receipt)
				require.Len(t, r.Certificates, len(d.Records[i].Certificates))
			}
		}
	})
}

// FuzzReadSigned: nothing comes out of bytes that the signer did not sign.
func FuzzReadSigned(f *testing.F) {
	store := anchors(f, root())
	id := manager(testsign.Certificate{})
	for _, encoding := range []testsign.Encoding{testsign.DER, testsign.BERAll} {
		f.Add(sign(testsign.SignedData{Encoding: encoding}, id, base))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := directory.ReadSigned("x", b, store, now())
		if err != nil {
			require.Nil(t, d)
			return
		}
		require.True(t, d.Complete())
		require.Equal(t, "https://indice.example.it/indice.ldif.p7m", d.Location)
		require.Equal(t, id.DER, d.Signature.Signer.Raw)
	})
}

// FuzzFoldDomain: folding twice is folding once, and the result is ASCII.
func FuzzFoldDomain(f *testing.F) {
	for _, s := range []string{"pec.example.it", "CITTÀ.it.", "xn--a.b", "日本語.jp", "a\u0300", "*.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded, ok := directory.FoldDomain(s)
		if !ok {
			return
		}
		again, ok := directory.FoldDomain(folded)
		require.True(t, ok)
		require.Equal(t, folded, again)
		for i := range len(folded) {
			require.Less(t, folded[i], byte(0x80))
		}
	})
}
