package compose

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gopec/gopec/daticert"
)

// FieldError says what a message cannot be built with. Package envelope has the
// exported one.
type FieldError struct {
	Field string
	Err   error
}

// Error names the field and the reason.
func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// At returns err as that of a field, nil for nil.
func At(field string, err error) error {
	if err == nil {
		return nil
	}
	return &FieldError{Field: field, Err: err}
}

// Longest values that are written. A header line has at most 998 characters
// (RFC 5322 §2.1.1), an address in SMTP at most 254 (RFC 5321 §4.5.3.1.3).
const (
	maxAddress   = 254
	maxID        = 250
	maxMessageID = 900
)

// ErrNone says that a value is missing.
var ErrNone = errors.New("there is none")

// About returns the facts that envelope and notices have in common: who wrote
// to whom about what, and the identifiers. Element ricevuta is not among them:
// only envelopes and delivery receipts have it.
func About(facts *daticert.Data) *daticert.Data {
	if facts == nil {
		return new(daticert.Data)
	}
	return &daticert.Data{
		Sender: facts.Sender, Recipients: facts.Recipients, ReplyTo: facts.ReplyTo,
		Subject: strings.Trim(facts.Subject, " \t\r\n"), ID: facts.ID, MessageID: facts.MessageID,
	}
}

// Check refuses certification data that could not be true or that would break
// out of its place in a header. The error is a [*FieldError] that names the
// first such field. That the data fit the DTD is for [daticert.Data.AppendXML]
// to say.
//
// spec: RFC 6109 §2.2.1, §4.4
func Check(d *daticert.Data) error {
	if !d.Type.Known() {
		return At("postacert/@tipo", fmt.Errorf("%q is no type of the norm", d.Type))
	}
	if err := CheckAddress(d.Sender); err != nil {
		return At("mittente", err)
	}
	if len(d.Recipients) == 0 {
		return At("destinatari", ErrNone)
	}
	for i, r := range d.Recipients {
		if err := CheckAddress(r.Address); err != nil {
			return At(fmt.Sprintf("destinatari[%d]", i+1), err)
		}
	}
	for _, f := range []struct{ name, value string }{
		{"risposte", d.ReplyTo}, {"oggetto", d.Subject}, {"errore-esteso", d.ErrorExtended},
	} {
		if err := CheckText(f.value); err != nil {
			return At(f.name, err)
		}
	}
	if err := checkID(d.ID); err != nil {
		return At("identificativo", err)
	}
	if err := checkMessageID(d.MessageID); err != nil {
		return At("msgid", err)
	}
	return checkKind(d)
}

// checkKind checks what depends on the type: the kind of receipt, and the
// recipients that a notice is about.
func checkKind(d *daticert.Data) error {
	wantsReceipt := d.Type == daticert.TypeTransport || d.Type == daticert.TypeDelivery
	if wantsReceipt && !d.Receipt.Known() {
		return At("ricevuta/@tipo", fmt.Errorf("%q is no type of receipt", d.Receipt))
	}
	switch d.Type {
	case daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection:
		return At("consegna", checkAmong(d, d.Delivery))
	case daticert.TypeTakingInCharge:
		if len(d.Receptions) == 0 {
			return At("ricezione", ErrNone)
		}
		for i, r := range d.Receptions {
			if err := checkAmong(d, r); err != nil {
				return At(fmt.Sprintf("ricezione[%d]", i+1), err)
			}
		}
	}
	return nil
}

// checkAmong refuses a recipient to whom the message did not go, and one whose
// mailbox is ordinary mail: no provider answers for that.
func checkAmong(d *daticert.Data, address string) error {
	if address == "" {
		return ErrNone
	}
	for _, r := range d.Recipients {
		if !SameAddress(r.Address, address) {
			continue
		}
		if r.Type == daticert.RecipientExternal && d.Type == daticert.TypeDelivery {
			return fmt.Errorf("%q is a mailbox of ordinary mail", address)
		}
		return nil
	}
	return fmt.Errorf("%q is none of the recipients", address)
}

// CheckAddress takes what can stand in a header and in XML as it is: a local
// part of atoms and dots, one @, and a domain of letters, digits, hyphens and
// dots. Quoted local parts, address literals and addresses outside ASCII are
// not used in PEC.
//
// spec: RFC 5321 §4.1.2, RFC 5322 §3.4.1
func CheckAddress(s string) error {
	local, domain, ok := strings.Cut(s, "@")
	switch {
	case s == "":
		return ErrNone
	case len(s) > maxAddress:
		return fmt.Errorf("an address of %d characters is over the limit of %d", len(s), maxAddress)
	case !ok || !atoms(local) || !isDomain(domain):
		return fmt.Errorf("%q is no address", s)
	}
	return nil
}

// checkID takes a PEC identifier, which has no angle brackets in the data.
//
// spec: RFC 6109 §2.2.1
func checkID(s string) error {
	left, right, ok := strings.Cut(s, "@")
	switch {
	case s == "":
		return ErrNone
	case len(s) > maxID:
		return fmt.Errorf("an identifier of %d characters is over the limit of %d", len(s), maxID)
	case !ok || !atoms(left) || !atoms(right):
		return fmt.Errorf("%q is no identifier of the form string@host", s)
	}
	return nil
}

// checkMessageID takes what a client wrote as its Message-ID, if a header can
// hold it as it is.
func checkMessageID(s string) error {
	switch {
	case len(s) > maxMessageID:
		return fmt.Errorf("%d characters are over the limit of %d", len(s), maxMessageID)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }):
		return fmt.Errorf("%q holds characters that are not printable ASCII", s)
	case s != strings.Join(strings.Fields(s), " "):
		return fmt.Errorf("%q holds white space that a header does not keep", s)
	}
	return nil
}

// CheckText takes any text of one line.
func CheckText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("it is not UTF-8")
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("it holds a control character")
	}
	return nil
}

// atoms reports a dot-atom. Two dots in a row, which the grammar forbids, are in
// use.
//
// spec: RFC 5322 §3.2.3
func atoms(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r)
	})
}

// isDomain takes names of hosts: labels of letters, digits and hyphens, which
// begin and end with a letter or digit.
//
// spec: RFC 5321 §4.1.2
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notLetter) {
			return false
		}
	}
	return true
}

// notLetter reports what is none of the letters, digits and hyphens of a label.
func notLetter(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r == '-':
		return false
	}
	return true
}

// SameAddress compares two addresses without regard to the case of ASCII letters.
func SameAddress(a, b string) bool { return fold(a) == fold(b) }

// fold lowers the letters A to Z. By Unicode's rules the long s is an s.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
