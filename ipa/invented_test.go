package ipa_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

// An invented registry: names put together from syllables, addresses under
// .example. It has the columns, the quirks and, if asked for, the size of the
// real one.

var snapshotDay = time.Date(2026, 8, 16, 2, 0, 0, 0, time.UTC)

type invented struct {
	bodies, areas, offices, addresses int
	random                            *rand.Rand
}

// fullSize is what the registry holds today, rounded up.
var fullSize = invented{bodies: 24_000, areas: 45_000, offices: 125_000, addresses: 300_000}

// files returns the four datasets as CKAN's CSV.
func (v invented) files() map[ipa.Dataset][]byte {
	v.random = rand.New(rand.NewPCG(6109, 2026))
	spare := v.addresses - v.bodies - v.areas - v.offices // beyond one each
	out := make(map[ipa.Dataset][]byte)
	places := v.places(v.bodies / 3)

	var b bytes.Buffer
	b.WriteString("\ufeff_id,Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Tipologia,Codice_Categoria,Codice_natura,Codice_ateco,Ente_in_liquidazione,Codice_MIUR,Codice_ISTAT,Acronimo,Nome_responsabile,Cognome_responsabile,Titolo_responsabile,Codice_comune_ISTAT,Codice_catastale_comune,CAP,Indirizzo,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2,Mail3,Tipo_Mail3,Mail4,Tipo_Mail4,Mail5,Tipo_Mail5,Sito_istituzionale,Url_facebook,Url_linkedin,Url_twitter,Url_youtube,Data_aggiornamento\r\n")
	var codes, names []string
	for i := range v.bodies {
		place := places[i%len(places)]
		name, category := "Comune di "+place, "L6"
		if i >= len(places) {
			name, category = v.bodyName(place), "L33"
		}
		code := fmt.Sprintf("c_%c%03d_%d", 'a'+i%26, i%1000, i)
		if i%11 == 0 {
			code = strings.ToUpper(code)
		}
		codes, names = append(codes, code), append(names, name)
		mails := v.mails(plain(place), i, 5, &spare)
		fmt.Fprintf(&b, "%d,%s,%s,%011d,Pubbliche Amministrazioni,%s,2430,84.11,N,,%d,,Nome,Cognome,Sindaco,%06d,A%03d,%05d,%q,%s,www.comune.%s.example,,,,,2026-08-10\r\n",
			i+1, code, quote(name), i, category, i, 1000*(1+i%110)+i%300, i%1000, i%98168, fmt.Sprintf("Via Roma, %d", i%200), mails, plain(place))
	}
	out[ipa.Bodies] = bytes.Clone(b.Bytes())

	b.Reset()
	b.WriteString("_id,Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_uni_aoo,Denominazione_aoo,cod_aoo,Data_istituzione,Nome_responsabile,Cognome_responsabile,Mail_responsabile,Telefono_responsabile,Codice_comune_ISTAT,Codice_catastale_comune,CAP,Indirizzo,Telefono,Fax,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2,Mail3,Tipo_Mail3,Protocollo_informatico,URI_Protocollo_informatico,Data_aggiornamento\r\n")
	for i := range v.areas {
		body := i % v.bodies
		mails := v.mails(plain(places[body%len(places)]), v.bodies+i, 3, &spare)
		fmt.Fprintf(&b, "%d,%s,%s,%011d,A%06X,%s,aoo%d,2019-01-01,Nome,Cognome,,,%06d,A%03d,%05d,%q,0543%06d,,%s,S,,2026-08-10\r\n",
			i+1, codes[body], quote(names[body]), body, i, v.areaName(), i, 1000*(1+body%110), body%1000, body%98168, "Piazza Unita' d'Italia 1", i, mails)
	}
	out[ipa.Areas] = bytes.Clone(b.Bytes())

	b.Reset()
	b.WriteString("_id,Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_uni_uo,Codice_uni_aoo,Codice_uni_uo_padre,Descrizione_uo,Data_istituzione,Nome_responsabile,Cognome_responsabile,Mail_responsabile,Telefono_responsabile,Codice_comune_ISTAT,Codice_catastale_comune,CAP,Indirizzo,Telefono,Fax,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2,Mail3,Tipo_Mail3,Data_aggiornamento,Url\r\n")
	for i := range v.offices {
		body := i % v.bodies
		parent := ""
		if i >= 2*v.bodies {
			parent = fmt.Sprintf("U%05X", i-v.bodies)
		}
		mails := v.mails(plain(places[body%len(places)]), v.bodies+v.areas+i, 3, &spare)
		fmt.Fprintf(&b, "%d,%s,%s,%011d,U%05X,A%06X,%s,%s,2020-02-02,Nome,Cognome,,,%06d,A%03d,%05d,%q,0543%06d,,%s,2026-08-10,\r\n",
			i+1, codes[body], quote(names[body]), body, i, body%v.areas, parent, v.officeName(), 1000*(1+body%110), body%1000, body%98168, "Viale della Liberta', 2", i, mails)
	}
	out[ipa.Offices] = bytes.Clone(b.Bytes())

	b.Reset()
	b.WriteString("Codice_IPA,Denominazione_ente,pec,Data_pubblicazione,Nome_Categoria\r\n")
	for i := range v.bodies {
		fmt.Fprintf(&b, "%s,%s,%s,2020-01-01,Invented\r\n", codes[i], quote(names[i]), primary(plain(places[i%len(places)]), i))
	}
	out[ipa.PEC] = b.Bytes()
	return out
}

