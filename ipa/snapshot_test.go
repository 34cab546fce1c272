package ipa_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

// A small registry. Names and codes are invented.
const (
	bodiesCSV = "\ufeff_id,Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Tipologia,Codice_Categoria,Ente_in_liquidazione,Acronimo,Codice_comune_ISTAT,CAP,Indirizzo,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2,Sconosciuta\r\n" +
		`1,c_z001,Comune di Fantàsia,00144000014,Pubbliche Amministrazioni,L6,N,,040012,00144, "Via ""Nuova"", 1",protocollo@pec.comune.fantasia.example,Pec,info@comune.fantasia.example,Altro,x` + "\r\n" +
		`2,C_Z002,Comune di Fantasia del Sannio,00144000022,Pubbliche Amministrazioni,L6,N,,070001,07010,Via Roma 2,PROTOCOLLO.GEN@LEGALMAIL.EXAMPLE,Pec,da_indicare@x.it,Altro,x` + "\r\n" +
		`3,minfan,Ministero della Fantasia,00144000030,Pubbliche Amministrazioni,C1,N,MINFAN,058091,00187,"Via su due` + "\n" + `righe",protocollo@pec.minfan.example,Pec,,,x` + "\r\n" +
		`4,oldco,Consorzio Fantasia,00144000048,Gestori,L37,S,,040012,,,-,Altro,null,,x` + "\r\n"
	areasCSV = "Codice_IPA,Codice_uni_aoo,cod_aoo,Denominazione_aoo,Mail1,Tipo_Mail1\n" +
		"c_z001,AZ00001,main,Protocollo Generale,protocollo@PEC.comune.fantasia.example,Pec\n"
	officesCSV = "Codice_IPA,Denominazione_ente,Codice_uni_uo,Codice_uni_aoo,Codice_uni_uo_padre,Descrizione_uo,Mail1,Tipo_Mail1,Telefono\n" +
		"c_z001,Comune di Fantàsia,UF0002,AZ00001,UF0001,Ufficio Tributi,tributi@pec.comune.fantasia.example,Pec,0543 1\n" +
		"C_Z001,Comune di Fantàsia,UF0001,AZ00001,,Settore Ragioneria,,,\n" +
		"c_z001,Comune di Fantàsia,UF0003,AZ00001,UF0001,Anagrafe,anagrafe@comune.fantasia.example,Altro,\n" +
		"minfan,Ministero della Fantasia,TR0001,,,Tribunale di Fantasia,tribunale@giustizia.example,pec,\n" +
		"altro1,Ente Senza Riga,ES0001,,,Ufficio Solo,,,\n"
	pecCSV = "Codice_IPA,pec,Data_pubblicazione,Nome_Categoria\n" +
		"c_z001,protocollo@pec.comune.fantasia.example,2015-01-02,Comune\n" +
		"c_z001,seconda@pec.comune.fantasia.example,2018-03-04,Comune\n"
	invoicingCSV = "Codice_IPA,Codice_uni_uo,Codice_fiscale_sfe,Data_avvio_sfe\n" +
		"c_z001,UF0002,00144000055,2015-03-31\n"
	categoriesCSV = "Codice_categoria,Nome_categoria,Tipologia_categoria\nL6,Comuni e loro Consorzi e Associazioni,Pubbliche Amministrazioni\n"
	officerCSV    = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Titolo_responsabile,Nome_responsabile,Cognome_responsabile,Mail_responsabile,Mail1,Tipo_Mail1\n" +
		"c_z001,Comune di Fantasia,,Sindaco,Mario,Rossi,mario.rossi@example.it,a@pec.example.it,Pec\n"
	ringsCSV    = "Codice_IPA,Codice_uni_uo,Codice_uni_uo_padre,Descrizione_uo,Mail1\nc_z,A00001,B00001,A,\nc_z,B00001,A00001,B,\nc_z,C00001,C00001,C,\nc_z,D00001,A00001,D,\nc_y,E00001,A00001,E,\n"
	unquotedTXT = "cod_amm\tdes_amm\tCf\tmail1\ttipo_mail1\nc_z\t\"Fantasia\" s.r.l. \"\tnull\tnull\tnull\n"
)

func small(tb testing.TB) *ipa.Snapshot {
	tb.Helper()
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	// Offices first: the order of the files does not count.
	for _, f := range []struct {
		name    string
		dataset ipa.Dataset
		text    string
	}{
		{"uo.csv", ipa.Offices, officesCSV}, {"sfe.csv", ipa.Invoicing, invoicingCSV}, {"aoo.csv", ipa.Areas, areasCSV},
		{"pec.csv", ipa.PEC, pecCSV}, {"enti.csv", ipa.Bodies, bodiesCSV}, {"categorie.csv", ipa.Categories, categoriesCSV},
	} {
		source, err := b.Add(strings.NewReader(f.text), ipa.Input{Name: f.name})
		require.NoError(tb, err)
		require.Equal(tb, f.dataset, source.Dataset)
	}
	s, err := b.Snapshot()
	require.NoError(tb, err)
	return s
}

