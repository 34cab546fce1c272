package follow_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// One message to four recipients, thirteen hours after it was sent.
func ExampleTracker() {
	start := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	c, err := pectest.NewCircuit(pectest.WithClock(pectest.NewClock(start)))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	to := []string{"destinatario@pec.example.com", "full@pec.example.com", "silent@pec.example.com", "persona@example.net"}
	mail := "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com, full@pec.example.com,\r\n silent@pec.example.com, persona@example.net\r\n" +
		"Subject: Verbale\r\nMessage-ID: <verbale-1@client.example.it>\r\n\r\nIn allegato.\r\n"
	if _, err := c.Submit("mittente@pec.example.it", to, []byte(mail)); err != nil {
		log.Fatal(err)
	}
	c.Clock().Advance(13 * time.Hour)

	var t follow.Tracker
	for m := range c.Mailbox("mittente@pec.example.it").Messages() {
		report, err := c.Verify(m)
		if not, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
			report = not.Report // is kept apart, with the reason
		} else if err != nil {
			log.Fatal(err)
		}
		t.Add(report)
	}
	for _, id := range t.Find("<verbale-1@client.example.it>") {
		for _, r := range t.Message(id).Recipients {
			fmt.Print(r.Address, ": ", r.Status)
			if r.External {
				fmt.Print(", ordinary mail: no delivery is ever certified")
			}
			if r.Failure != nil {
				fmt.Print(", ", r.Failure.Code)
			}
			if r.Missing != nil {
				fmt.Print(", the outcome is due by ", r.Missing.Due.UTC().Format(time.RFC3339))
			}
			fmt.Println()
		}
	}
	// Output:
	// destinatario@pec.example.com: delivered
	// full@pec.example.com: failed, 5.2.2
	// silent@pec.example.com: late, the outcome is due by 2026-07-02T08:00:00Z
	// persona@example.net: accepted, ordinary mail: no delivery is ever certified
}

// A message that was handed to the provider, and of which nothing came yet.
func ExampleTracker_Submitted() {
	sent := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	var t follow.Tracker
	if _, err := t.Submitted(follow.Submission{
		MessageID: "<verbale-1@client.example.it>", Time: sent, Sender: "mittente@pec.example.it",
		Recipients: []string{"destinatario@pec.example.com"},
	}); err != nil {
		log.Fatal(err)
	}
	for s := range t.Submissions() {
		if s.Message == nil {
			fmt.Println(s.MessageID, "waits for the", s.Missing.What, "since", s.Missing.Since.Format(time.RFC3339))
		}
	}
	// Output: verbale-1@client.example.it waits for the acceptance since 2026-07-01T08:00:00Z
}