func quote(s string) string {
	if strings.ContainsAny(s, `,"`) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func plain(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "'", "", "ì", "i", "à", "a").Replace(s))
}

func (v *invented) places(n int) []string {
	first := strings.Fields("ba bel ca cor do fa gre la lu ma mon no or pe qua ri san ter val ve zu")
	middle := strings.Fields("ba ce di fo gi la le mi na no pa ra ri sa ta te vi zo gna ste")
	last := strings.Fields("no na ro la te sco lli dì gnà ne sso zza nto ria")
	seen := make(map[string]bool)
	var out []string
	for len(out) < n {
		name := pick(v.random, first) + pick(v.random, middle) + pick(v.random, middle) + pick(v.random, last)
		name = strings.ToUpper(name[:1]) + name[1:]
		if v.random.IntN(8) == 0 {
			name += " " + pick(v.random, []string{"sul Mare", "d'Alba", "del Colle", "Terme", "di Sopra"})
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

func (v *invented) bodyName(place string) string {
	return pick(v.random, []string{"Istituto Comprensivo", "Ordine degli Ingegneri di", "Azienda Sanitaria Locale di", "Unione dei Comuni di",
		"Liceo Scientifico", "Consorzio di Bonifica", "Camera di Commercio di", "Parco Regionale di", "Universita' di", "Fondazione Teatro"}) +
		" " + place + pick(v.random, []string{"", " Nord", " Sud", " e Valli", ` "A. Rossi"`})
}

func (v *invented) areaName() string {
	return pick(v.random, []string{"Ufficio Protocollo", "Area Organizzativa Omogenea Unica", "AOO Generale", "Protocollo Generale"})
}

func (v *invented) officeName() string {
	return pick(v.random, []string{"Ufficio", "Settore", "Servizio", "Area", "Direzione"}) + " " +
		pick(v.random, []string{"Tributi", "Anagrafe", "Ragioneria", "Lavori Pubblici", "Polizia Locale", "Affari Generali", "Transizione Digitale", "eFatturaPA", "Urbanistica", "Servizi Sociali"}) +
		pick(v.random, []string{"", "", " e Personale", " - Sezione Distaccata"})
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func primary(place string, i int) string {
	address := fmt.Sprintf("protocollo%d@pec.comune.%s.example", i, place)
	if i%150 == 0 {
		address = strings.ToUpper(address)
	}
	return address
}

// mails writes n pairs of address and type: one address, and others as long as
// the spare ones last.
func (v *invented) mails(place string, i, n int, spare *int) string {
	cells := make([]string, 0, 2*n)
	cells = append(cells, primary(place, i), "Pec")
	for k := 1; k < n; k++ {
		switch {
		case *spare > 0 && v.random.IntN(2) == 0:
			*spare--
			cells = append(cells, fmt.Sprintf("ufficio%d.%d@comune.%s.example", i, k, place), "Altro")
		case k == 1:
			cells = append(cells, "da_indicare@x.it", "Altro")
		default:
			cells = append(cells, "", "")
		}
	}
	return strings.Join(cells, ",")
}

func build(tb testing.TB, files map[ipa.Dataset][]byte) *ipa.Snapshot {
	tb.Helper()
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	for _, d := range []ipa.Dataset{ipa.Bodies, ipa.Areas, ipa.Offices, ipa.PEC} {
		if files[d] == nil {
			continue
		}
		_, err := b.Add(bytes.NewReader(files[d]), ipa.Input{Name: string(d) + ".csv"})
		require.NoError(tb, err)
	}
	s, err := b.Snapshot()
	require.NoError(tb, err)
	return s
}

var fullSnapshot = sync.OnceValues(func() (*ipa.Snapshot, error) {
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	files := fullSize.files()
	for _, d := range []ipa.Dataset{ipa.Bodies, ipa.Areas, ipa.Offices, ipa.PEC} {
		if _, err := b.Add(bytes.NewReader(files[d]), ipa.Input{Name: string(d) + ".csv"}); err != nil {
			return nil, err
		}
	}
	return b.Snapshot()
})

func full(tb testing.TB) *ipa.Snapshot {
	tb.Helper()
	if testing.Short() {
		tb.Skip("the full-size snapshot takes seconds to make")
	}
	s, err := fullSnapshot()
	require.NoError(tb, err)
	return s
}

// one reads one file into a snapshot.
func one(tb testing.TB, name, text string) (*ipa.Snapshot, error) {
	tb.Helper()
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	if _, err := b.Add(strings.NewReader(text), ipa.Input{Name: name}); err != nil {
		return nil, err
	}
	return b.Snapshot()
}
