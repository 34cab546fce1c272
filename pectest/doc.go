// Package pectest is a PEC circuit in memory, for tests: an authority, providers
// with domains and mailboxes, and a clock that can be moved. It is to certified
// e-mail what net/http/httptest is to HTTP.
//
// PEC TEST — NO LEGAL VALUE. Keys are made when a circuit starts and are never
// written anywhere; its certificates carry these words in every name. Nothing
// that a circuit issues certifies anything outside the test.
//
// A test starts a circuit, submits a mail as a user would, and finds in each
// mailbox what the norm prescribes, in order:
//
//	c := pectest.Start(t)
//	c.Submit("mittente@pec.example.it", []string{"destinatario@pec.example.com"}, mail)
//	for m := range c.Mailbox("mittente@pec.example.it").Messages() {
//		report, err := c.Verify(m) // accettazione, avvenuta-consegna
//	}
//
// Options describe a scenario: providers with their habits ([WithProvider]),
// faults ([WithFault]), the clock ([WithClock]). Without any there are two
// providers with one domain and two mailboxes each, see [NewCircuit].
//
// Messages take the path they take in production: built by packages envelope and
// receipt, signed by smime, and verified by pec.Verify at every incoming point.
// What differs is that providers hand messages to each other in memory instead
// of by SMTP. It implements RFC 6109 §2 and §3; the providers' directory
// (§4.5) is a table in memory, which [Circuit.SignedLDIF] and [Circuit.Directory]
// hand out, and providers do not ask whether a certificate was revoked.
// [Circuit.Revocations] revokes certificates and makes revocation lists and status
// responses, good and bad.
//
// # Time
//
// A circuit's clock stands still until [Clock.Advance] moves it, so that 24 hours
// pass in milliseconds and the same way each time. What is due by then is done
// before Advance returns, and what is due at once before Submit returns. With
// [NewRunningClock] a circuit follows the time of its process, or that of
// testing/synctest.
//
// # Failures on request
//
// A recipient with one of these local parts, in any domain of the circuit, meets a
// fault without being declared; [Circuit.SetFault] gives any address the same.
//
//	full@      mailbox full: errore-consegna, 5.2.2
//	nobody@    no such mailbox: errore-consegna no-dest, 5.1.1
//	nodomain@  no such domain: errore-consegna no-dominio, 5.1.2
//	virus@     virus found by the recipient's provider: rilevazione-virus and errore-consegna
//	late12h@   taken in charge and delivered after 13 hours: notice at 12 h
//	silent@    nothing is ever heard: notices at 12 h and 24 h
//	stuck@     taken in charge and never delivered: notice at 24 h
//	damaged@   the envelope is damaged on its way: anomaly envelope, notices at 12 h and 24 h
//	external@  treated as ordinary mail: type esterno, never a receipt
//
// A mail that holds the EICAR test string, as it stands or in an encoded part,
// has a virus: its sender's provider refuses it, unless it does not look
// ([WithoutVirusCheck]).
//
// # Time-stamps
//
// A [TimestampAuthority] makes time-stamps of RFC 3161 over any file and for any time:
// what a program needs to test that it accepts a message of years ago with one, and not
// without.
//
// # Limits
//
// A circuit holds what mailboxes, virus stores and log hold, up to
// [WithMaxStorage] (1 GiB), and of a mail under way a few copies. A submission is
// refused with an [SMTPError] if the circuit is full, if it is over 100 MiB, has
// more than 1,000 recipients, or cannot be read within the limits of package pec
// (a header of a megabyte, parts nested twenty deep); whatever is accepted is seen
// through to its end. A Circuit may be used by several goroutines; their
// submissions are worked off one at a time.
//
// Names of this package may still change while the module's version is below 1.
package pectest
