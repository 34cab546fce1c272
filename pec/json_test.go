package pec_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// The keys of the JSON are a contract: each is always there.
var (
	outsideLayerKeys = []string{"kind", "certified", "proves", "verdict", "subIndication", "policy", "proofOfExistence",
		"referenceTime", "signer", "data", "checks", "layers"}
	outsideTopKeys    = append([]string{"schema", "file"}, outsideLayerKeys...)
	outsideSignerKeys = []string{"email", "commonName", "organization", "issuer", "serial", "sha256", "notBefore", "notAfter"}
	outsideDataKeys   = []string{"tipo", "errore", "mittente", "destinatari", "risposte", "oggetto", "gestoreEmittente", "data",
		"identificativo", "msgid", "ricevuta", "consegna", "ricezione", "erroreEsteso"}
)

func outsideKeys(t testing.TB, want []string, object any) map[string]any {
	t.Helper()
	m, ok := object.(map[string]any)
	require.True(t, ok, "%T", object)
	var got []string
	for k := range m {
		got = append(got, k)
	}
	require.ElementsMatch(t, want, got)
	return m
}

// outsideJSON renders a report and holds its form against the contract.
func outsideJSON(t testing.TB, r *pec.Report) map[string]any {
	t.Helper()
	line, err := r.JSON("posta/1.eml", pec.English)
	require.NoError(t, err)
	require.NotContains(t, string(line), "\n", "one line for a message")
	var v any
	require.NoError(t, json.Unmarshal(line, &v))
	m := outsideKeys(t, outsideTopKeys, v)
	require.Equal(t, "pecverify/1", m["schema"])
	require.Equal(t, "posta/1.eml", m["file"])
	outsideJSONLayer(t, m)
	return m
}

// outsideJSONLayer holds one layer, and those inside it, against the contract.
func outsideJSONLayer(t testing.TB, m map[string]any) {
	t.Helper()
	for _, key := range []string{"kind", "proves", "policy", "proofOfExistence"} {
		require.IsType(t, "", m[key], key)
	}
	require.IsType(t, true, m["certified"])
	for _, key := range []string{"verdict", "subIndication"} {
		require.True(t, m[key] == nil || reflect.TypeOf(m[key]).Kind() == reflect.String && m[key] != "", key)
	}
	if m["referenceTime"] != nil {
		at := outsideKeys(t, []string{"time", "source"}, m["referenceTime"])
		_, err := time.Parse(time.RFC3339, at["time"].(string))
		require.NoError(t, err)
		require.Contains(t, []any{"daticert", "given", "now", "timestamp", "signingTime", "header"}, at["source"])
	}
	if m["signer"] != nil {
		s := outsideKeys(t, outsideSignerKeys, m["signer"])
		require.Regexp(t, "^[0-9a-f]{64}$", s["sha256"])
		require.Regexp(t, "^[0-9a-f]+$", s["serial"])
		for _, key := range []string{"notBefore", "notAfter"} {
			require.Regexp(t, "^[0-9-]{10}T[0-9:]{8}Z$", s[key])
		}
	}
	if m["data"] != nil {
		d := outsideKeys(t, outsideDataKeys, m["data"])
		for _, x := range d["destinatari"].([]any) {
			r := outsideKeys(t, []string{"tipo", "indirizzo"}, x)
			require.IsType(t, "", r["tipo"])
			require.IsType(t, "", r["indirizzo"])
		}
		require.IsType(t, []any{}, d["ricezione"])
	}
	checks := m["checks"].([]any)
	require.Len(t, checks, len(pec.Checks()))
	for i, x := range checks {
		c := outsideKeys(t, []string{"id", "status", "clause", "detail"}, x)
		require.Equal(t, string(pec.Checks()[i].ID), c["id"])
		require.Contains(t, []any{"pass", "warn", "fail", "skip"}, c["status"])
	}
	for _, x := range m["layers"].([]any) {
		outsideJSONLayer(t, outsideKeys(t, append([]string{"path"}, outsideLayerKeys...), x))
	}
}

