// Package dossier makes one report of a message that was sent and of all that
// came back: which receipts are authentic, what they state of each recipient,
// and whether what was delivered is what the sender kept. It is what a person
// files with an act.
//
//	b, err := dossier.New(dossier.File{Name: "atto.eml", SHA256: sum, Size: size}, mail, size, nil)
//	for … {
//		report, err := pec.Verify(m, nil)
//		b.Add(b.Examine(file, report)) // or b.Add(dossier.Failed(file, code, why))
//	}
//	d := b.Dossier()
//	d.WriteHTML(w, pec.Italian) // or WriteText, WriteJSON
//	if d.Complete() { … }
//
// It implements no document of its own: what is expected of each recipient is
// RFC 6109 §3 as package follow has it, and verdicts are those of package pec.
//
// [Dossier.Complete] is true only if exactly one certified message is the sent
// file's, facts about it do not contradict each other, and every recipient has a
// certified delivery receipt whose content is that of the file. Whatever is not
// shown is not assumed; [Dossier.Reasons] names each thing that stands in the way.
// A message to an ordinary mailbox is never complete, since such a recipient never
// gives a receipt.
//
// Nothing given is left out: every file stands in [Dossier.Files] with its verdict,
// or with the reason why there is none. Files keep the order in which they were
// added; the answer does not depend on it. The same inputs and clock give the same
// bytes.
//
// What is not checked: all that pec.Verify did not check, which the dossier
// says; whether a recipient that the sender forgot should have been there; and
// nothing of the law.
//
// Memory is taken for what each message states, not for the messages: each is
// compared when it is examined, and may be closed after that. [Builder.Examine]
// may run in several goroutines at once; [Builder.Add] and [Builder.Dossier] may
// not. A Dossier is not changed after it was made.
//
// It is a package beside follow because html/template is more than a program
// that only follows its messages should carry.
//
// Names of this package may still change while the module's version is below 1.
package dossier
