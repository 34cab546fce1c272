package testsign_test

import (
	"bytes"
	"fmt"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// A forged receipt: right in every byte, but under an authority of the forger's.
func Example() {
	forger := testsign.Certificate{CA: true, Key: testsign.Key(testsign.RSA2048, "forger")}.SelfSigned()
	mail := testsign.Message{
		Kind: daticert.TypeDelivery,
		By:   testsign.Certificate{}.IssuedBy(forger),
		Data: daticert.Data{Subject: "Disdetta"},
		Set:  []testsign.Field{{Name: "Message-ID", Value: "<1@pec.example.it>"}},
	}.Bytes()
	for line := range bytes.Lines(mail) {
		if bytes.HasPrefix(line, []byte("MIME-Version")) {
			break
		}
		fmt.Printf("%s", bytes.TrimRight(line, "\r\n"))
		fmt.Println()
	}
	// Output:
	// Date: Tue, 10 Mar 2026 10:15:30 +0100
	// From: posta-certificata@pec.example.it
	// To: mittente@pec.example.it
	// Subject: CONSEGNA: Disdetta
	// Message-ID: <1@pec.example.it>
	// X-Riferimento-Message-ID: <20260310101412.4F2A11C08E@client.example.it>
	// X-Ricevuta: avvenuta-consegna
}