func TestAddressAnswers(t *testing.T) {
	t.Parallel()
	s := small(t)
	for _, c := range []struct {
		reason, address string
		listed          ipa.Listing
		owners          []string // codes
		said            string
	}{
		{"an address of a body and of its area, in other case", "Protocollo@Pec.Comune.Fantasia.Example", ipa.ListedPEC, []string{"c_z001", "AZ00001"},
			"Protocollo@Pec.Comune.Fantasia.Example is listed as PEC by Comune di Fantàsia and 1 more in the IPA snapshot of 2026-08-16"},
		{"published in capitals", "protocollo.gen@legalmail.example", ipa.ListedPEC, []string{"C_Z002"},
			"protocollo.gen@legalmail.example is listed as PEC by Comune di Fantasia del Sannio in the IPA snapshot of 2026-08-16"},
		{"an ordinary address", "info@comune.fantasia.example", ipa.ListedOther, []string{"c_z001"},
			"info@comune.fantasia.example is listed, not as PEC, by Comune di Fantàsia in the IPA snapshot of 2026-08-16"},
		{"an office's", "tributi@pec.comune.fantasia.example", ipa.ListedPEC, []string{"UF0002"},
			"tributi@pec.comune.fantasia.example is listed as PEC by Ufficio Tributi, Comune di Fantàsia in the IPA snapshot of 2026-08-16"},
		{"in the register only", "seconda@pec.comune.fantasia.example", ipa.ListedPEC, []string{"c_z001"},
			"seconda@pec.comune.fantasia.example is listed as PEC by Comune di Fantàsia in the IPA snapshot of 2026-08-16"},
		{"a filling of a mandatory field", "da_indicare@x.it", ipa.NotListed, nil, "da_indicare@x.it is not in the IPA snapshot of 2026-08-16"},
		{"a firm's", "ditta@pec.example.it", ipa.NotListed, nil, "ditta@pec.example.it is not in the IPA snapshot of 2026-08-16"},
		{"nothing at all", "", ipa.NotListed, nil, " is not in the IPA snapshot of 2026-08-16"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			a := s.Address(c.address)
			require.Equal(t, c.listed, a.Listed)
			require.Equal(t, snapshotDay, a.Snapshot)
			require.Equal(t, c.said, a.String())
			var owners []string
			for _, o := range a.Owners {
				owners = append(owners, o.Entity.Code())
			}
			require.Equal(t, c.owners, owners)
		})
	}
	require.Len(t, s.Address("protocollo@pec.comune.fantasia.example").Bodies(), 1, "the area belongs to the same body")
}

func TestExactAnswers(t *testing.T) {
	t.Parallel()
	s := small(t)
	for _, c := range []struct {
		reason string
		answer ipa.Answer
		want   []string
	}{
		{"a body in other case", s.Body("C_Z001"), []string{"c_z001"}},
		{"published in capitals", s.Body(" c_z002 "), []string{"C_Z002"}},
		{"named by an office only", s.Body("altro1"), []string{"altro1"}},
		{"unknown", s.Body("nessuno"), nil},
		{"no code", s.Body(""), nil},
		{"a fiscal code", s.FiscalCode("00144000014"), []string{"c_z001"}},
		{"of an invoicing office", s.FiscalCode("00144000055"), []string{"UF0002"}},
		{"a recipient code", s.Recipient("uf0001"), []string{"UF0001"}},
		{"an area is no recipient", s.Recipient("AZ00001"), nil},
		{"an area by its code", s.Unit("az00001"), []string{"AZ00001"}},
		{"a domain, through an office too", s.Domain("Giustizia.example"), []string{"minfan"}},
		{"a domain of one body, once", s.Domain("pec.comune.fantasia.example."), []string{"c_z001"}},
		{"a domain of nobody", s.Domain("example"), nil},
	} {
		var got []string
		for _, e := range c.answer.Entities {
			got = append(got, e.Code())
		}
		require.Equal(t, c.want, got, c.reason)
		require.Equal(t, snapshotDay, c.answer.Snapshot, c.reason)
	}
	require.Equal(t, "nessuno is not in the IPA snapshot of 2026-08-16", s.Body("nessuno").String())
	require.Equal(t, "uf0002 is Ufficio Tributi, Comune di Fantàsia in the IPA snapshot of 2026-08-16", s.Recipient("uf0002").String())
}

