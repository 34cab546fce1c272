// Package gopec is the map of the module: it holds no code.
//
// gopec reads and verifies PEC (Posta Elettronica Certificata), the Italian
// certified e-mail of RFC 6109 and of the decree of 2 November 2005.
//
// Start with package [github.com/gopec/gopec/pec]: [pec.ReadAll] opens a
// message, [pec.Verify] says whether it is authentic and what it proves.
//
//	cmd/pecverify  the command
//	follow         one message through its receipts
//	dossier        a sent mail and all that came back, in one report
//	pectest        a PEC circuit in memory, for tests
//	pec            read one message, verify it, report
//	receipt        acceptances, deliveries, delivery errors and the other notices
//	envelope       transport envelope and anomaly envelope
//	smime          the signed bytes of a mail
//	trust          authorities, certificate paths at a time, providers
//	trust/revocation  revocation lists and status responses, judged at a time
//	trust/directory  the providers' directory, plain or signed
//	daticert       certification data, daticert.xml
//
// Apart from these stand ipa, the index of public administrations, with its
// command cmd/ipa; vectors, signed messages with the expected reports, for any
// language; and two modules of their own: inipec, the registries of digital
// domiciles, and cmd/pecbox, the circuit as mail servers.
//
// A package imports only packages that stand below it in this list. Nothing
// that verifies touches the network, or links net/http or crypto/tls. Tests
// hold both rules.
//
// docs/verdicts.md says which verdict follows from what, docs/checks.md lists
// the checks, docs/json.md the keys of the JSON, docs/decisions the reasons.
// examples holds three short programs, a message of each kind, and a module of its
// own that watches a mailbox over IMAP.
//
// [pec.ReadAll]: https://pkg.go.dev/github.com/gopec/gopec/pec#ReadAll
// [pec.Verify]: https://pkg.go.dev/github.com/gopec/gopec/pec#Verify
package gopec
