package daticert_test

import (
	"fmt"
	"os"
	"time"

	"github.com/gopec/gopec/daticert"
)

func ExampleParse() {
	b, err := os.ReadFile("testdata/errore-consegna.xml")
	if err != nil {
		panic(err)
	}
	d, err := daticert.Parse(b, nil)
	if err != nil {
		panic(err)
	}
	at, err := d.Time()
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Type, "for", d.Delivery)
	fmt.Println(at.Format(time.RFC3339))
	fmt.Println(d.Detail().Code, d.Detail().Text)
	// Output:
	// errore-consegna for inesistente@pec.example.it
	// 2026-09-01T08:30:00+02:00
	// 5.1.1 indirizzo non valido
}

// What departs from the norm is named and does not stop the reading.
func ExampleParse_defects() {
	d, err := daticert.Parse([]byte(`<postacert tipo="accettazione">
  <intestazione>
    <mittente>mittente@pec.example.it</mittente>
    <destinatari>destinatario@pec.example.it</destinatari>
    <risposte/>
    <oggetto>Prova&#18;</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>Esempio PEC S.p.A.</gestore-emittente>
    <data zona="+0100"><giorno>31/02/2026</giorno><ora>10:00:00</ora></data>
    <identificativo>uno@pec.example.it</identificativo>
    <identificativo>due@pec.example.it</identificativo>
  </dati>
</postacert>`), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.ID)
	for _, x := range d.Defects {
		fmt.Println(x)
	}
	// Output:
	// uno@pec.example.it
	// line 6: /postacert/intestazione/oggetto: xml-illegal-character: reference "&#18;" to a character that XML 1.0 forbids
	// line 10: /postacert/dati/data: date: giorno is "31/02/2026": want a date dd/mm/yyyy from 1970 on
	// line 12: /postacert/dati/identificativo: repeated-element: a second identificativo, "due@pec.example.it", after "uno@pec.example.it"
}

func ExampleData_AppendXML() {
	d := daticert.Data{
		Type:       daticert.TypeAcceptance,
		Sender:     "mittente@pec.example.it",
		Recipients: []daticert.Recipient{{Type: daticert.RecipientExternal, Address: "segreteria@example.com"}},
		Subject:    "Ordine & fattura",
		Provider:   "Esempio PEC S.p.A.",
		Date:       daticert.Date{Day: "09/01/2026", Hour: "12:00:00", Zone: "+0100"},
		ID:         "opec300.20260109120000.00003.1.1.1@pec.example.it",
	}
	b, err := d.AppendXML(nil)
	if err != nil {
		panic(err)
	}
	fmt.Print(string(b))
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <postacert tipo="accettazione" errore="nessuno">
	//     <intestazione>
	//         <mittente>mittente@pec.example.it</mittente>
	//         <destinatari tipo="esterno">segreteria@example.com</destinatari>
	//         <risposte></risposte>
	//         <oggetto>Ordine &amp; fattura</oggetto>
	//     </intestazione>
	//     <dati>
	//         <gestore-emittente>Esempio PEC S.p.A.</gestore-emittente>
	//         <data zona="+0100">
	//             <giorno>09/01/2026</giorno>
	//             <ora>12:00:00</ora>
	//         </data>
	//         <identificativo>opec300.20260109120000.00003.1.1.1@pec.example.it</identificativo>
	//     </dati>
	// </postacert>
}

func ExampleParseErrorDetail() {
	d := daticert.ParseErrorDetail("5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido")
	fmt.Printf("%q %q %q\n", d.Code, d.Provider, d.Text)
	// Output: "5.1.1" "ARUBA PEC S.p.A." "indirizzo non valido"
}