func TestEntities(t *testing.T) {
	t.Parallel()
	s := small(t)
	body := s.Body("c_z001").First()
	var tree []string
	for e := range body.Units() {
		tree = append(tree, strings.Repeat("  ", e.Depth())+e.Name())
	}
	require.Equal(t, []string{"Protocollo Generale", "Settore Ragioneria", "  Anagrafe", "  Ufficio Tributi"}, tree,
		"areas first, then the tree of offices by name")
	office := s.Unit("UF0002").First()
	require.Equal(t, "UF0001", office.Parent().Code())
	require.Equal(t, "AZ00001", office.Area().Code())
	require.Equal(t, body, office.Body())

	r := body.Record()
	require.Equal(t, "00144", r.PostalCode, "leading zeros stay")
	require.Equal(t, `Via "Nuova", 1`, r.Street, "a blank before the quote")
	require.Equal(t, "FC", r.Province)
	require.Equal(t, "Comuni e loro Consorzi e Associazioni", r.CategoryName)
	require.Equal(t, []ipa.Address{
		{Text: "protocollo@pec.comune.fantasia.example", Type: ipa.TypePEC, Published: "2015-01-02"},
		{Text: "info@comune.fantasia.example", Type: ipa.TypeOther},
		{Text: "seconda@pec.comune.fantasia.example", Type: ipa.TypePEC, Role: ipa.RoleRegister, Published: "2018-03-04"},
	}, r.Addresses, "the register completes the mailbox")
	require.Equal(t, "Via su due\nrighe", s.Body("minfan").First().Record().Street)
	require.True(t, s.Body("oldco").First().InLiquidation())
	require.Empty(t, s.Body("oldco").First().Addresses(), "- and null are no addresses")
	require.True(t, s.Body("altro1").First().Referenced())
	require.Equal(t, "Ente Senza Riga", s.Body("altro1").First().Name())
	require.Nil(t, r.Officer)

	require.Zero(t, ipa.Entity{}.Record().Kind, "the zero Entity has nothing")
	require.Equal(t, "00144000055", office.Record().InvoiceCode)

	raw, err := json.Marshal(s.Address("tributi@pec.comune.fantasia.example"))
	require.NoError(t, err)
	require.Contains(t, string(raw), `"listed":"pec"`)
	require.Contains(t, string(raw), `"bodyName":"Comune di Fantàsia"`)
	require.Contains(t, string(raw), `"snapshot":"2026-08-16T02:00:00Z"`)
}

func TestOfficersAreKeptOnRequestOnly(t *testing.T) {
	t.Parallel()
	without, err := one(t, "enti.csv", officerCSV)
	require.NoError(t, err)
	var all bytes.Buffer
	_, err = without.WriteTo(&all)
	require.NoError(t, err)
	require.NotContains(t, all.String(), "Rossi")
	require.NotContains(t, all.String(), "mario.rossi")

	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay, Officers: true})
	_, err = b.Add(strings.NewReader(officerCSV), ipa.Input{Name: "enti.csv"})
	require.NoError(t, err)
	with, err := b.Snapshot()
	require.NoError(t, err)
	require.Equal(t, &ipa.Officer{Title: "Sindaco", FirstName: "Mario", LastName: "Rossi"}, with.Body("c_z001").First().Record().Officer)
	require.Equal(t, ipa.RoleOfficer, with.Address("mario.rossi@example.it").Owners[0].Address.Role)
	require.Equal(t, ipa.ListedOther, with.Address("mario.rossi@example.it").Listed)
}

var searches = []struct {
	reason, text string
	want         []string // codes of the first hits, in order
	total        int
}{
	{"without accent, the exact name first", "comune di fantasia", []string{"c_z001", "C_Z002"}, 2},
	{"with an apostrophe for the accent elsewhere", "COMUNE DI FANTASIA DEL SANNIO", []string{"C_Z002"}, 1},
	{"the bare name means the municipality", "fantasia", []string{"c_z001"}, 5},
	{"the beginnings of words", "com fanta san", []string{"C_Z002"}, 1},
	{"without fillers", "comune fantasia sannio", []string{"C_Z002"}, 1},
	{"in another order", "sannio fantasia", []string{"C_Z002"}, 1},
	{"an acronym", "minfan", []string{"minfan"}, 1},
	{"with the province", "comune di fantasia cb", []string{"C_Z002"}, 1},
	{"an office by its own name and its body's", "ufficio tributi comune di fantasia", []string{"UF0002"}, 1},
	{"an office of the State", "tribunale di fantasia", []string{"TR0001"}, 1},
	{"two words written as one", "delsannio", []string{"C_Z002"}, 1},
	{"one word written as two", "comune di fan tasia", []string{"c_z001", "C_Z002"}, 2},
	{"a word that is nowhere", "comune di nessunluogo", nil, 0},
	{"every word must be there", "fantasia sannio tribunale", nil, 0},
	{"nothing to look for", " ' . ", nil, 0},
	{"in liquidation comes last among equals", "consorzio fantasia", []string{"oldco"}, 1},
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := small(t)
	for _, c := range searches {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			a := s.Search(c.text, nil)
			var got []string
			for _, h := range a.Hits {
				got = append(got, h.Code())
			}
			require.Equal(t, c.total, a.Total, "%v", got)
			require.LessOrEqual(t, len(c.want), len(got), "%v", got)
			require.Equal(t, c.want, append([]string(nil), got[:len(c.want)]...))
			require.Equal(t, snapshotDay, a.Snapshot)
		})
	}
	require.Len(t, s.Search("fantasia", &ipa.SearchOptions{Limit: 2}).Hits, 2)
	for _, h := range s.Search("fantasia", &ipa.SearchOptions{Kinds: []ipa.Kind{ipa.KindOffice}}).Hits {
		require.Equal(t, ipa.KindOffice, h.Kind())
	}
}

