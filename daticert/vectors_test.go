package daticert_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// vectorNames are the documents in testdata, shaped like those of providers.
var vectorNames = []string{"posta-certificata", "accettazione", "presa-in-carico", "errore-consegna"}

func vector(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".xml"))
	require.NoError(t, err)
	return b
}

// edited returns the vector errore-consegna, which has an element of every
// kind but ricevuta and ricezione, with old replaced by new once.
func edited(t testing.TB, old, new string) []byte {
	t.Helper()
	doc := string(vector(t, "errore-consegna"))
	require.Equal(t, 1, strings.Count(doc, old), "%q must be in the vector once", old)
	return []byte(strings.Replace(doc, old, new, 1))
}

// found is what a test expects of a defect.
type found struct {
	ID   daticert.DefectID
	Path string
}

func defectsOf(d *daticert.Data) []found {
	var list []found
	for _, x := range d.Defects {
		list = append(list, found{x.ID, x.Path})
	}
	return list
}

// withoutTrace returns the fields of d without what only a parsed one has.
func withoutTrace(d *daticert.Data) daticert.Data {
	return daticert.Data{Type: d.Type, Error: d.Error, Sender: d.Sender, Recipients: d.Recipients,
		ReplyTo: d.ReplyTo, Subject: d.Subject, Provider: d.Provider, Date: d.Date, ID: d.ID,
		MessageID: d.MessageID, Receipt: d.Receipt, Delivery: d.Delivery, Receptions: d.Receptions,
		ErrorExtended: d.ErrorExtended}
}
