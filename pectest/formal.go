package pectest

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/gopec/gopec/daticert"
)

// formal runs the formal checks and returns what it finds, in Italian as the
// notice says it; "" for a mail that conforms.
//
// spec: RFC 6109 §3.1.1
func (s *submission) formal(limit int64) string {
	var found []string
	fail := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	h := s.mail.Header
	from, err := list(h.Values("From"))
	switch {
	case !h.Has("From"):
		fail("il campo From manca")
	case err != nil || len(from) != 1:
		fail("il campo From non contiene un solo indirizzo conforme")
	case fold(from[0]) != fold(s.from.address):
		fail("il mittente %s non coincide con il campo From (%.254s)", s.from.address, from[0])
	}
	to, err := list(h.Values("To"))
	switch {
	case !h.Has("To"):
		fail("il campo To manca")
	case err != nil || len(to) == 0:
		fail("il campo To non contiene indirizzi conformi")
	}
	cc, err := list(h.Values("Cc"))
	if err != nil && strings.Join(h.Values("Cc"), "") != "" {
		fail("il campo Cc non contiene indirizzi conformi")
	}
	if len(found) == 0 {
		s.addressees(append(to, cc...), fail)
	}
	if strings.Join(h.Values("Bcc"), "") != "" {
		fail("il campo Bcc contiene indirizzi")
	}
	if asked := h.Get(fieldReceipt); asked != "" && !daticert.ReceiptType(strings.ToLower(asked)).Known() {
		fail("il campo %s non contiene un tipo di ricevuta", fieldReceipt)
	}
	if weight := int64(len(s.raw)) * int64(len(s.to)); weight > limit {
		fail("la dimensione del messaggio per il numero dei destinatari, %d byte, supera il limite di %d", weight, limit)
	}
	return strings.Join(found, "; ")
}

// list reads the addresses of a field that may stand once in a header.
//
// spec: RFC 5322 §3.6
func list(values []string) ([]string, error) {
	if len(values) != 1 {
		return nil, fmt.Errorf("%d fields", len(values))
	}
	parsed, err := mail.ParseAddressList(values[0])
	if err != nil {
		return nil, err
	}
	out := make([]string, len(parsed))
	for i, a := range parsed {
		out[i] = a.Address
	}
	return out, nil
}

// addressees compares the recipients of the SMTP envelope with those of the
// header, which have to be the same.
func (s *submission) addressees(header []string, fail func(string, ...any)) {
	missing := func(in, from []string) []string {
		known := make(map[string]bool, len(from))
		for _, a := range from {
			known[fold(a)] = true
		}
		return slices.DeleteFunc(slices.Clone(in), func(a string) bool { return known[fold(a)] })
	}
	if m := missing(s.to, header); len(m) > 0 {
		fail("destinatari che mancano nei campi To e Cc: %s", some(m))
	}
	if m := missing(header, s.to); len(m) > 0 {
		fail("indirizzi dei campi To e Cc che non sono tra i destinatari: %s", some(m))
	}
}

// some names a few addresses and counts the others: a notice is to be read.
func some(list []string) string {
	const most = 5
	short := slices.Clone(list[:min(len(list), most)])
	for i, a := range short {
		short[i] = fmt.Sprintf("%.254s", strings.Map(printable, a))
	}
	if more := len(list) - most; more > 0 {
		return fmt.Sprintf("%s e altri %d", strings.Join(short, ", "), more)
	}
	return strings.Join(short, ", ")
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == '\ufffd' || r >= 0xfffe && r <= 0xffff {
		return '?'
	}
	return r
}
