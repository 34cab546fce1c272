package directory_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/trust/directory"
)

// TestWriteAndRead: what is written is read back, without a defect.
func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	alfa, renewed := provider("Alfa, Società \"Posta\" S.p.A.", "alfa.example.it"), provider("Alfa bis", "alfa.example.it")
	main := &directory.Record{
		Provider: `Alfa, Società "Posta" S.p.A.`, Certificates: []*x509.Certificate{alfa, renewed}, Receipt: "servizio@alfa.example.it",
		Domains: []string{"alfa.example.it", "xn--citt-3na.example.it"}, Location: "https://alfa.example.it/alfa.ldif.p7m", Description: []string{"Perché sì", " a"},
	}
	unit := &directory.Record{
		Provider: main.Provider, Unit: "Interno+1", Certificates: []*x509.Certificate{renewed}, Receipt: "interno@alfa.example.it", Domains: []string{"interno.alfa.example.it"},
	}
	var b bytes.Buffer
	require.NoError(t, directory.Write(&b, "https://indice.example.it/indice.ldif.p7m", main, unit))
	d := read(t, b.String())
	require.Empty(t, d.Defects)
	require.True(t, d.Complete())
	require.Equal(t, "https://indice.example.it/indice.ldif.p7m", d.Location)
	require.Len(t, d.Records, 2)
	for i, want := range []*directory.Record{main, unit} {
		got := d.Records[i]
		require.Equal(t, want.Provider, got.Provider)
		require.Equal(t, want.Unit, got.Unit)
		require.Equal(t, want.Receipt, got.Receipt)
		require.Equal(t, want.Domains, got.Domains)
		require.Equal(t, want.Description, got.Description)
		require.Len(t, got.Certificates, len(want.Certificates))
		require.Len(t, got.Hashes, len(want.Certificates))
		for j, c := range want.Certificates {
			require.True(t, c.Equal(got.Certificates[j]))
		}
	}
	require.Equal(t, d.Records[0], d.Records[1].Main)
	require.Equal(t, main.Location, d.Records[1].Location)
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	broken := errors.New("no room")
	require.NoError(t, r.CloseWithError(broken))
	require.ErrorIs(t, directory.Write(w, ""), broken)
	require.ErrorIs(t, directory.Write(w, "", &directory.Record{Provider: "Alfa"}), broken)
	var b strings.Builder
	require.NoError(t, directory.Write(&b, ""))
	require.True(t, read(t, b.String()).Complete(), "a directory of nobody")
}
