package ipa_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/ipa"
)

// The reference data is real. Nothing of it is repeated here but counts and
// names of municipalities.

func addFile(t *testing.T, b *ipa.Builder, in ipa.Input, elem ...string) ipa.Source {
	t.Helper()
	path := counterpart.Reference(t, append([]string{"data", "ipa"}, elem...)...)
	source, err := b.AddFile(path, in)
	require.NoError(t, err)
	return source
}

func TestReferenceOldFiles(t *testing.T) {
	t.Parallel()
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay, Officers: true})
	dir := counterpart.Reference(t, "data", "ipa", "legacy_txt_2017")
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 9)
	for _, file := range files {
		source, err := b.AddFile(file, ipa.Input{})
		require.NoError(t, err)
		require.Equal(t, 19, source.Rows, file)
		require.Equal(t, filepath.Base(file), string(source.Dataset), "the columns tell the dataset")
	}
	s, err := b.Snapshot()
	require.NoError(t, err)
	for _, file := range files {
		for address, code := range oldAddresses(t, file) {
			requireOwner(t, s, address, code)
		}
	}
	withCode := 0
	for e := range s.Entities() {
		r := e.Record()
		if r.FiscalCode != "" {
			withCode++
			require.Equal(t, e.Code(), s.FiscalCode(r.FiscalCode).First().Code())
		}
		if e.Kind() == ipa.KindOffice && e.Code() != "" {
			require.Equal(t, []ipa.Entity{e}, s.Recipient(strings.ToLower(e.Code())).Entities)
		}
	}
	require.Equal(t, 19, withCode, "every body of amministrazioni.txt has a fiscal code")
}

// oldAddresses reads the addresses of one of the older files with a reader of
// its own: address to code of the body.
func oldAddresses(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	header := strings.Split(lines[0], "\t")
	out := make(map[string]string)
	for _, line := range lines[1:] {
		code, addresses := "", []string(nil)
		for i, v := range strings.Split(line, "\t") {
			switch name := strings.ToLower(header[i]); {
			case name == "cod_amm":
				code = v
			case strings.HasPrefix(name, "mail") && strings.Contains(v, "@") && !strings.HasSuffix(v, "@x.it"):
				addresses = append(addresses, v)
			}
		}
		for _, a := range addresses {
			out[a] = code
		}
	}
	return out
}

// requireOwner looks an address up as written, in capitals and in small
// letters.
func requireOwner(t *testing.T, s *ipa.Snapshot, address, bodyCode string) {
	t.Helper()
	for _, form := range []string{address, strings.ToUpper(address), strings.ToLower(address), " <" + address + ">"} {
		found := false
		for _, body := range s.Address(form).Bodies() {
			found = found || strings.EqualFold(body.Code(), bodyCode)
		}
		if !found {
			t.Errorf("an address of body %s is not found (%d characters)", bodyCode, len(form))
		}
	}
}

func TestReferencePublicBodies(t *testing.T) {
	t.Parallel()
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	source := addFile(t, b, ipa.Input{
		Dataset: ipa.Bodies,
		Rename:  map[string]string{"id": "Codice_IPA", "name": "Denominazione_ente", "email": "Mail1", "classification": "Codice_Categoria", "url": "Sito_istituzionale"},
		Without: []string{"Codice_fiscale_ente"},
	}, "publicbodies_it_2013.csv")
	require.Equal(t, 11_951, source.Rows)
	s, err := b.Snapshot()
	require.NoError(t, err)
	require.Equal(t, 11_951, s.Len(ipa.KindBody))

	f, err := os.Open(counterpart.Reference(t, "data", "ipa", "publicbodies_it_2013.csv"))
	require.NoError(t, err)
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll() // a second reader of the same bytes
	require.NoError(t, err)
	distinct := make(map[string]bool)
	for _, r := range records[1:] {
		if email := strings.TrimSpace(r[13]); email != "" {
			distinct[strings.ToLower(email)] = true
			if !strings.HasSuffix(strings.ToLower(email), "@x.it") {
				requireOwner(t, s, email, r[0])
			}
		}
		require.Equal(t, strings.TrimSpace(r[1]), s.Body(r[0]).First().Name())
	}
	require.Len(t, distinct, 11_873)
}

type municipality struct {
	ISTAT string `json:"codice_istat"`
	Name  string `json:"nome"`
	Prov  string `json:"provincia"`
	Code  string `json:"codice_ipa"`
	PEC   string `json:"-"`
}

