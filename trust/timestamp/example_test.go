package timestamp_test

import (
	"bytes"
	"fmt"
	"log"
	"time"

	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/timestamp"
)

// A stamp is held against the file that it should be over, under an authority that the
// caller names.
func ExampleStamp_Verify() {
	at := time.Date(2026, 3, 10, 9, 15, 30, 0, time.UTC)
	authority, err := pectest.NewTimestampAuthority(at.AddDate(-1, 0, 0), at.AddDate(9, 0, 0))
	if err != nil {
		log.Fatal(err)
	}
	receipt := []byte("From: posta-certificata@pec.example.it\r\n…")
	tsr, err := authority.Stamp(bytes.NewReader(receipt), at)
	if err != nil {
		log.Fatal(err)
	}

	stamp, err := timestamp.Parse("ricevuta.tsr", tsr)
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range [][]byte{receipt, []byte("another file")} {
		digests, err := timestamp.Hash(bytes.NewReader(file), stamp)
		if err != nil {
			log.Fatal(err)
		}
		result := stamp.Verify(digests, timestamp.Options{Anchors: authority.Anchors()})
		if failure, failed := result.Failure(); failed {
			fmt.Println("no proof:", failure.Detail)
		} else {
			fmt.Println("existed at", result.Latest.Format(time.RFC3339))
		}
	}
	// Output:
	// existed at 2026-03-10T09:15:31Z
	// no proof: it is a stamp of another file: the imprint is not this file's
}