func TestOutsideJSONCertified(t *testing.T) {
	t.Parallel()
	m := outsideJSON(t, outsideVerify(t, testsign.Message{Kind: daticert.TypeDelivery}.Bytes()))
	want := map[string]any{
		"kind": "avvenuta-consegna", "certified": true, "proves": "delivered", "verdict": "TOTAL-PASSED", "subIndication": nil,
		"policy": "gopec/pec-time/1", "proofOfExistence": "none",
		"referenceTime": map[string]any{"time": "2026-03-10T10:15:30+01:00", "source": "daticert"},
		"layers":        []any{},
		"data": map[string]any{
			"tipo": "avvenuta-consegna", "errore": "nessuno", "mittente": "mittente@pec.example.it",
			"destinatari": []any{map[string]any{"tipo": "certificato", "indirizzo": "destinatario@pec.example.com"}},
			"risposte":    "mittente@pec.example.it", "oggetto": "Trasmissione del verbale: l'attività è conclusa",
			"gestoreEmittente": "Gestore Due S.p.A.", "data": "2026-03-10T10:15:30+01:00",
			"identificativo": "opec21004.20260310101530.00042.217.1.57@pec.example.it", "msgid": "<20260310101412.4F2A11C08E@client.example.it>",
			"ricevuta": "completa", "consegna": "destinatario@pec.example.com", "ricezione": []any{}, "erroreEsteso": nil,
		},
	}
	for key, value := range want {
		require.Equal(t, value, m[key], key)
	}
	s := m["signer"].(map[string]any)
	require.Equal(t, "posta-certificata@pec.example.com", s["email"])
	require.Equal(t, "Gestore Due S.p.A.", s["organization"])
	require.Equal(t, "2025-03-10T09:15:30Z", s["notBefore"], "UTC, where the certificate's own time is")
}

// null where there is no value, and a list where there is none of many.
func TestOutsideJSONValues(t *testing.T) {
	t.Parallel()
	data := func(m testsign.Message) map[string]any {
		return outsideJSON(t, outsideVerify(t, m.Bytes()))["data"].(map[string]any)
	}
	d := data(outsideXML(daticert.TypeAcceptance, ` errore="nessuno"`, ""))
	require.Equal(t, "nessuno", d["errore"], "an attribute that is missing means none")
	require.Nil(t, d["ricevuta"])
	require.Nil(t, d["consegna"])

	d = data(testsign.Message{Kind: daticert.TypeAcceptance, EditXML: func(xml []byte) []byte {
		for _, name := range []string{"oggetto", "msgid", "risposte"} {
			xml = testsign.DropElement(name)(xml)
		}
		return xml
	}})
	for _, key := range []string{"oggetto", "msgid", "risposte"} {
		require.Contains(t, d, key)
		require.Nil(t, d[key], "an element that is missing is null: %s", key)
	}
	d = data(outsideXML(daticert.TypeAcceptance, "<oggetto>Trasmissione del verbale: l'attività è conclusa<", "<oggetto><"))
	require.Equal(t, "", d["oggetto"], "an element that is empty is empty")

	d = data(testsign.Message{Kind: daticert.TypeTakingInCharge, Data: daticert.Data{Receptions: []string{"a@pec.example.com", "b@pec.example.com"}}})
	require.Equal(t, []any{"a@pec.example.com", "b@pec.example.com"}, d["ricezione"])

	d = data(outsideXML(daticert.TypeAcceptance, `<destinatari tipo="certificato">destinatario@pec.example.com</destinatari>`, ""))
	require.Equal(t, []any{}, d["destinatari"], "none of many is an empty list")

	d = data(outsideXML(daticert.TypeAcceptance, "10/03/2026", "31/02/2026"))
	require.Nil(t, d["data"], "a time that cannot be read is no time")

	m := outsideJSON(t, outsideVerify(t, outsideXML(daticert.TypeAcceptance, `zona="+0100"`, `zona="-0330"`).Bytes()))
	require.Equal(t, "2026-03-10T10:15:30-03:30", m["data"].(map[string]any)["data"], "in the offset of daticert")
	require.Equal(t, "2026-03-10T10:15:30-03:30", m["referenceTime"].(map[string]any)["time"])

	d = data(outsideXML(daticert.TypeAcceptance, `tipo="accettazione"`, `tipo="altro"`))
	require.Equal(t, "altro", d["tipo"], "an unknown token stays as it was written")
}

