package daticert

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// AppendXML appends the document to b, in UTF-8, in the shape that providers
// give it: elements indented by four spaces, a line end at the end. White space
// around a value is not written. An optional element is written if its field
// has a value or [Data.Has] knows it; Error "" is written as [ErrorNone], a
// recipient's Type "" as [RecipientCertified].
//
// [Parse] gives the same data back. The error is a [*FieldError]; it names the
// first field without which the document would not validate or could not be
// true: an unknown type, no sender, no recipient, no date; or with a character
// that XML 1.0 cannot carry.
//
// spec: RFC 6109 §4.3.3, §4.4
func (d *Data) AppendXML(b []byte) ([]byte, error) {
	w := writer{b: b}
	tipo := Type(w.known("postacert/@tipo", string(d.Type), d.Type.Known()))
	errore := d.Error
	if errore == "" {
		errore = ErrorNone
	}
	w.known("postacert/@errore", string(errore), errore.Known())
	w.raw(`<?xml version="1.0" encoding="UTF-8"?>`, "\n")
	w.raw(`<postacert tipo="`, string(tipo), `" errore="`, string(errore), "\">\n")
	w.intestazione(d)
	w.dati(d)
	w.raw("</postacert>\n")
	if w.err != nil {
		return nil, w.err
	}
	return w.b, nil
}

func (w *writer) intestazione(d *Data) {
	w.raw("    <intestazione>\n")
	w.required(elMittente, d.Sender)
	if len(d.Recipients) == 0 {
		w.fail(elDestinatari.String(), errMissing)
	}
	for i, r := range d.Recipients {
		field := fmt.Sprintf("destinatari[%d]", i+1)
		kind := r.Type
		if kind == "" {
			kind = RecipientCertified
		}
		w.known(field+"/@tipo", string(kind), kind.Known())
		if trimSpace(r.Address) == "" {
			w.fail(field, errMissing)
		}
		w.raw(indent2, `<destinatari tipo="`, string(kind), `">`)
		w.text(field, r.Address)
		w.raw("</destinatari>\n")
	}
	w.element(elRisposte, elRisposte.String(), d.ReplyTo)
	w.optional(d, elOggetto)
	w.raw("    </intestazione>\n")
}

func (w *writer) dati(d *Data) {
	w.raw("    <dati>\n")
	w.required(elGestoreEmittente, d.Provider)
	w.date(d.Date)
	w.required(elIdentificativo, d.ID)
	w.optional(d, elMsgid)
	if d.Has(elRicevuta.String()) || d.Receipt != "" {
		w.known("ricevuta/@tipo", string(d.Receipt), d.Receipt.Known())
		w.raw(indent2, `<ricevuta tipo="`, string(d.Receipt), "\"/>\n")
	}
	w.optional(d, elConsegna)
	for i, r := range d.Receptions {
		field := fmt.Sprintf("ricezione[%d]", i+1)
		if trimSpace(r) == "" {
			w.fail(field, errMissing)
		}
		w.element(elRicezione, field, r)
	}
	w.optional(d, elErroreEsteso)
	w.raw("    </dati>\n")
}

func (w *writer) date(d Date) {
	d = Date{trimSpace(d.Day), trimSpace(d.Hour), trimSpace(d.Zone)}
	if _, err := d.time(); err != nil {
		w.fail(elData.String(), err)
	}
	const indent3 = indent2 + "    "
	w.raw(indent2, `<data zona="`, d.Zone, "\">\n")
	w.raw(indent3, "<giorno>", d.Day, "</giorno>\n")
	w.raw(indent3, "<ora>", d.Hour, "</ora>\n")
	w.raw(indent2, "</data>\n")
}

// writer builds the document. After the first error what it builds is of no
// use.
type writer struct {
	b   []byte
	err error
}

const indent2 = "        "

var errMissing = errors.New("no value")

func (w *writer) fail(field string, err error) {
	if w.err == nil {
		w.err = &FieldError{Field: field, Err: err}
	}
}

func (w *writer) raw(parts ...string) {
	for _, p := range parts {
		w.b = append(w.b, p...)
	}
}

// known lets a token pass that the DTD lists.
func (w *writer) known(field, value string, known bool) string {
	switch {
	case value == "":
		w.fail(field, errMissing)
	case !known:
		w.fail(field, fmt.Errorf("the DTD does not list %s", quote(value)))
	}
	return value
}

func (w *writer) required(e element, value string) {
	if trimSpace(value) == "" {
		w.fail(e.String(), errMissing)
	}
	w.element(e, e.String(), value)
}

func (w *writer) optional(d *Data, e element) {
	if value := *d.text(e); value != "" || d.Has(e.String()) {
		w.element(e, e.String(), value)
	}
}

func (w *writer) element(e element, field, value string) {
	w.raw(indent2, "<", e.String(), ">")
	w.text(field, value)
	w.raw("</", e.String(), ">\n")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;",
	"\r", "&#13;") // a reader makes a line feed of a carriage return that is not escaped

func (w *writer) text(field, value string) {
	value = trimSpace(value)
	for i, r := range value {
		if r == utf8.RuneError && !strings.HasPrefix(value[i:], "\uFFFD") {
			w.fail(field, fmt.Errorf("byte 0x%02X at %d is not UTF-8", value[i], i))
		} else if !allowed(r) {
			w.fail(field, fmt.Errorf("character %U at %d, which XML 1.0 forbids", r, i))
		}
	}
	w.b = append(w.b, escaper.Replace(value)...)
}
