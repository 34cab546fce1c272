package testsign

import (
	"fmt"
	"strings"

	"github.com/gopec/gopec/daticert"
)

// model writes the text for people: a title line, an empty line, the text. It
// says in Italian what the models of RFC 6109 §3 say, with the same facts in
// the same order.
func (m *Message) model() string {
	d := &m.Data
	about := fmt.Sprintf("\"%s\" proveniente da \"%s\"\ned indirizzato a:\n%s\n", d.Subject, d.Sender, list(addresses(d.Recipients)))
	toOne := fmt.Sprintf("\"%s\" proveniente da \"%s\"\ned indirizzato a \"%s\"\n", d.Subject, d.Sender, d.Delivery)
	forUser := fmt.Sprintf("\"%s\" proveniente da \"%s\"\ne destinato all'utente \"%s\"\n", d.Subject, d.Sender, d.Delivery)
	switch m.Kind {
	case daticert.TypeTransport:
		return m.text("Messaggio di posta certificata", "il messaggio\n"+fmt.Sprintf("\"%s\" è stato inviato da \"%s\"\ned indirizzato a:\n%s\n", d.Subject, d.Sender, list(addresses(d.Recipients)))+
			"Il messaggio originale è incluso in allegato.\n")
	case daticert.TypeAcceptance:
		return m.text("Ricevuta di accettazione", fmt.Sprintf("il messaggio\n\"%s\" proveniente da \"%s\"\ned indirizzato a:\n%s\n", d.Subject, d.Sender, list(m.recipientsWithType()))+
			"è stato accettato dal sistema ed inoltrato.\n")
	case daticert.TypeNonAcceptance:
		if m.forVirus() {
			return m.text("Errore nell'accettazione del messaggio per presenza di virus", "nel messaggio\n"+about+
				"è stato rilevato un problema di sicurezza: "+d.ErrorExtended+".\nIl messaggio non è stato accettato.\n")
		}
		return m.text("Errore nell'accettazione del messaggio", "nel messaggio\n"+about+
			"è stato rilevato un problema che ne impedisce l'accettazione a causa di:\n"+d.ErrorExtended+".\nIl messaggio non è stato accettato.\n")
	case daticert.TypeTakingInCharge:
		return m.text("Ricevuta di presa in carico", "il messaggio\n"+about+"è stato accettato dal sistema.\n")
	case daticert.TypeDelivery:
		title := "Ricevuta di avvenuta consegna"
		if d.Receipt == daticert.ReceiptBrief || d.Receipt == daticert.ReceiptConcise {
			title += " " + string(d.Receipt)
		}
		return m.text(title, "il messaggio\n"+toOne+"è stato consegnato nella casella di destinazione.\n")
	case daticert.TypeDeliveryError:
		if m.forVirus() {
			return m.text("Avviso di mancata consegna per virus", "nel messaggio\n"+forUser+
				"è stato rilevato un problema di sicurezza: "+d.ErrorExtended+".\nIl messaggio non è stato consegnato.\n")
		}
		return m.text("Avviso di mancata consegna", "nel messaggio\n"+forUser+
			"è stato rilevato un errore: "+d.ErrorExtended+".\nIl messaggio è stato rifiutato dal sistema.\n")
	case daticert.TypeTimeout:
		return m.text("Avviso di mancata consegna per superamento del tempo massimo", "il messaggio\n"+toOne+m.timeoutText())
	case daticert.TypeVirusDetection:
		return m.text("Avviso di rilevazione di virus informatico", "nel messaggio\n"+forUser+
			"è stato rilevato un problema di sicurezza: "+d.ErrorExtended+".\n")
	case Anomaly:
		return "Anomalia nel messaggio\n\n" + m.moment() + " è stato ricevuto il messaggio\n" + about +
			"Tali dati non sono stati certificati per il seguente errore:\n" + d.ErrorExtended + "\n" +
			"Il messaggio originale è incluso in allegato.\n"
	}
	return m.text("Messaggio di tipo sconosciuto", "il messaggio\n"+about)
}

func (m *Message) timeoutText() string {
	if m.Final {
		return "non è stato consegnato nelle ventiquattro ore successive al suo invio.\n" +
			"La trasmissione deve considerarsi conclusa con esito negativo.\n"
	}
	return "non è stato consegnato nelle prime dodici ore dal suo invio.\n" +
		"Non si esclude che possa essere consegnato in seguito, ma la spedizione potrebbe\n" +
		"non andare a buon fine. Se nelle prossime dodici ore non giungerà conferma dal\n" +
		"destinatario, il sistema invierà un secondo avviso di mancata consegna.\n"
}

func (m *Message) text(title, body string) string {
	return title + "\n\n" + m.moment() + " " + body + "Identificativo messaggio: " + m.Data.ID + "\n"
}

func (m *Message) moment() string {
	d := m.Data.Date
	return fmt.Sprintf("Il giorno %s alle ore %s (%s)", d.Day, d.Hour, d.Zone)
}

// recipientsWithType adds what the acceptance says of each recipient.
func (m *Message) recipientsWithType() []string {
	var all []string
	for _, r := range m.Data.Recipients {
		kind := "posta certificata"
		if r.Type == daticert.RecipientExternal {
			kind = "posta ordinaria"
		}
		all = append(all, r.Address+` ("`+kind+`")`)
	}
	return all
}

func list(lines []string) string { return strings.Join(lines, "\n") }
