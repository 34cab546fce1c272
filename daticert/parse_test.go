package daticert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

func TestParseReadsEveryField(t *testing.T) {
	t.Parallel()
	const sender, recipient = "mittente@pec.example.it", "destinatario@pec.example.it"
	tests := []struct {
		vector string
		reason string
		want   daticert.Data
		has    []string
		hasNot []string
	}{
		{
			vector: "posta-certificata",
			reason: "recipients keep their order and their own type, entities are characters",
			want: daticert.Data{
				Type: daticert.TypeTransport, Error: daticert.ErrorNone, Sender: sender,
				Recipients: []daticert.Recipient{
					{Type: daticert.RecipientCertified, Address: recipient},
					{Type: daticert.RecipientCertified, Address: "protocollo@pec.example.com"},
					{Type: daticert.RecipientExternal, Address: "segreteria@example.com"},
					{Type: daticert.RecipientCertified, Address: "ufficio@pec.example.it"},
				},
				ReplyTo: sender, Subject: "Notificazione ai sensi dell'art. 3-bis & richiesta di società",
				Provider:  "Esempio PEC S.p.A.",
				Date:      daticert.Date{Day: "14/07/2026", Hour: "09:05:07", Zone: "+0200"},
				ID:        "opec300.20260714090507.00001.1.1.1@pec.example.it",
				MessageID: "<0d6f5f2e-7d1f-4a55-9a51-1f0a9d3c4b11@client.example.it>",
				Receipt:   daticert.ReceiptComplete,
			},
			has:    []string{"oggetto", "msgid", "ricevuta", "data", "giorno", "postacert"},
			hasNot: []string{"consegna", "ricezione", "errore-esteso", "altro", ""},
		},
		{
			vector: "accettazione",
			reason: "an empty element is there: risposte of an Aruba acceptance",
			want: daticert.Data{
				Type: daticert.TypeAcceptance, Error: daticert.ErrorNone, Sender: sender,
				Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: recipient}},
				Subject:    "Prova", Provider: "Esempio PEC S.p.A.",
				Date:      daticert.Date{Day: "09/01/2026", Hour: "12:00:00", Zone: "+0100"},
				ID:        "opec300.20260109120000.00003.1.1.1@pec.example.it",
				MessageID: "<prova@client.example.it>",
			},
			has:    []string{"risposte"},
			hasNot: []string{"ricevuta"},
		},
		{
			vector: "presa-in-carico",
			reason: "ricezione is repeated, one for each recipient",
			want: daticert.Data{
				Type: daticert.TypeTakingInCharge, Error: daticert.ErrorNone, Sender: sender,
				Recipients: []daticert.Recipient{
					{Type: daticert.RecipientCertified, Address: "destinatario@pec.example.com"},
					{Type: daticert.RecipientCertified, Address: "protocollo@pec.example.com"},
				},
				ReplyTo: sender, Subject: "Prova", Provider: "Altro Gestore S.p.A.",
				Date:       daticert.Date{Day: "02/12/2025", Hour: "23:59:59", Zone: "+0100"},
				ID:         "opec300.20251202235959.00002.1.1.1@pec.example.it",
				MessageID:  "<prova@client.example.it>",
				Receptions: []string{"destinatario@pec.example.com", "protocollo@pec.example.com"},
			},
			has: []string{"ricezione"},
		},
		{
			vector: "errore-consegna",
			reason: "errore says altro and the reason is in errore-esteso",
			want: daticert.Data{
				Type: daticert.TypeDeliveryError, Error: daticert.ErrorOther, Sender: sender,
				Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: "inesistente@pec.example.it"}},
				ReplyTo:    sender, Subject: "Prova", Provider: "Esempio PEC S.p.A.",
				Date:          daticert.Date{Day: "01/09/2026", Hour: "08:30:00", Zone: "+0200"},
				ID:            "opec300.20260901083000.00004.1.1.1@pec.example.it",
				MessageID:     "<prova@client.example.it>",
				Delivery:      "inesistente@pec.example.it",
				ErrorExtended: "5.1.1 - Esempio PEC S.p.A. - indirizzo non valido",
			},
			has: []string{"consegna", "errore-esteso"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.vector, func(t *testing.T) {
			t.Parallel()
			b := vector(t, tt.vector)
			d, err := daticert.Parse(b, nil)
			require.NoError(t, err, tt.reason)
			require.Equal(t, tt.want, withoutTrace(d), tt.reason)
			require.Empty(t, d.Defects, "real documents follow the DTD")
			require.Equal(t, b, d.Raw())
			for _, e := range tt.has {
				require.True(t, d.Has(e), e)
			}
			for _, e := range tt.hasNot {
				require.False(t, d.Has(e), e)
			}
		})
	}
}

