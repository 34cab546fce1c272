// Package gopec is the map of the module: it holds no code.
//
// gopec reads and verifies PEC (Posta Elettronica Certificata), the Italian
// certified e-mail of RFC 6109 and of the decree of 2 November 2005.
//
// Start with package [github.com/gopec/gopec/pec]: [pec.ReadAll] opens a
// message, [pec.Verify] says whether it is authentic and what it proves.
//
//	pec            read one message, verify it, report
//	envelope       transport envelope and anomaly envelope
//	receipt        acceptances, deliveries, delivery errors and the other notices
//	daticert       certification data, daticert.xml
//	smime          the signed bytes of a mail
//	trust          authorities, certificate paths at a time, providers
//	cmd/pecverify  the command
//
// A package imports only packages that stand below it in this list, command
// aside. Nothing that verifies touches the network.
//
// [pec.ReadAll]: https://pkg.go.dev/github.com/gopec/gopec/pec#ReadAll
// [pec.Verify]: https://pkg.go.dev/github.com/gopec/gopec/pec#Verify
package gopec