// The other outcomes have the same keys.
func TestOutsideJSONOtherOutcomes(t *testing.T) {
	t.Parallel()
	inner := outsideInner().Bytes()
	for _, c := range []struct {
		reason                       string
		mail                         []byte
		kind, verdict, subIndication any
		signer, data, reference      bool
		layers                       int
	}{
		{"digest differs", testsign.Message{Kind: daticert.TypeDelivery, AfterSign: func(b []byte) []byte { return append(b, ' ') }}.Bytes(),
			"avvenuta-consegna", "TOTAL-FAILED", "HASH_FAILURE", true, true, true, 0},
		{"a PEC check failed", outsideSet(daticert.TypeDelivery, "From", "altri@example.com").Bytes(),
			"avvenuta-consegna", "INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", true, true, true, 0},
		{"a signature of which nothing can be read", testsign.Message{Kind: daticert.TypeDelivery, Signature: []byte("x")}.Bytes(),
			"avvenuta-consegna", "TOTAL-FAILED", "FORMAT_FAILURE", false, true, true, 0},
		{"ordinary mail", outsidePlain(""), "ordinaria", nil, nil, false, false, false, 0},
		{"an empty file", nil, "ordinaria", nil, nil, false, false, false, 0},
		{"an anomaly envelope", testsign.Message{Kind: testsign.Anomaly}.Bytes(), "anomalia", "TOTAL-PASSED", nil, true, false, true, 0},
		{"signed, but no PEC", testsign.Message{Kind: daticert.TypeDelivery, NoXML: true, Remove: []string{"X-Ricevuta"}}.Bytes(),
			"sconosciuta", "TOTAL-PASSED", nil, true, false, true, 0},
		{"a layer in ordinary mail", outsidePlain("", outsideForward(inner)), "ordinaria", nil, nil, false, false, false, 1},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r, _ := pec.Verify(outsideRead(t, c.mail), outsideOptions())
			require.NotNil(t, r)
			m := outsideJSON(t, r)
			require.Equal(t, false, m["certified"])
			require.Equal(t, "nothing", m["proves"])
			require.Equal(t, c.kind, m["kind"])
			require.Equal(t, c.subIndication, m["subIndication"])
			require.Equal(t, c.signer, m["signer"] != nil, "signer")
			require.Equal(t, c.data, m["data"] != nil, "data")
			require.Equal(t, c.verdict, m["verdict"])
			require.Equal(t, c.reference, m["referenceTime"] != nil, "referenceTime")
			require.Len(t, m["layers"], c.layers)
		})
	}
}

func TestOutsideJSONLayers(t *testing.T) {
	t.Parallel()
	mail := testsign.Message{Kind: daticert.TypeTransport, Original: outsidePlain("", outsideForward(outsideInner().Bytes()))}.Bytes()
	m := outsideJSON(t, outsideVerify(t, mail))
	layers := m["layers"].([]any)
	require.Len(t, layers, 1)
	in := layers[0].(map[string]any)
	require.Equal(t, "1.3.1.2.1", in["path"])
	require.Equal(t, true, in["certified"])
	require.Equal(t, "interno.1@pec.example.it", in["data"].(map[string]any)["identificativo"])
	require.Equal(t, []any{}, in["layers"])
}

// The language changes the details and nothing else.
func TestOutsideJSONLanguages(t *testing.T) {
	t.Parallel()
	r := outsideVerify(t, outsideSet(daticert.TypeTransport, "Subject", "altro").Bytes())
	read := func(l pec.Lang) (m map[string]any, details []string) {
		line, err := r.JSON("x", l)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(line, &m))
		for _, c := range m["checks"].([]any) {
			check := c.(map[string]any)
			details = append(details, check["detail"].(string))
			delete(check, "detail")
		}
		return m, details
	}
	en, enDetails := read(pec.English)
	it, itDetails := read(pec.Italian)
	require.Equal(t, en, it)
	require.NotEqual(t, enDetails, itDetails)

	marshalled, err := json.Marshal(r)
	require.NoError(t, err)
	var plain map[string]any
	require.NoError(t, json.Unmarshal(marshalled, &plain))
	outsideKeys(t, append([]string{"schema"}, outsideLayerKeys...), plain)
	other, _ := read("de")
	require.Equal(t, en, other, "a language that there is not is English")
}

func TestOutsideErrorJSON(t *testing.T) {
	t.Parallel()
	line, err := pec.ErrorJSON("posta/\u202e1.eml", pec.ErrorLimit, "limit passed\x1b[31m")
	require.NoError(t, err)
	var v any
	require.NoError(t, json.Unmarshal(line, &v))
	m := outsideKeys(t, []string{"schema", "file", "error"}, v)
	require.Equal(t, "pecverify/1", m["schema"])
	require.Equal(t, "posta/\u202e1.eml", m["file"])
	require.Equal(t, map[string]any{"code": "limit", "message": "limit passed\x1b[31m"}, m["error"])
	outsideHarmless(t, string(line))
	var codes []string
	for _, c := range []pec.ErrorCode{pec.ErrorNotFound, pec.ErrorUnreadable, pec.ErrorLimit, pec.ErrorTruncatedArchive, pec.ErrorCanceled, pec.ErrorInternal, pec.ErrorUsage} {
		codes = append(codes, string(c))
	}
	require.Equal(t, []string{"not-found", "unreadable", "limit", "truncated-archive", "canceled", "internal", "usage"}, codes)
}

