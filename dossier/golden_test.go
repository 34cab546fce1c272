package dossier_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

var update = flag.Bool("update", false, "write the golden files")

// exampleDossier is one about the sender's copy among the example messages of the
// repository, whose bytes never change.
func exampleDossier(t testing.TB, names ...string) *dossier.Dossier {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("..", "examples", "messages", name))
		require.NoError(t, err)
		return b
	}
	block, _ := pem.Decode(read("test-ca.pem"))
	require.NotNil(t, block)
	ca, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	store, err := trust.NewStore(false, ca)
	require.NoError(t, err)
	now := time.Date(2026, 3, 12, 9, 30, 0, 0, time.FixedZone("", 3600))
	b := builder(t, "inviata.eml", read("inviata.eml"), now)
	for _, name := range names {
		add(t, b, &pec.VerifyOptions{Trust: store, Clock: func() time.Time { return now }}, input{name, read(name)})
	}
	b.Add(dossier.Failed(dossier.File{Name: "enorme.eml", Size: 2 << 30}, pec.ErrorLimit,
		dossier.Words{English: "larger than 512 MiB", Italian: "più grande di 512 MiB"}))
	return b.Dossier()
}

// mixed are example messages that contradict each other, are forged, or say
// nothing.
var mixed = []string{"accettazione.eml", "posta-certificata.eml", "avvenuta-consegna-breve.eml", "errore-consegna.eml",
	"preavviso-errore-consegna.eml", "alterata.eml", "contraffatta.eml", "anomalia.eml", "posta-ordinaria.eml", "inviata.eml"}

// TestGolden compares what is written with what was read by a person. go test
// ./dossier -run Golden -update writes the files anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	complete := exampleDossier(t, "accettazione.eml", "avvenuta-consegna.eml")
	require.True(t, complete.Complete(), "%v", codes(complete))
	open := exampleDossier(t, mixed...)
	require.False(t, open.Complete())
	for name, write := range map[string]func(io.Writer) error{
		"complete-it.txt":  func(w io.Writer) error { return complete.WriteText(w, pec.Italian) },
		"complete-en.txt":  func(w io.Writer) error { return complete.WriteText(w, pec.English) },
		"complete-it.html": func(w io.Writer) error { return complete.WriteHTML(w, pec.Italian) },
		"complete-en.json": func(w io.Writer) error { return complete.WriteJSON(w, pec.English) },
		"mixed-it.txt":     func(w io.Writer) error { return open.WriteText(w, pec.Italian) },
		"mixed-en.html":    func(w io.Writer) error { return open.WriteHTML(w, pec.English) },
		"mixed-en.json":    func(w io.Writer) error { return open.WriteJSON(w, pec.English) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			require.NoError(t, write(&b))
			path := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			wants, gots := strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")
			for i := range min(len(wants), len(gots)) {
				require.Equal(t, wants[i], gots[i], "line %d", i+1)
			}
			require.Len(t, gots, len(wants))
		})
	}
}
