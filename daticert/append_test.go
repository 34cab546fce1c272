package daticert_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/counterpart"
)

// complete returns data with a value in every field.
func complete() daticert.Data {
	return daticert.Data{
		Type: daticert.TypeTransport, Error: daticert.ErrorNone, Sender: "mittente@pec.example.it",
		Recipients: []daticert.Recipient{
			{Type: daticert.RecipientCertified, Address: "destinatario@pec.example.it"},
			{Type: daticert.RecipientExternal, Address: "segreteria@example.com"},
		},
		ReplyTo: "risposte@pec.example.it", Subject: `<b>&amp; "società" 'x'` + "\t]]>\r\n😀\u00a0\uFFFD",
		Provider: "Esempio & Figli S.p.A.",
		Date:     daticert.Date{Day: "14/07/2026", Hour: "09:05:07", Zone: "+0200"},
		ID:       "opec300.20260714090507.00001.1.1.1@pec.example.it", MessageID: "<prova@client.example.it>",
		Receipt: daticert.ReceiptBrief, Delivery: "destinatario@pec.example.it",
		Receptions:    []string{"destinatario@pec.example.it", "altro@pec.example.it"},
		ErrorExtended: "5.1.1 - Esempio & Figli S.p.A. - indirizzo non valido",
	}
}

// writable are data of every type and with every optional part there or not.
func writable() map[string]daticert.Data {
	all := map[string]daticert.Data{"complete": complete()}
	for _, tipo := range []daticert.Type{daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance,
		daticert.TypeTakingInCharge, daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection} {
		d := complete()
		d.Type = tipo
		all["tipo "+string(tipo)] = d
	}
	for _, errore := range []daticert.ErrorCode{daticert.ErrorRecipient, daticert.ErrorDomain, daticert.ErrorVirus, daticert.ErrorOther} {
		d := complete()
		d.Error = errore
		all["errore "+string(errore)] = d
	}
	for _, receipt := range []daticert.ReceiptType{daticert.ReceiptComplete, daticert.ReceiptConcise} {
		d := complete()
		d.Receipt = receipt
		all["ricevuta "+string(receipt)] = d
	}
	for name, change := range map[string]func(*daticert.Data){
		"oggetto": func(d *daticert.Data) { d.Subject = "" }, "msgid": func(d *daticert.Data) { d.MessageID = "" },
		"ricevuta": func(d *daticert.Data) { d.Receipt = "" }, "consegna": func(d *daticert.Data) { d.Delivery = "" },
		"ricezione": func(d *daticert.Data) { d.Receptions = nil }, "errore-esteso": func(d *daticert.Data) { d.ErrorExtended = "" },
		"risposte": func(d *daticert.Data) { d.ReplyTo = "" },
	} {
		d := complete()
		change(&d)
		all["without "+name] = d
	}
	return all
}

func TestAppendXMLComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for name, want := range writable() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := want.AppendXML([]byte("before"))
			require.NoError(t, err)
			rest, ok := strings.CutPrefix(string(b), "before")
			require.True(t, ok, "appended")
			got, err := daticert.Parse([]byte(rest), nil)
			require.NoError(t, err)
			require.Empty(t, got.Defects)
			require.Equal(t, want, withoutTrace(got))
			for _, e := range []string{"oggetto", "msgid", "ricevuta", "consegna", "ricezione", "errore-esteso"} {
				require.Equal(t, want.Has(e), got.Has(e), e)
			}
			require.True(t, got.Has("risposte"), "required, if only empty")
		})
	}
}

func TestAppendXMLValidates(t *testing.T) {
	t.Parallel()
	xmllint := counterpart.Look(t, "xmllint")
	for name, d := range writable() {
		b, err := d.AppendXML(nil)
		require.NoError(t, err, name)
		require.Empty(t, validate(t, xmllint, b), "%s: %s", name, b)
	}
}

func TestAppendXMLWritesTheShapeOfProviders(t *testing.T) {
	t.Parallel()
	for _, name := range vectorNames {
		want := vector(t, name)
		d, err := daticert.Parse(want, nil)
		require.NoError(t, err)
		got, err := d.AppendXML(nil)
		require.NoError(t, err)
		// Only these two are a matter of taste.
		same := strings.NewReplacer("&apos;", "'", `" />`, `"/>`)
		require.Equal(t, same.Replace(string(want)), string(got))
	}
}