// outsideHarmless requires text that moves no cursor and hides nothing.
func outsideHarmless(t testing.TB, s string) {
	t.Helper()
	require.True(t, utf8.ValidString(s), "%q", s)
	bad := strings.IndexFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
	})
	require.Negative(t, bad, "%q", s[max(0, bad-20):min(len(s), max(bad, 0)+20)])
}

// outsideHostile is text as a forger would write it.
const outsideHostile = "a\x1b[2J\x07\u202e\u2066\u200b\u2028\x7f\u0085\U000e0041\r\nOK: autentica\x00\xff\xfez"

// Whatever stands in the message, the JSON of it is one harmless line with the
// exact values, and every sentence can be shown.
func TestOutsideHostileText(t *testing.T) {
	t.Parallel()
	foreign := strings.NewReplacer("\r", "", "\n", " ", "\x00", "", "\x1b", "", "\x07", "", "\xff", "", "\xfe", "").Replace(outsideHostile)
	for _, kind := range append(slices.Clone(outsideKinds), testsign.Anomaly) {
		for _, value := range []string{outsideHostile, foreign} {
			for _, m := range outsideHostileMessages(kind, value) {
				r, _ := pec.Verify(outsideRead(t, m.Bytes()), outsideOptions())
				require.NotNil(t, r)
				outsideShown(t, r)
			}
		}
	}
}

// outsideHostileMessages puts hostile text into every field.
func outsideHostileMessages(kind daticert.Type, value string) []testsign.Message {
	data := daticert.Data{
		Type: daticert.Type(value), Error: daticert.ErrorCode(value), Sender: value + "@x", Recipients: []daticert.Recipient{{Type: daticert.RecipientType(value), Address: value}},
		ReplyTo: value, Subject: value, Provider: value, ID: value, MessageID: value, Receipt: daticert.ReceiptType(value), Delivery: value,
		Receptions: []string{value}, ErrorExtended: value, Date: daticert.Date{Day: value, Hour: value, Zone: value},
	}
	known := data
	known.Type, known.Date = "", daticert.Date{}
	var header []testsign.Field
	for _, name := range []string{"From", "To", "Cc", "Reply-To", "Sender", "Subject", "Date", "Message-ID", "X-Riferimento-Message-ID",
		"X-Trasporto", "X-Ricevuta", "X-TipoRicevuta", "X-VerificaSicurezza"} {
		header = append(header, testsign.Field{Name: name, Value: value + "@" + value})
	}
	return []testsign.Message{
		{Kind: kind, Data: data, Set: header},
		{Kind: kind, Data: known, Set: header},
		{Kind: kind, Set: header, Original: []byte("From: " + value + "@x\r\nSubject: " + value + "\r\nMessage-ID: " + value + "\r\nTo: " + value + "@x\r\n\r\nx")},
		{Kind: kind, Set: []testsign.Field{{Name: "Content-Type", Value: `multipart/signed; boundary="` + value}}},
		{Kind: kind, SignaturePart: testsign.Part{Type: value, Name: value}},
		{Kind: kind, XMLPart: testsign.Part{Name: value, Encoding: value}},
		{Kind: kind, XML: []byte("<postacert " + value + ">")},
		{Kind: kind, XML: []byte("<" + strings.ToValidUTF8(value, "") + "/>")},
	}
}

// outsideShown requires that nothing in a report's words or JSON is dangerous
// to show.
func outsideShown(t testing.TB, r *pec.Report) {
	t.Helper()
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		outsideHarmless(t, r.Outcome(l))
		outsideHarmless(t, r.Kind.Name(l))
		for _, c := range r.Checks() {
			outsideHarmless(t, c.Detail(l))
			require.NotContains(t, c.Detail(l), "%!", "%s", c.ID)
			require.NotContains(t, c.Detail(l), "(MISSING)")
		}
		line, err := r.JSON(outsideHostile, l)
		require.NoError(t, err)
		outsideHarmless(t, string(line))
		require.True(t, json.Valid(line))
		require.False(t, bytes.ContainsAny(line, "\n\r"))
	}
	outsideHarmless(t, (&pec.NotCertifiedError{Report: r}).Error())
	for _, in := range r.Layers {
		outsideShown(t, in)
	}
}