// municipalities joins the two JSON files by ISTAT code.
func municipalities(t *testing.T) []municipality {
	t.Helper()
	var list []municipality
	raw, err := os.ReadFile(counterpart.Reference(t, "data", "ipa", "comuni_istat_2026.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &list))
	require.Len(t, list, 7_896)
	contacts := make(map[string]struct{ PEC string })
	raw, err = os.ReadFile(counterpart.Reference(t, "data", "ipa", "comuni_recapiti_2026.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &contacts))
	require.Len(t, contacts, 7_883)
	var out []municipality
	for _, m := range list {
		if c, ok := contacts[m.ISTAT]; ok {
			m.PEC = c.PEC
			out = append(out, m)
		}
	}
	require.Len(t, out, 7_883)
	return out
}

// bodies2026 reads the bodies of 2026 with the addresses of the municipalities,
// which a JSON dump in the form of pec-ente adds.
func bodies2026(t *testing.T, all []municipality) *ipa.Snapshot {
	t.Helper()
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	source := addFile(t, b, ipa.Input{
		Dataset: ipa.Bodies,
		Rename:  map[string]string{"denominazione": "Denominazione_ente"},
		Without: []string{"Codice_fiscale_ente", "Mail1"},
	}, "mxmap_enti_2026.csv")
	require.Equal(t, 22_878, source.Rows)

	var dump struct {
		Fields  []map[string]string `json:"fields"`
		Records [][]any             `json:"records"`
	}
	dump.Fields = []map[string]string{{"id": "_id", "type": "int"}, {"id": "pec", "type": "text"}, {"id": "Codice_IPA", "type": "text"}, {"id": "Denominazione_ente", "type": "text"}}
	for i, m := range all {
		dump.Records = append(dump.Records, []any{i + 1, m.PEC, m.Code, "Comune di " + m.Name})
	}
	raw, err := json.Marshal(dump)
	require.NoError(t, err)
	source, err = b.Add(bytes.NewReader(raw), ipa.Input{Name: "pec-ente.json"})
	require.NoError(t, err)
	require.Equal(t, 7_883, source.Rows)
	require.Equal(t, ipa.PEC, source.Dataset)
	s, err := b.Snapshot()
	require.NoError(t, err)
	return s
}

// isMunicipality reports whether a body is the municipality. The file gives for
// some the code of another body in the same place: the ISTAT code decides.
func isMunicipality(e ipa.Entity, m municipality) bool {
	r := e.Record()
	return strings.EqualFold(r.Code, m.Code) || r.Category == "L6" && r.MunicipalityCode == m.ISTAT
}

func TestReferenceMunicipalities(t *testing.T) {
	t.Parallel()
	all := municipalities(t)
	s := bodies2026(t, all)
	require.Equal(t, 22_878+7, s.Len(ipa.KindBody), "seven municipalities are missing in the list of bodies, which leaves out those without web site")

	distinct := make(map[string]bool)
	for _, m := range all {
		requireOwner(t, s, m.PEC, m.Code)
		require.Equal(t, ipa.ListedPEC, s.Address(m.PEC).Listed)
		require.True(t, strings.EqualFold(s.Body(m.Code).First().Code(), m.Code))
		distinct[ipa.FoldAddress(m.PEC)] = true
	}
	require.Len(t, distinct, 7_883)
	domains := make(map[string]bool)
	for a := range distinct {
		domain := a[strings.IndexByte(a, '@')+1:]
		domains[domain] = true
		require.NotEmpty(t, s.Domain(domain).Entities)
	}
	require.Len(t, domains, 2_557)

	const (
		renamed   = "the registry has another name for it"
		missing   = "the list of bodies does not have it"
		bare      = "known from the list of addresses only, without a province"
		twin      = "another municipality has the same name"
		accent    = "another differs by an accent only"
		ambiguous = "the name is part of several"
	)
	always := map[string]string{
		"Capaccio Paestum (SA)": renamed, "Castellinaldo d'Alba (CN)": renamed, "Grana Monferrato (AT)": renamed,
		"Isola del Gran Sasso d'Italia (TE)": renamed, "Montemagno Monferrato (AT)": renamed,
		"Salorno sulla strada del vino (BZ)": renamed, "Rifiano (BZ)": missing,
	}
	for _, c := range []struct {
		reason     string
		ask        func(municipality) string
		exceptions map[string]string
	}{
		{"with the word Comune and the province", func(m municipality) string { return "comune di " + m.Name + " " + m.Prov }, map[string]string{
			"Aldino (BZ)": bare, "Arlena di Castro (VT)": bare, "Bonarcado (OR)": bare, "Cleto (CS)": bare, "Saracinesco (RM)": bare,
		}},
		{"with the word Comune, in capitals and without accents", func(m municipality) string {
			return strings.ToUpper("comune " + strings.NewReplacer("à", "a", "è", "e", "é", "e", "ì", "i", "ò", "o", "ù", "u", "'", " ").Replace(m.Name))
		}, map[string]string{
			"Castro (BG)": twin, "Livo (TN)": twin, "Peglio (PU)": twin, "Samone (TN)": twin, "San Teodoro (ME)": twin,
			"Paterno (PZ)": accent, "Sesto (BZ)": ambiguous,
		}},
		{"the bare name", func(m municipality) string { return m.Name }, map[string]string{
			"Castro (BG)": twin, "Livo (TN)": twin, "Peglio (PU)": twin, "Samone (TN)": twin, "San Teodoro (ME)": twin,
			"Paterno (PZ)": accent, "Sesto (BZ)": ambiguous,
			"Bari Sardo (NU)": "Barisardo in the registry, where a school writes it in two words",
		}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			for name, why := range always {
				c.exceptions[name] = why
			}
			first := 0
			for _, m := range all {
				name := fmt.Sprintf("%s (%s)", m.Name, m.Prov)
				a := s.Search(c.ask(m), &ipa.SearchOptions{Limit: 1})
				found := len(a.Hits) > 0 && isMunicipality(a.Hits[0], m)
				if found {
					first++
				}
				why, excepted := c.exceptions[name]
				if found == excepted {
					t.Errorf("%s: first result %v; excepted: %v %s", name, found, excepted, why)
				}
			}
			require.Equal(t, 7_883-len(c.exceptions), first)
			t.Logf("%d of %d municipalities are the first result, %d exceptions", first, len(all), len(c.exceptions))
		})
	}
}
