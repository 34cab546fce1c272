package ipa_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/gopec/gopec/ipa"
)

// exampleSnapshot reads two small files. A Store downloads the real ones.
func exampleSnapshot() *ipa.Snapshot {
	b := ipa.NewBuilder(ipa.BuildOptions{Date: time.Date(2026, 8, 16, 2, 0, 0, 0, time.UTC)})
	for name, text := range map[string]string{
		"enti.csv": "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Mail1,Tipo_Mail1\n" +
			"c_z001,Comune di Cantalu',00144000015,L6,Protocollo@pec.comune.example.it,Pec\n" +
			"c_z002,Comune di Cantalu' Terme,,L6,comune@pec.example.it,Pec\n",
		"uo.csv": "Codice_IPA,Codice_uni_uo,Descrizione_uo,Mail1,Tipo_Mail1\n" +
			"c_z001,UF0001,Ufficio Tributi,tributi@comune.example.it,Altro\n",
	} {
		if _, err := b.Add(strings.NewReader(text), ipa.Input{Name: name}); err != nil {
			log.Fatal(err)
		}
	}
	s, err := b.Snapshot()
	if err != nil {
		log.Fatal(err)
	}
	return s
}

func ExampleSnapshot_Address() {
	s := exampleSnapshot()
	fmt.Println(s.Address("PROTOCOLLO@pec.comune.example.it"))
	fmt.Println(s.Address("tributi@comune.example.it"))
	a := s.Address("ditta@pec.example.com")
	fmt.Println(a, "-", a.Listed)
	// Output:
	// PROTOCOLLO@pec.comune.example.it is listed as PEC by Comune di Cantalu' in the IPA snapshot of 2026-08-16
	// tributi@comune.example.it is listed, not as PEC, by Ufficio Tributi, Comune di Cantalu' in the IPA snapshot of 2026-08-16
	// ditta@pec.example.com is not in the IPA snapshot of 2026-08-16 - not-in-snapshot
}

func ExampleSnapshot_Search() {
	a := exampleSnapshot().Search("comune di cantalù", nil)
	for _, e := range a.Hits {
		fmt.Println(e.Code(), e.Name(), e.Addresses()[0].Text)
	}
	fmt.Println(a.Total, "in the snapshot of", a.Snapshot.Format(time.DateOnly))
	// Output:
	// c_z001 Comune di Cantalu' Protocollo@pec.comune.example.it
	// c_z002 Comune di Cantalu' Terme comune@pec.example.it
	// 2 in the snapshot of 2026-08-16
}

func ExampleEntity_Units() {
	body := exampleSnapshot().Body("C_Z001").First()
	for unit := range body.Units() {
		fmt.Println(unit.Kind(), unit.Code(), unit.Name(), "-", unit.Body().Name())
	}
	// Output:
	// office UF0001 Ufficio Tributi - Comune di Cantalu'
}
