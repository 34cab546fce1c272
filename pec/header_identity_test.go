package pec_test

import (
	"strings"
	"testing"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

const (
	outsideService = "posta-certificata@pec.example.it"  // the sender's provider
	outsideTwo     = "posta-certificata@pec.example.com" // the recipient's
	outsideSender  = "mittente@pec.example.it"
)

// From's address is what ties a mail to its signer.
func TestOutsideFromAddress(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideFromAddressCases())
}

func outsideFromAddressCases() []outsideCase {
	from := func(value string) testsign.Message { return outsideSet(daticert.TypeAcceptance, "From", value) }
	return []outsideCase{
		{"the same address is the good case", from(outsideService), pec.CheckFrom, pec.Pass, true, outsideService},
		{"mail programs change capitals; an address is compared folded", from("Posta-Certificata@PEC.Example.IT"), pec.CheckFrom, pec.Pass, true, ""},
		{"a name beside the address changes nothing of it", from("Gestore Uno <" + outsideService + ">"), pec.CheckFrom, pec.Pass, true, ""},
		{"a comment is no part of the address", from(outsideService + " (gestore)"), pec.CheckFrom, pec.Pass, true, ""},
		{"without From nothing ties the mail to the signer", outsideWithout(daticert.TypeAcceptance, "From"), pec.CheckFrom, pec.Fail, false, outsideService},
		{"an empty From names nobody", from(""), pec.CheckFrom, pec.Fail, false, ""},
		{"another provider of the same authority signed nothing here", from(outsideTwo), pec.CheckFrom, pec.Fail, false, outsideTwo},
		{"a user of the provider's domain is not the provider", from(outsideSender), pec.CheckFrom, pec.Fail, false, ""},
		{"one more label at the end is another domain", from(outsideService + ".example.com"), pec.CheckFrom, pec.Fail, false, ""},
		{"two addresses: programs choose differently which one they show", from(outsideService + ", altri@example.com"), pec.CheckFrom, pec.Fail, false, "exactly one"},
		{"two addresses in the other order", from("altri@example.com, " + outsideService), pec.CheckFrom, pec.Fail, false, "exactly one"},
		{"the same address twice is not one address", from(outsideService + ", " + outsideService), pec.CheckFrom, pec.Fail, false, "exactly one"},
		{"the right address as the name of another", from(`"` + outsideService + `" <altri@example.com>`), pec.CheckFrom, pec.Fail, false, "altri@example.com"},
		{"the right address in a comment of another", from("altri@example.com (" + outsideService + ")"), pec.CheckFrom, pec.Fail, false, "altri@example.com"},
		{"an address in an encoded word is a name and no address", from("=?utf-8?q?posta-certificata=40pec.example.it?="), pec.CheckFrom, pec.Fail, false, ""},
		{"a Cyrillic letter makes another domain", from("posta-certificata@рec.example.it"), pec.CheckFrom, pec.Fail, false, ""},
		{"the Kelvin sign and the long s fold to k and s in Unicode, not in an address", from("poſta-certificata@pec.example.it"), pec.CheckFrom, pec.Fail, false, ""},
		{"a long name is a name", from(strings.Repeat("x ", 8000) + "<" + outsideService + ">"), pec.CheckFrom, pec.Pass, true, ""},
		{"a From of more than 16 KiB is not taken apart", from(strings.Repeat("x ", 8200) + "<" + outsideService + ">"), pec.CheckFrom, pec.Fail, false, "exactly one"},
		{"a zero-width mark in an address makes another one", from("posta-certificata@pec.exam\u200bple.it"), pec.CheckFrom, pec.Fail, false, ""},
	}
}

// Fields that decide must not stand there twice with different values.
func TestOutsideDuplicates(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideDuplicatesCases())
}

func outsideDuplicatesCases() []outsideCase {
	const accepted = daticert.TypeAcceptance
	before := func(name, value string) testsign.Message {
		return testsign.Message{Kind: accepted, Before: []testsign.Field{{Name: name, Value: value}}}
	}
	return []outsideCase{
		{"two equal From say one thing", outsideAdd(accepted, "From", outsideService), pec.CheckDuplicates, pec.Pass, true, ""},
		{"a second, different From is what some programs show", outsideAdd(accepted, "From", "altri@example.com"), pec.CheckDuplicates, pec.Fail, false, "altri@example.com"},
		{"field names have no case", outsideAdd(accepted, "FROM", "altri@example.com"), pec.CheckDuplicates, pec.Fail, false, ""},
		{"white space before the colon hides no field", outsideAdd(accepted, "From ", "altri@example.com"), pec.CheckDuplicates, pec.Fail, false, ""},
		{"folding is no difference", outsideAdd(accepted, "X-Ricevuta", "\r\n accettazione"), pec.CheckDuplicates, pec.Pass, true, ""},
		{"two X-Ricevuta with different values", outsideAdd(accepted, "X-Ricevuta", "avvenuta-consegna"), pec.CheckDuplicates, pec.Fail, false, "avvenuta-consegna"},
		{"two X-Riferimento-Message-ID with different values", outsideAdd(accepted, "X-Riferimento-Message-ID", "<altro@example.com>"), pec.CheckDuplicates, pec.Fail, false, ""},
		{"two X-Trasporto with different values", outsideAdd(daticert.TypeTransport, "X-Trasporto", "errore"), pec.CheckDuplicates, pec.Fail, false, "errore"},
		{"a second Received is how mail travels", before("Received", "from a by b; Tue, 10 Mar 2026 10:20:00 +0100"), pec.CheckDuplicates, pec.Pass, true, ""},
	}
}

