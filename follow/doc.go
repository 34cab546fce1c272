// Package follow follows a certified message through its receipts: was it
// accepted, was it delivered, to each of its recipients, when, and what is
// missing.
//
// A [Tracker] is fed with the reports of pec.Verify in any order, repeated, over
// days and restarts, and gives the state of each message and recipient:
//
//	var t follow.Tracker
//	report, _ := pec.Verify(m, nil)
//	outcome := t.Add(report) // added, duplicate, or ignored and why
//	if sent := t.Message(outcome.ID); sent != nil {
//		for _, r := range sent.Recipients {
//			fmt.Println(r.Address, r.Status, r.Time)
//		}
//	}
//
// It implements the exchange of RFC 6109 §2 and §3 as the sender sees it. A state
// is a function of the set of facts that certified messages state: the order in
// which they come does not matter, and one that comes again changes nothing.
// Facts that contradict each other are all kept, and each [Contradiction] is told.
//
// Only reports that pec.Verify made of certified messages count. All others are
// kept apart, with the reason ([Tracker.Ignored]). There is no way to count them
// all the same: whoever has reason to believe more says so to pec.Verify, by an
// anchor, a time or a policy, where the report says what was believed.
//
// A report speaks of one layer. [Tracker.Add] takes that one; [Tracker.AddAll] takes
// the receipts inside it, too, such as those that somebody forwarded, each
// for what it is by itself.
//
// [Tracker.Submitted] takes the caller's word that a message was sent, so that what
// to wait for is known before the first receipt, and [Tracker.Submissions] says which
// certified message answers it. It changes no state.
//
// Messages are told apart by identificativo, which the sender's provider gives
// to each. [Tracker.Find] leads from a client's own Message-ID to it.
//
// [Compare] holds what a receipt encloses against the file that the sender kept.
//
// What is not checked: that the provider that issued a receipt is the one that
// serves the address it is about; a report says so of itself. Of a message for
// which no certified receipt ever came nothing is known but what the caller says.
//
// A Tracker may be used by several goroutines at once. It takes memory for each
// fact and for each list of recipients once, and nothing of the messages
// themselves. [Tracker.Save] and [Load] keep it as JSON; a program with a
// database of its own keeps the facts ([Tracker.Facts]) and gives them back
// ([Tracker.Restore]).
//
// Names of this package may still change while the module's version is below 1.
package follow
