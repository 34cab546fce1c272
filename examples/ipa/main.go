// Command ipa says of a PEC message who the public bodies among its sender and
// recipients are: certification data first, then a snapshot of the registry.
//
//	ipa update -file ipa.idx
//	go run ./examples/ipa ipa.idx FILE [CA.pem]
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/gopec/gopec/ipa"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: ipa SNAPSHOT FILE [CA.pem]")
	}
	snapshot, err := ipa.Load(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	report := verified(os.Args[2], os.Args[3:])
	fmt.Println(report.Outcome(pec.English))
	fmt.Println("from:", snapshot.Address(report.Data.Sender))
	for _, r := range report.Data.Recipients {
		fmt.Println("to:  ", snapshot.Address(r.Address))
	}
}

// verified verifies a message: only then its sender is worth asking about.
func verified(path string, authority []string) *pec.Report {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	message, err := pec.ReadAll(f)
	if err != nil {
		log.Fatal(err)
	}
	options := &pec.VerifyOptions{} // AgID's authority, at the time the message certifies
	if len(authority) > 0 {
		pem, err := os.ReadFile(authority[0])
		if err != nil {
			log.Fatal(err)
		}
		anchors, err := trust.ParseAnchors(pem)
		if err != nil {
			log.Fatal(err)
		}
		if options.Trust, err = trust.NewStore(false, anchors...); err != nil {
			log.Fatal(err)
		}
	}
	report, err := pec.Verify(message, options)
	if err != nil {
		log.Fatal(err) // not certified, and why
	}
	return report
}