// The name in From is what mail programs show in large letters.
func TestOutsideFromName(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideFromNameCases())
}

func outsideFromNameCases() []outsideCase {
	const transport = daticert.TypeTransport
	from := func(name string) testsign.Message {
		return outsideSet(transport, "From", name+" <"+outsideService+">")
	}
	receipt := func(name string) testsign.Message {
		return outsideSet(daticert.TypeDelivery, "From", name+" <"+outsideTwo+">")
	}
	return []outsideCase{
		{"the norm's form", from(`"Per conto di: ` + outsideSender + `"`), pec.CheckFromName, pec.Pass, true, ""},
		{"capitals of an address do not count", from(`"Per conto di: Mittente@PEC.example.it"`), pec.CheckFromName, pec.Pass, true, ""},
		{"providers forget the quotes that the colon needs", from("Per conto di: " + outsideSender), pec.CheckFromName, pec.Pass, true, ""},
		{"a name in base64 is what it decodes to", from("=?utf-8?B?UGVyIGNvbnRvIGRpOiBtaXR0ZW50ZUBwZWMuZXhhbXBsZS5pdA==?="), pec.CheckFromName, pec.Pass, true, ""},
		{"no name at all is only strange", outsideSet(transport, "From", outsideService), pec.CheckFromName, pec.Warn, true, outsideSender},
		{"a name without address is only strange", from(`"Comune di Esempio"`), pec.CheckFromName, pec.Warn, true, outsideSender},
		{"another address in the name makes people believe another sender", from(`"Per conto di: sindaco@pec.example.org"`), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"another address beside the right one, too", from(`"Per conto di: ` + outsideSender + ` sindaco@pec.example.org"`), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"another address in an encoded word", from("=?utf-8?q?Per_conto_di=3A_sindaco=40pec=2Eexample=2Eorg?="), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"an address cut in two encoded words is one address", from("=?utf-8?q?sindaco=40pec=2E?= =?utf-8?q?example=2Eorg?="), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"an encoded word inside quotes is read as programs read it", from(`"=?utf-8?q?sindaco=40pec=2Eexample=2Eorg?="`), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"a Cyrillic letter in the sender's address is named", from("=?utf-8?q?mittente=40=D1=80ec=2Eexample=2Eit?="), pec.CheckFromName, pec.Fail, false, "letters that look like others (р)"},
		{"a fullwidth sign for @ still shows an address", from("=?utf-8?q?sindaco=EF=BC=A0pec=2Eexample=2Eorg?="), pec.CheckFromName, pec.Fail, false, "letters that look like others (＠)"},
		{"the long s is another letter than s, whatever Unicode folds", from("=?utf-8?q?mittente=40pec=2Eexample=2Eit=C5=BF?="), pec.CheckFromName, pec.Fail, false, ""},
		{"a backslash before the sign hides nothing", from(`"sindaco\@pec.example.org"`), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"the name of a group is shown, too", outsideSet(transport, "From", `"sindaco@pec.example.org": `+outsideService+";"), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"a comment is shown, too", from(`"Per conto di: ` + outsideSender + `" (sindaco@pec.example.org)`), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"text behind the address is shown, too", outsideSet(transport, "From", "<"+outsideService+"> sindaco@pec.example.org"), pec.CheckFromName, pec.Fail, false, "sindaco@pec.example.org"},
		{"a notice comes from the provider itself", outsideSet(daticert.TypeDelivery, "From", outsideTwo), pec.CheckFromName, pec.Skip, true, ""},
		{"on a notice another address in the name warns and no more", receipt(`"sindaco@pec.example.org"`), pec.CheckFromName, pec.Warn, true, "sindaco@pec.example.org"},
	}
}

// Senders whose address is not a plain one.
func TestOutsideFromNameOfUnusualSenders(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideFromNameOfUnusualSendersCases())
}

func outsideFromNameOfUnusualSendersCases() []outsideCase {
	sender := func(address, from string) testsign.Message {
		m := outsideSet(daticert.TypeTransport, "From", from)
		m.Data.Sender = address
		return m
	}
	return []outsideCase{
		{"an envelope of the provider's own mailbox mentions the signer's address as the sender's",
			sender(outsideService, `"Per conto di: `+outsideService+`" <`+outsideService+">"), pec.CheckFromName, pec.Pass, true, ""},
		{"a sign that was escaped for no need is the sign itself",
			sender("d'agata@pec.example.it", `"Per conto di: d\'agata@pec.example.it" <`+outsideService+">"), pec.CheckFromName, pec.Pass, true, ""},
		{"quotes around the address are no part of it",
			sender(outsideSender, `"Per conto di: '`+outsideSender+`'" <`+outsideService+">"), pec.CheckFromName, pec.Pass, true, ""},
	}
}
