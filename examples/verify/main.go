// Command verify says of one message whether it is authentic and what it
// proves: the shortest use of the library.
//
//	go run ./examples/verify FILE [CA.pem]
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: verify FILE [CA.pem]")
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	message, err := pec.ReadAll(f)
	if err != nil {
		log.Fatal(err)
	}
	options := &pec.VerifyOptions{} // AgID's authority, at the time the message certifies
	if len(os.Args) > 2 {
		options.Trust = store(os.Args[2])
	}
	report, err := pec.Verify(message, options)
	if err != nil {
		log.Fatal(err) // not certified, and why
	}
	fmt.Println(report.Outcome(pec.English))
	fmt.Println("message:", report.Data.ID)
	fmt.Println("from:   ", report.Data.Sender)
}

// store believes one authority instead of AgID's: here that of the examples.
func store(path string) *trust.Store {
	b, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	anchors, err := trust.ParseAnchors(b)
	if err != nil {
		log.Fatal(err)
	}
	s, err := trust.NewStore(false, anchors...)
	if err != nil {
		log.Fatal(err)
	}
	return s
}