// formats are one file in every form.
var formats = []struct{ name, text string }{
	{"CSV", "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,CAP,Mail1,Tipo_Mail1\nc_z,Comune di Fantasia,,00144,a@pec.example.it,Pec\n"},
	{"CSV, columns in another order and case, blanks, CRLF, no last line end", "mail1 , DENOMINAZIONE_ENTE,tipo_mail1, CAP,codice_fiscale_ente,Codice_ipa\r\n\"a@pec.example.it\" , \"Comune di Fantasia\" ,pec,00144,n.d., c_z "},
	{"TSV with quotes", "\ufeffCodice_IPA\tDenominazione_ente\tCodice_fiscale_ente\tCAP\tMail1\tTipo_Mail1\nc_z\t\"Comune di Fantasia\"\t\t00144\ta@pec.example.it\tPec\n"},
	{"JSON dump", `{"fields":[{"id":"_id","type":"int"},{"id":"Mail1","type":"text"},{"id":"CAP","type":"text"},{"id":"Codice_IPA","type":"text"},{"id":"Denominazione_ente","type":"text"},{"id":"Codice_fiscale_ente","type":"text"},{"id":"Tipo_Mail1","type":"text"}],` + "\n" + `"records":[` + "\n" + `[1,"a@pec.example.it","00144","c_z"," Comune di Fantasia",null,"Pec"]` + "\n" + `],"total":1}`},
	{"old file", "cod_amm\tdes_amm\tCap\tCf\tmail1\ttipo_mail1\nc_z\tComune di Fantasia\t00144\tnull\ta@pec.example.it\tpec\n"},
}

func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	want := []string{"Comune di Fantasia", "00144", "a@pec.example.it"}
	for _, c := range formats {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := one(t, c.name, c.text)
			require.NoError(t, err)
			r := s.Body("C_Z").First().Record()
			require.Equal(t, want, []string{r.Name, r.PostalCode, r.Addresses[0].Text})
			require.Equal(t, ipa.TypePEC, r.Addresses[0].Type)
			require.Empty(t, r.FiscalCode)
		})
	}
}

func TestOldFilesHaveNoQuoting(t *testing.T) {
	t.Parallel()
	s, err := one(t, "amministrazioni.txt", unquotedTXT)
	require.NoError(t, err)
	require.Equal(t, `"Fantasia" s.r.l. "`, s.Body("c_z").First().Name())
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	s := small(t)
	path := filepath.Join(t.TempDir(), "ipa.idx")
	require.NoError(t, s.Save(path))
	loaded, err := ipa.Load(path)
	require.NoError(t, err)
	require.Equal(t, s.SHA256(), loaded.SHA256())
	require.Equal(t, s.Manifest(), loaded.Manifest())
	require.Equal(t, small(t).SHA256(), s.SHA256(), "the same files give the same bytes")
	require.Equal(t, s.Address("info@comune.fantasia.example").String(), loaded.Address("info@comune.fantasia.example").String())
	require.Equal(t, 4, s.Manifest().Rows(ipa.Bodies))
	require.Equal(t, 5, s.Len(ipa.KindBody))
	require.Equal(t, 1, s.Len(ipa.KindArea))
	require.Equal(t, 5, s.Len(ipa.KindOffice))
	require.Equal(t, 9, s.AddressCount(), "five of bodies, one of the area, three of offices")
}

func TestOfficeAboveItself(t *testing.T) {
	t.Parallel()
	s, err := one(t, "uo.csv", ringsCSV)
	require.NoError(t, err)
	n := 0
	for e := range s.Body("c_z").First().Units() {
		require.LessOrEqual(t, e.Depth(), 2)
		n++
	}
	require.Equal(t, 4, n, "every office is in the tree")
	require.Equal(t, 3, s.Manifest().DefectCount, "two rings, and an office above from another body: %v", s.Manifest().Defects)
}
