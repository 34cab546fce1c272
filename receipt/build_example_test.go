package receipt_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// A message goes from one provider's access point to another's mailbox: the
// first accepts and wraps it, the second certifies that it was delivered.
func Example() {
	provider := func(id *testsign.Identity) *envelope.Provider { // key and certificate come from elsewhere
		return &envelope.Provider{Name: id.Organization, Address: id.Address,
			Signer: &smime.Signer{Key: id.Key, Certificate: id.X509()}}
	}
	uno, due := provider(testsign.NewCircle().One), provider(testsign.NewCircle().Two)
	now := testsign.Instant

	// At the sender's provider.
	mail := strings.NewReader("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\n" +
		"Subject: Verbale\r\nMessage-ID: <1@client.example.it>\r\n\r\nTesto.\r\n")
	original := io.NewSectionReader(mail, 0, mail.Size())
	to := []daticert.Recipient{{Type: daticert.RecipientCertified, Address: "destinatario@pec.example.com"}}
	facts, err := envelope.Facts(original, "mittente@pec.example.it", to, "opec1.20260310101530@pec.example.it")
	if err != nil {
		log.Fatal(err)
	}
	accepted, err := (&receipt.Issuer{By: uno, About: facts, At: now}).Acceptance()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(accepted.Data.Type, accepted.Data.Provider)
	outgoing, err := uno.Transport(facts, original, now)
	if err != nil {
		log.Fatal(err)
	}
	var wire bytes.Buffer
	if _, err := outgoing.WriteTo(&wire); err != nil {
		log.Fatal(err)
	}

	// At the recipient's provider. A real one verifies what it has read.
	m, err := pec.ReadAll(&wire)
	if err != nil {
		log.Fatal(err)
	}
	inside, err := m.Transport.Original.Section()
	if err != nil {
		log.Fatal(err)
	}
	i := receipt.Issuer{By: due, About: m.Transport.Facts(), At: now}
	delivered, err := i.Delivery("destinatario@pec.example.com", inside)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(delivered.Data.Type, delivered.Data.Provider, delivered.Data.Delivery)

	_, err = i.Delivery("altro@pec.example.com", inside)
	fmt.Println(err)
	// Output:
	// accettazione Gestore Uno S.p.A.
	// avvenuta-consegna Gestore Due S.p.A. destinatario@pec.example.com
	// envelope: cannot build the message: consegna: "altro@pec.example.com" is none of the recipients
}