func TestAppendXMLFillsInDefaultsAndTrims(t *testing.T) {
	t.Parallel()
	d := complete()
	d.Error, d.Recipients[0].Type, d.Sender, d.Subject = "", "", " mittente@pec.example.it\n", "prova \t"
	b, err := d.AppendXML(nil)
	require.NoError(t, err)
	got, err := daticert.Parse(b, nil)
	require.NoError(t, err)
	require.Equal(t, daticert.ErrorNone, got.Error)
	require.Equal(t, daticert.RecipientCertified, got.Recipients[0].Type)
	require.Contains(t, string(b), "<mittente>mittente@pec.example.it</mittente>")
	require.Contains(t, string(b), "<oggetto>prova</oggetto>")
}

func TestAppendXMLKeepsAnEmptyElement(t *testing.T) {
	t.Parallel()
	d, err := daticert.Parse(edited(t, "<oggetto>Prova</oggetto>", "<oggetto/>"), nil)
	require.NoError(t, err)
	b, err := d.AppendXML(nil)
	require.NoError(t, err)
	require.Contains(t, string(b), "<oggetto></oggetto>")
	d.Subject = "nuovo"
	b, err = d.AppendXML(nil)
	require.NoError(t, err)
	require.Contains(t, string(b), "<oggetto>nuovo</oggetto>")
}

// unwritable are changes to complete data that no document can hold.
var unwritable = []struct {
	reason, field string
	change        func(*daticert.Data)
}{
	{"no type", "postacert/@tipo", func(d *daticert.Data) { d.Type = "" }},
	{"unknown type", "postacert/@tipo", func(d *daticert.Data) { d.Type = `x" errore="y` }},
	{"unknown error", "postacert/@errore", func(d *daticert.Data) { d.Error = "grave" }},
	{"no sender", "mittente", func(d *daticert.Data) { d.Sender = "" }},
	{"blank sender", "mittente", func(d *daticert.Data) { d.Sender = " \n" }},
	{"no recipient", "destinatari", func(d *daticert.Data) { d.Recipients = nil }},
	{"empty recipient", "destinatari[2]", func(d *daticert.Data) { d.Recipients[1].Address = "" }},
	{"unknown recipient type", "destinatari[1]/@tipo", func(d *daticert.Data) { d.Recipients[0].Type = "pec" }},
	{"no provider", "gestore-emittente", func(d *daticert.Data) { d.Provider = "" }},
	{"no date", "data", func(d *daticert.Data) { d.Date = daticert.Date{} }},
	{"impossible date", "data", func(d *daticert.Data) { d.Date.Day = "31/02/2026" }},
	{"zone with markup", "data", func(d *daticert.Data) { d.Date.Zone = `+0200"><x a="` }},
	{"no identificativo", "identificativo", func(d *daticert.Data) { d.ID = "" }},
	{"unknown receipt", "ricevuta/@tipo", func(d *daticert.Data) { d.Receipt = "lunga" }},
	{"empty reception", "ricezione[1]", func(d *daticert.Data) { d.Receptions[0] = "" }},
	{"control character in mittente", "mittente", func(d *daticert.Data) { d.Sender = "a\x16b" }},
	{"control character in a recipient", "destinatari[1]", func(d *daticert.Data) { d.Recipients[0].Address = "a\x00b" }},
	{"ill-formed UTF-8 in oggetto", "oggetto", func(d *daticert.Data) { d.Subject = "citt\xe0" }},
	{"noncharacter in risposte", "risposte", func(d *daticert.Data) { d.ReplyTo = "\uFFFF" }},
	{"surrogate in msgid", "msgid", func(d *daticert.Data) { d.MessageID = "\xed\xa0\x80" }},
	{"control character in consegna", "consegna", func(d *daticert.Data) { d.Delivery = "\x1b" }},
	{"control character in ricezione", "ricezione[2]", func(d *daticert.Data) { d.Receptions[1] = "\x1b" }},
	{"control character in errore-esteso", "errore-esteso", func(d *daticert.Data) { d.ErrorExtended = "\x0b" }},
	{"the first field of several", "mittente", func(d *daticert.Data) { d.ID, d.Sender = "", "" }},
}

func TestAppendXMLNamesTheField(t *testing.T) {
	t.Parallel()
	for _, tt := range unwritable {
		t.Run(tt.reason, func(t *testing.T) {
			t.Parallel()
			d := complete()
			tt.change(&d)
			b, err := d.AppendXML([]byte("before"))
			require.Nil(t, b)
			e, ok := errors.AsType[*daticert.FieldError](err)
			require.True(t, ok)
			require.Equal(t, tt.field, e.Field)
			require.EqualError(t, err, fmt.Sprintf("daticert: cannot write %s: %v", tt.field, e.Err))
		})
	}
}
