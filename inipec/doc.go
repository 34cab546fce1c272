// Package inipec asks for the digital domicile of firms, professionals and
// citizens: INI-PEC (kept by InfoCamere) through its REST services for public
// bodies, and INAD (kept by AgID and InfoCamere) through PDND.
//
//	client, err := inipec.NewClient(inipec.Config{BaseURL: base, ClientID: id, Key: key, Certificate: der})
//	job, err := inipec.Plan(codes, 0)       // checks, drops duplicates, splits
//	err = client.Run(ctx, job, save)        // submits, polls, waits; resumable
//	for _, a := range job.Answers() { … }   // one for each code, in the caller's order
//
//	inad, err := inipec.NewINAD(inipec.INADConfig{Authorizer: &pdnd.Bearer{…}})
//	answer, err := inad.Extract(ctx, code, "case 12/2026")
//
//	found, err := lookup.Find(ctx, inipec.Question{Code: code, Subject: inipec.Firm, Reference: "case 12/2026"})
//
// # Who may call what
//
// INI-PEC by machine is for bodies listed in IPA, and for others by an agreement
// with InfoCamere, which gives them the base URL, the client id and the
// certificate. Single look-ups by private persons go through the web page
// https://www.inipec.gov.it/cerca-pec/ with its captcha; there is no interface
// for them, and this package does not go round the page.
//
// INAD by machine is for public administrations and operators of public
// services, through PDND (package pdnd), for the purpose declared there. Each
// call names the administrative case it is made for. Private persons use the page
// of INAD.
//
// There are no credentials in this package, and [ErrNoCredentials] is what comes
// without them.
//
// # What an answer means
//
// An answer is what the registry said at that moment. "Not listed" is an answer,
// a technical failure is an error, and [Lookup] goes on to the next registry only
// after an answer. Whether a notification may go to an address is not decided
// here.
//
// # Privacy
//
// Codes and addresses are personal data. In errors and log lines they are
// masked, and so is what the services say about errors; URLs appear in neither.
// Nothing is kept but access tokens, in memory. A [Job] and the answers
// hold codes and addresses in full: where they are saved is the caller's duty.
//
// # Limits
//
// 100 codes in a batch of INI-PEC, 1000 in a list of INAD. An answer is at most
// 16 MiB, of a token 1 MiB. One try takes at most 15 s. Every wait ends with the
// context.
//
// Clients may be used by several goroutines; a [Job] may not.
//
// # What it rests on
//
// The services of InfoCamere for INI-PEC have a published OpenAPI document, made
// by one of their users (pagopa/pn-national-registries). What only that user's
// code shows is marked "one client's code" where it is implemented. INAD's own
// OpenAPI document is AgID's.
package inipec
