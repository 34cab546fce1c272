package pec

import (
	"encoding/json"
	"time"

	"github.com/gopec/gopec/internal/printable"
)

// Schema names the form of the JSON. Keys may be added under one name; none is
// removed or changes its meaning.
const Schema = "pecverify/1"

// document is the JSON of one message, or of one inner layer. Every key is
// always there: null where there is no value, [] for an empty list.
type document struct {
	Schema string  `json:"schema,omitempty"` // not in layers
	File   *string `json:"file,omitempty"`   // not in layers
	Path   *string `json:"path,omitempty"`   // in layers only

	Kind             Kind             `json:"kind"`
	Certified        bool             `json:"certified"`
	Proves           Proof            `json:"proves"`
	Verdict          *Verdict         `json:"verdict"`
	SubIndication    *SubIndication   `json:"subIndication"`
	Policy           Policy           `json:"policy"`
	ProofOfExistence ProofOfExistence `json:"proofOfExistence"`
	ReferenceTime    *timeJSON        `json:"referenceTime"`
	Signer           *signerJSON      `json:"signer"`
	Data             *dataJSON        `json:"data"`
	Checks           []checkJSON      `json:"checks"`
	Layers           []document       `json:"layers"`
}

type timeJSON struct {
	Time   string     `json:"time"`
	Source TimeSource `json:"source"`
}

type signerJSON struct {
	Email        *string `json:"email"`
	CommonName   *string `json:"commonName"`
	Organization *string `json:"organization"`
	Issuer       string  `json:"issuer"`
	Serial       string  `json:"serial"`
	SHA256       string  `json:"sha256"`
	NotBefore    string  `json:"notBefore"`
	NotAfter     string  `json:"notAfter"`
}

type dataJSON struct {
	Tipo             *string         `json:"tipo"`
	Errore           *string         `json:"errore"`
	Mittente         *string         `json:"mittente"`
	Destinatari      []recipientJSON `json:"destinatari"`
	Risposte         *string         `json:"risposte"`
	Oggetto          *string         `json:"oggetto"`
	GestoreEmittente *string         `json:"gestoreEmittente"`
	Data             *string         `json:"data"`
	Identificativo   *string         `json:"identificativo"`
	Msgid            *string         `json:"msgid"`
	Ricevuta         *string         `json:"ricevuta"`
	Consegna         *string         `json:"consegna"`
	Ricezione        []string        `json:"ricezione"`
	ErroreEsteso     *string         `json:"erroreEsteso"`
}

type recipientJSON struct {
	Tipo      string `json:"tipo"`
	Indirizzo string `json:"indirizzo"`
}

type checkJSON struct {
	ID     CheckID `json:"id"`
	Status Status  `json:"status"`
	Clause string  `json:"clause"`
	Detail string  `json:"detail"`
}

// JSON returns the report as one line of JSON without a line end, under the
// name of the file that the message came from. Control, bidi and zero-width
// characters stand as escapes, so that the line is harmless on a terminal and
// its values are exact.
func (r *Report) JSON(file string, l Lang) ([]byte, error) {
	d := r.document(l)
	d.Schema, d.File = Schema, &file
	return marshal(d)
}

// MarshalJSON returns the report as JSON in English, without the name of a
// file. It implements json.Marshaler.
func (r *Report) MarshalJSON() ([]byte, error) {
	d := r.document(English)
	d.Schema = Schema
	return marshal(d)
}

// ErrorCode says why no verdict was reached.
type ErrorCode string

// The error codes.
const (
	ErrorNotFound         ErrorCode = "not-found"
	ErrorUnreadable       ErrorCode = "unreadable"
	ErrorLimit            ErrorCode = "limit"
	ErrorTruncatedArchive ErrorCode = "truncated-archive"
	ErrorCanceled         ErrorCode = "canceled"
	ErrorInternal         ErrorCode = "internal"
	ErrorUsage            ErrorCode = "usage"
)

// ErrorJSON returns the line of JSON for a file of which there is no verdict.
func ErrorJSON(file string, code ErrorCode, message string) ([]byte, error) {
	type detail struct {
		Code    ErrorCode `json:"code"`
		Message string    `json:"message"`
	}
	return marshal(struct {
		Schema string `json:"schema"`
		File   string `json:"file"`
		Error  detail `json:"error"`
	}{Schema, file, detail{code, message}})
}

func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return printable.JSON(b), nil
}

func (r *Report) document(l Lang) document {
	d := document{
		Kind: r.Kind, Certified: r.Certified, Proves: r.Proves, Policy: r.Policy, ProofOfExistence: r.ProofOfExistence,
		ReferenceTime: r.timeJSON(), Signer: r.signerJSON(), Data: r.dataJSON(),
		Checks: make([]checkJSON, 0, len(checks)), Layers: make([]document, 0, len(r.Layers)),
	}
	if r.Verdict != "" {
		d.Verdict = &r.Verdict
	}
	if r.SubIndication != "" {
		d.SubIndication = &r.SubIndication
	}
	for _, c := range r.Checks() {
		d.Checks = append(d.Checks, checkJSON{c.ID, c.Status, c.Clause, c.Detail(l)})
	}
	for _, inner := range r.Layers {
		x := inner.document(l)
		x.Path = &inner.Path
		d.Layers = append(d.Layers, x)
	}
	return d
}

func (r *Report) timeJSON() *timeJSON {
	if r.ReferenceTime.Time.IsZero() {
		return nil
	}
	return &timeJSON{r.ReferenceTime.Time.Format(time.RFC3339), r.ReferenceTime.Source}
}

func (r *Report) signerJSON() *signerJSON {
	s := r.Signer
	if s == nil {
		return nil
	}
	return &signerJSON{
		Email: valueOrNull(s.Email), CommonName: valueOrNull(s.CommonName), Organization: valueOrNull(s.Organization),
		Issuer: s.Issuer, Serial: s.Serial, SHA256: s.SHA256,
		NotBefore: s.NotBefore.Format(time.RFC3339), NotAfter: s.NotAfter.Format(time.RFC3339),
	}
}

// dataJSON gives the certification data. An element that the document has but
// leaves empty is an empty string; one that it does not have is null.
func (r *Report) dataJSON() *dataJSON {
	d := r.Data
	if d == nil {
		return nil
	}
	element := func(name, value string) *string {
		if value == "" && !d.Has(name) {
			return nil
		}
		return &value
	}
	j := &dataJSON{
		Tipo: valueOrNull(string(d.Type)), Errore: valueOrNull(string(d.Error)),
		Mittente: element("mittente", d.Sender), Risposte: element("risposte", d.ReplyTo), Oggetto: element("oggetto", d.Subject),
		GestoreEmittente: element("gestore-emittente", d.Provider), Identificativo: element("identificativo", d.ID),
		Msgid: element("msgid", d.MessageID), Ricevuta: valueOrNull(string(d.Receipt)), Consegna: element("consegna", d.Delivery),
		ErroreEsteso: element("errore-esteso", d.ErrorExtended),
		Destinatari:  make([]recipientJSON, 0, len(d.Recipients)), Ricezione: append([]string{}, d.Receptions...),
	}
	for _, rc := range d.Recipients {
		j.Destinatari = append(j.Destinatari, recipientJSON{string(rc.Type), rc.Address})
	}
	if t, err := d.Time(); err == nil {
		s := t.Format(time.RFC3339)
		j.Data = &s
	}
	return j
}

func valueOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
