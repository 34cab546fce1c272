package ipa_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gopec/gopec/ipa"
)

// fuzzFile reads a file and checks what holds for every one: an error says
// where and gives nothing; what was read is found again under every address.
func fuzzFile(t *testing.T, text string) {
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay, Officers: true})
	source, err := b.Add(strings.NewReader(text), ipa.Input{Name: "f"})
	if err != nil {
		e, ok := errors.AsType[*ipa.SyntaxError](err)
		if !ok || e.Line < 1 || e.File != "f" || source.Rows != 0 {
			t.Fatalf("error without place: %v", err)
		}
		return
	}
	if source.Bytes != int64(len(text)) {
		t.Fatalf("%d bytes read of %d", source.Bytes, len(text))
	}
	s, err := b.Snapshot()
	if err != nil {
		if !errors.Is(err, ipa.ErrNothingRead) {
			t.Fatal(err)
		}
		return
	}
	for e := range s.Entities() {
		for _, a := range e.Addresses() {
			found := false
			for _, o := range s.Address(strings.ToUpper(strings.ToLower(a.Text))).Owners {
				found = found || o.Entity == e
			}
			if !found && isASCII(a.Text) {
				t.Fatalf("%q is not found", a.Text)
			}
		}
		if e.Kind() == ipa.KindBody && isASCII(e.Code()) && s.Body(strings.ToUpper(e.Code())).First() != e {
			t.Fatalf("body %q is not found", e.Code())
		}
		s.Search(e.Name(), nil)
	}
	var file bytes.Buffer
	if _, err := s.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	again, err := ipa.ReadSnapshot(&file, 0)
	if err != nil || again.SHA256() != s.SHA256() {
		t.Fatalf("what was written is not read: %v", err)
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 126 || r < 33 }) < 0
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{bodiesCSV, areasCSV, officesCSV, pecCSV, invoicingCSV, categoriesCSV, head + "c_y,\"a\"\"b\",,,,\n", head + "c_y,\"a\nb\",,,,\r\n"} {
		f.Add(seed)
		f.Add(strings.ReplaceAll(seed, ",", "\t"))
	}
	f.Fuzz(func(t *testing.T, text string) { fuzzFile(t, text) })
}

func FuzzOldFile(f *testing.F) {
	f.Add("cod_amm\tdes_amm\tCf\tmail1\ttipo_mail1\nc_z\tComune\tnull\ta@pec.example.it\tpec\n")
	f.Add("cod_ou\tcod_aoo\tdes_ou\tcod_amm\tcod_ou_padre\tcod_uni_ou\tmail1\ttipo_mail1\nx\ta\tUfficio\tc_z\tnull\tABC123\ta@example.it\taltro\ny\ta\tB\tc_z\tx\tABC124\tnull\tnull\n")
	f.Add("cod_amm\tDescrizione\tTipo\tMail\tTipo Mail\nc_z\tD\tSERVAMM\ta@pec.example.it\tpec\n")
	f.Add("cod_amm\tcod_aoo\tnome_srv\tmail_srv\ttipo_mail\nc_z\ta\tS\ta@pec.example.it\tpec\n")
	f.Fuzz(func(t *testing.T, text string) { fuzzFile(t, text) })
}

func FuzzJSONDump(f *testing.F) {
	f.Add(`{"fields":[{"id":"Codice_IPA"},{"id":"pec"}],"records":[["c_z","a@pec.example.it"],["c_y",null]]}`)
	f.Add(`{"x":1,"fields":[{"id":"Codice_IPA"},{"id":"Denominazione_ente"},{"id":"Codice_fiscale_ente"},{"id":"Mail1"}],"records":[["c_z","Comune",144,"a@b"]],"total":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "{") {
			fuzzFile(t, text)
		}
	})
}

// FuzzCSVAgrees compares with encoding/csv on rows that it writes itself.
func FuzzCSVAgrees(f *testing.F) {
	f.Add("Comune di Fantasia", "Via \"Roma\", 1")
	f.Add("a\nb", " \t")
	f.Fuzz(func(t *testing.T, name, street string) {
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.WriteAll([][]string{{"Codice_IPA", "Denominazione_ente", "Codice_fiscale_ente", "Mail1", "Indirizzo"}, {"c_z", "N" + name + "n", "", "", "S" + street + "s"}})
		s, err := one(t, "f", file.String())
		if err != nil {
			if strings.ContainsRune(name+street, 0) || strings.Contains(name, "@") || len(name)+len(street) > 60<<10 {
				return
			}
			t.Fatal(err)
		}
		r := s.Body("c_z").First().Record()
		want := strings.NewReplacer("\r\n", "\n").Replace(strings.ToValidUTF8("N"+name+"n", "\ufffd"))
		if got := r.Name; !strings.Contains(name+street, "\r") && got != want && strings.ToValidUTF8(got, "\ufffd") != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

// FuzzSnapshotFile forges a good file: each six bytes of the input are a place
// and the number to put there, modulo the length of the file; the sum is made
// right again. The file as a whole would be too long an input to be changed
// with sense. What cannot be six bytes is where the file is cut off.
func FuzzSnapshotFile(f *testing.F) {
	var file bytes.Buffer
	if _, err := small(f).WriteTo(&file); err != nil {
		f.Fatal(err)
	}
	good := file.Bytes()
	f.Add([]byte{})
	f.Add([]byte{8, 0, 2, 0, 0, 0})
	f.Add([]byte{0, 16, 255, 255, 255, 255, 40, 0, 1, 0, 0, 0})
	f.Add([]byte{0, 2})
	f.Fuzz(func(t *testing.T, edits []byte) {
		forged := bytes.Clone(good)
		for ; len(edits) >= 6; edits = edits[6:] {
			at := int(binary.LittleEndian.Uint16(edits)) % (len(forged) - 4)
			copy(forged[at:], edits[2:6])
		}
		if len(edits) >= 2 {
			forged = forged[:int(binary.LittleEndian.Uint16(edits))%len(forged)]
		}
		exercise(resealed(forged))
	})
}

// FuzzSearch asks in any words: the hits come in no other number than said, and
// each has the words.
func FuzzSearch(f *testing.F) {
	s := small(f)
	for _, q := range []string{"comune di fantasia", "UFFICIO tributi", "d'alba (fc)", "ſ ß ǅ", strings.Repeat("a ", 100)} {
		f.Add(q, 3)
	}
	f.Fuzz(func(t *testing.T, q string, limit int) {
		a := s.Search(q, &ipa.SearchOptions{Limit: limit})
		if len(a.Hits) > a.Total || limit > 0 && len(a.Hits) > limit {
			t.Fatalf("%d hits of %d, limit %d", len(a.Hits), a.Total, limit)
		}
		seen := make(map[ipa.Entity]bool)
		for _, h := range a.Hits {
			if seen[h] {
				t.Fatal("the same entity twice")
			}
			seen[h] = true
		}
		if _, err := json.Marshal(a); err != nil {
			t.Fatal(err)
		}
	})
}
