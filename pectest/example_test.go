package pectest_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// One mail to three recipients: one with a PEC mailbox, one that does not exist,
// one with ordinary mail.
func Example() {
	c, err := pectest.NewCircuit()
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	to := []string{"destinatario@pec.example.com", "nobody@pec.example.com", "altri@example.net"}
	mail := "From: mittente@pec.example.it\r\n" +
		"To: " + strings.Join(to, ", ") + "\r\n" +
		"Subject: Prova\r\n\r\nCiao.\r\n"
	if _, err := c.Submit("mittente@pec.example.it", to, []byte(mail)); err != nil {
		log.Fatal(err)
	}
	for m := range c.Mailbox("mittente@pec.example.it").Messages() {
		report, err := c.Verify(m)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s, recipient %q\n", report.Kind, report.Proves, report.Data.Delivery)
	}
	// Output:
	// accettazione: accepted, recipient ""
	// avvenuta-consegna: delivered, recipient "destinatario@pec.example.com"
	// errore-consegna: not-delivered, recipient "nobody@pec.example.com"
}

// A scenario: a provider with the habits of another decade, a recipient of whom
// nothing is heard, and a day that passes at once.
func ExampleNewCircuit() {
	c, err := pectest.NewCircuit(
		pectest.WithClock(pectest.NewClock(time.Date(2026, time.July, 1, 8, 0, 0, 0, time.UTC))),
		pectest.WithProvider("uno.example.it",
			pectest.WithDomain("pec.comune.example.it", "protocollo"),
			pectest.WithSHA1(), pectest.WithBER(), pectest.WithXPKCS7()),
		pectest.WithProvider("due.example.it",
			pectest.WithDomain("pec.studio.example.it", "avvocato")),
		pectest.WithFault("avvocato@pec.studio.example.it", pectest.FaultSilent),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	mail := "From: protocollo@pec.comune.example.it\r\nTo: avvocato@pec.studio.example.it\r\n\r\nBuongiorno.\r\n"
	if _, err := c.Submit("protocollo@pec.comune.example.it", []string{"avvocato@pec.studio.example.it"}, []byte(mail)); err != nil {
		log.Fatal(err)
	}
	c.Clock().Advance(24 * time.Hour)
	for m := range c.Mailbox("protocollo@pec.comune.example.it").Messages() {
		report, err := c.Verify(m)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Time.Format(time.RFC3339), report.Proves)
	}
	// Output:
	// 2026-07-01T10:00:00+02:00 accepted
	// 2026-07-01T22:00:00+02:00 late
	// 2026-07-02T10:00:00+02:00 expired
}

// A program that answers receipts is told of them as they come.
func ExampleWithDeliveryHook() {
	c, err := pectest.NewCircuit(pectest.WithDeliveryHook(func(b *pectest.Mailbox, m *pectest.Message) {
		if m.Kind == pec.KindTransport {
			fmt.Println("new mail for", b.Address())
		}
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	mail := "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\n\r\nCiao.\r\n"
	if _, err := c.Submit("mittente@pec.example.it", []string{"destinatario@pec.example.com"}, []byte(mail)); err != nil {
		log.Fatal(err)
	}
	// Output: new mail for destinatario@pec.example.com
}