// senders are ways to write the text of an element.
var senders = []struct{ name, reason, new, want string }{
	{"comment", "a comment is nothing, so the text goes on behind it",
		"<mittente>pec<!-- x -->@a.it</mittente>", "pec@a.it"},
	{"comment first", "an attacker's comment must not hide the rest",
		"<mittente><!-- vittima@pec.example.it -->pec@a.it</mittente>", "pec@a.it"},
	{"several comments", "each is nothing",
		"<mittente>vittima@pec.example.it<!----><!---->.evil.example.com</mittente>", "vittima@pec.example.it.evil.example.com"},
	{"processing instruction", "a reader that stops at it sees another address",
		"<mittente>vittima@pec.example.it<?x y?>.evil.example.com</mittente>", "vittima@pec.example.it.evil.example.com"},
	{"CDATA", "CDATA is text and nothing in it is markup",
		"<mittente>a<![CDATA[<!-- & -->]]>@a.it</mittente>", "a<!-- & -->@a.it"},
	{"empty CDATA", "an empty section is no text",
		"<mittente>pec<![CDATA[]]>@a.it</mittente>", "pec@a.it"},
	{"references", "character references and the five entities are characters",
		"<mittente>&quot;x&quot; &#x3C;p&#101;c@a.it&gt;&amp;&apos;</mittente>", `"x" <pec@a.it>&'`},
	{"white space", "XML's white space around a value is not part of it",
		"<mittente>\r\n\t pec@a.it \n</mittente>", "pec@a.it"},
	{"no-break space", "any other blank is part of the value",
		"<mittente>\u00a0pec@a.it\u200b</mittente>", "\u00a0pec@a.it\u200b"},
	{"inner line end", "line ends inside are read as line feeds",
		"<mittente>a\r\nb\rc</mittente>", "a\nb\nc"},
	{"single quotes and spaces in tags", "any form of tag is read",
		"<mittente\n>pec@a.it</mittente \t>", "pec@a.it"},
}

func TestParseText(t *testing.T) {
	t.Parallel()
	const old = "<mittente>mittente@pec.example.it</mittente>"
	for _, tt := range senders {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := daticert.Parse(edited(t, old, tt.new), nil)
			require.NoError(t, err)
			require.Equal(t, tt.want, d.Sender, tt.reason)
			require.Empty(t, d.Defects)
		})
	}
}

func TestParseFillsInDefaultsOfTheDTD(t *testing.T) {
	t.Parallel()
	d, err := daticert.Parse(edited(t, ` errore="altro"`, ""), nil)
	require.NoError(t, err)
	require.Equal(t, daticert.ErrorNone, d.Error, "the DTD's default is nessuno")
	d, err = daticert.Parse(edited(t, `<destinatari tipo="certificato">`, "<destinatari>"), nil)
	require.NoError(t, err)
	require.Equal(t, daticert.RecipientCertified, d.Recipients[0].Type, "the DTD's default is certificato")
	require.Empty(t, d.Defects)
}

func TestParseKeepsUnknownTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		old, new, path string
		read           func(*daticert.Data) string
	}{
		{`tipo="errore-consegna"`, `tipo="rifiuto"`, "/postacert/@tipo", func(d *daticert.Data) string { return string(d.Type) }},
		{`errore="altro"`, `errore="rifiuto"`, "/postacert/@errore", func(d *daticert.Data) string { return string(d.Error) }},
		{`<destinatari tipo="certificato">`, `<destinatari tipo="rifiuto">`, "/postacert/intestazione/destinatari/@tipo",
			func(d *daticert.Data) string { return string(d.Recipients[0].Type) }},
		{"<consegna>", `<ricevuta tipo="rifiuto"/><consegna>`, "/postacert/dati/ricevuta/@tipo",
			func(d *daticert.Data) string { return string(d.Receipt) }},
	} {
		d, err := daticert.Parse(edited(t, tt.old, tt.new), nil)
		require.NoError(t, err)
		require.Equal(t, "rifiuto", tt.read(d))
		require.Equal(t, []found{{daticert.DefectDTD, tt.path}}, defectsOf(d))
	}
}

func TestKnownTokens(t *testing.T) {
	t.Parallel()
	require.True(t, daticert.TypeTimeout.Known())
	require.True(t, daticert.ErrorDomain.Known())
	require.True(t, daticert.ReceiptConcise.Known())
	require.True(t, daticert.RecipientExternal.Known())
	require.False(t, daticert.Type("").Known(), "the zero value is no type")
	require.False(t, daticert.Type("Accettazione").Known(), "tokens are exact")
	require.False(t, daticert.ErrorCode("").Known())
	require.False(t, daticert.ReceiptType("").Known())
	require.False(t, daticert.RecipientType("").Known())
}
