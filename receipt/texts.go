package receipt

import (
	"fmt"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
)

// prefix is what stands before the subject of a notice.
//
// QUIRK: RFC 6109 §3.1.6 prints two spaces after SUP.; providers write one.
//
// spec: RFC 6109 §3
func prefix(d *daticert.Data) string {
	virus := ""
	if d.Error == daticert.ErrorVirus {
		virus = " PER VIRUS"
	}
	switch d.Type {
	case daticert.TypeAcceptance:
		return "ACCETTAZIONE: "
	case daticert.TypeNonAcceptance:
		return "AVVISO DI NON ACCETTAZIONE" + virus + ": "
	case daticert.TypeTakingInCharge:
		return "PRESA IN CARICO: "
	case daticert.TypeDelivery:
		return "CONSEGNA: "
	case daticert.TypeDeliveryError:
		return "AVVISO DI MANCATA CONSEGNA" + virus + ": "
	case daticert.TypeTimeout:
		return "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: "
	}
	return "PROBLEMA DI SICUREZZA: "
}

// text is the readable text of a notice: the models of the norm, in the words
// that providers use where genuine notices are known (acceptance, delivery,
// delivery error), and for the others, of which none is, the model put in the
// same style.
func text(d *daticert.Data, at time.Time) (title, body string) {
	title, event := event(d)
	return title, compose.Moment(at) + " " + event + "Identificativo messaggio: " + d.ID + "\n"
}

// event is the title of a notice and what it says after the date.
func event(d *daticert.Data) (title, text string) {
	virus := d.Error == daticert.ErrorVirus
	switch d.Type {
	case daticert.TypeAcceptance: // spec: RFC 6109 §3.1.4
		return "Ricevuta di accettazione", "il messaggio\n" + toAll(d, true) +
			"è stato accettato dal sistema ed inoltrato.\n"
	case daticert.TypeNonAcceptance:
		if virus { // spec: RFC 6109 §3.1.3; model of the norm
			return "Errore nell'accettazione del messaggio per presenza di virus", "nel messaggio\n" + toAll(d, false) +
				security(d) + "Il messaggio non è stato accettato.\n"
		}
		// spec: RFC 6109 §3.1.2; model of the norm
		return "Errore nell'accettazione del messaggio", "nel messaggio\n" + toAll(d, false) +
			"è stato rilevato un problema che ne impedisce l'accettazione a causa di:\n" +
			d.ErrorExtended + "\nIl messaggio non è stato accettato.\n"
	case daticert.TypeTakingInCharge: // spec: RFC 6109 §3.2.1; model of the norm
		return "Ricevuta di presa in carico", "il messaggio\n" + taken(d) + "è stato accettato dal sistema.\n"
	case daticert.TypeDelivery: // spec: RFC 6109 §3.3.2.1 to §3.3.2.3
		return deliveryTitle(d), "il messaggio\n" + toOne(d) + "è stato consegnato nella casella di destinazione.\n"
	case daticert.TypeDeliveryError:
		if virus { // spec: RFC 6109 §3.2.4; model of the norm
			return "Avviso di mancata consegna per presenza di virus", "nel messaggio\n" + toOne(d) +
				security(d) + "Il messaggio non è stato consegnato.\n"
		}
		// spec: RFC 6109 §3.3.3
		return "Avviso di mancata consegna", "nel messaggio\n" + toOne(d) +
			"è stato rilevato il seguente errore:\n" + d.ErrorExtended + "\nIl messaggio è stato rifiutato dal sistema.\n"
	case daticert.TypeTimeout: // spec: RFC 6109 §3.1.6; model of the norm
		return "Avviso di mancata consegna per superamento del tempo massimo", "il messaggio\n" + toOne(d) + timeout(d)
	}
	// spec: RFC 6109 §3.2.3; model of the norm
	return "Avviso di rilevazione di virus", "nel messaggio\n" + toOne(d) + security(d)
}

func deliveryTitle(d *daticert.Data) string {
	const title = "Ricevuta di avvenuta consegna"
	if d.Receipt == daticert.ReceiptComplete {
		return title
	}
	return title + " " + string(d.Receipt) // "breve", "sintetica"
}

// toAll says what message it is and to whom it went. An acceptance says of each
// recipient whether it has a PEC mailbox.
func toAll(d *daticert.Data, withType bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\"%s\" proveniente da \"%s\"\ned indirizzato a:\n", d.Subject, d.Sender)
	for _, r := range d.Recipients {
		b.WriteString(r.Address)
		switch {
		case withType && r.Type == daticert.RecipientExternal:
			b.WriteString(` ("posta ordinaria")`)
		case withType:
			b.WriteString(` ("posta certificata")`)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func toOne(d *daticert.Data) string {
	return fmt.Sprintf("\"%s\" proveniente da \"%s\"\ned indirizzato a \"%s\"\n", d.Subject, d.Sender, d.Delivery)
}

// taken says what message it is and which of its recipients a provider has
// taken over: its own.
func taken(d *daticert.Data) string {
	return fmt.Sprintf("\"%s\" proveniente da \"%s\"\ned indirizzato a:\n%s\n", d.Subject, d.Sender, strings.Join(d.Receptions, "\n"))
}

func security(d *daticert.Data) string {
	return "è stato rilevato un problema di sicurezza: " + d.ErrorExtended + "\n"
}

// timeout has the words by which a notice at 12 h is told from one at 24 h if
// nothing else tells them apart.
func timeout(d *daticert.Data) string {
	if d.Detail().Code == codeExpired {
		return "non è stato consegnato nelle ventiquattro ore successive al suo invio.\n" +
			"La trasmissione è da considerarsi conclusa con esito negativo.\n"
	}
	return "non è stato consegnato nelle prime dodici ore successive al suo invio.\n" +
		"Non si esclude che possa essere ancora consegnato, ma l'invio potrebbe non andare a buon fine.\n" +
		"Se nelle prossime dodici ore il destinatario non darà conferma, il sistema invierà un altro avviso.\n"
}
