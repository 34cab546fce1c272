package ipa_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gopec/gopec/ipa"
)

var errDisk = errors.New("the disk is gone")

// failing reads text and fails after at bytes, if it has as many.
func failing(text string, at int) io.Reader {
	if at < 0 || at > len(text) {
		return strings.NewReader(text)
	}
	return io.MultiReader(strings.NewReader(text[:at]), iotest.ErrReader(errDisk))
}

// fuzzFile reads a file, from a reader that may fail, and checks what holds for
// every one: an error says where and gives nothing; what was read is found again.
func fuzzFile(t *testing.T, text string, failAt int) {
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay, Officers: true})
	source, err := b.Add(failing(text, failAt), ipa.Input{Name: "f"})
	if err != nil {
		checkRefusal(t, b, source, err)
		if errors.Is(err, errDisk) {
			return
		}
		if _, whole := one(t, "f", text); whole == nil {
			t.Fatalf("the reader failed, and the error is %v", err)
		}
		return
	}
	if failAt >= 0 && failAt <= len(text) {
		t.Fatal("the reader's error got lost")
	}
	if source.Bytes != int64(len(text)) {
		t.Fatalf("%d bytes read of %d", source.Bytes, len(text))
	}
	s, err := b.Snapshot()
	if err != nil {
		if !errors.Is(err, ipa.ErrNothingRead) || s != nil {
			t.Fatal(err)
		}
		return
	}
	if s.Manifest().Rows(source.Dataset) != source.Rows || len(s.Manifest().Defects) > min(100, s.Manifest().DefectCount) {
		t.Fatalf("manifest %+v", s.Manifest())
	}
	checkSnapshot(t, s)
	var file bytes.Buffer
	if _, err := s.WriteTo(&file); err != nil || int64(file.Len()) != s.Size() {
		t.Fatal(err, file.Len(), s.Size())
	}
	again, err := ipa.ReadSnapshot(&file, 0)
	if err != nil || again.SHA256() != s.SHA256() {
		t.Fatalf("what was written is not read: %v", err)
	}
}

// checkRefusal: the error says where, is printed on one screen, gives nothing,
// and the builder is of no more use.
func checkRefusal(t *testing.T, b *ipa.Builder, source ipa.Source, err error) {
	e, ok := errors.AsType[*ipa.SyntaxError](err)
	if !ok || e.Line < 1 || e.File != "f" || source.Rows != 0 || !errors.Is(err, e.Err) {
		t.Fatalf("error without place: %v", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "ipa: f:") || len(text) > 600+len(e.Name) {
		t.Fatalf("%d bytes of error: %q", len(text), text)
	}
	if _, after := b.Add(strings.NewReader(pecCSV), ipa.Input{}); !errors.Is(after, e.Err) {
		t.Fatalf("the builder is used further: %v", after)
	}
	if s, after := b.Snapshot(); s != nil || !errors.Is(after, e.Err) {
		t.Fatalf("a snapshot of a file that could not be read: %v", after)
	}
}

// checkSnapshot: whatever is in a snapshot is found by every question that it
// answers, and counted.
func checkSnapshot(t *testing.T, s *ipa.Snapshot) {
	bodies, units, addresses := 0, 0, 0
	for e := range s.Bodies() {
		bodies++
		for u := range e.Units() {
			if units++; u.Body() != e || u.Depth() > 0 && u.Depth() != u.Parent().Depth()+1 {
				t.Fatalf("%s stands under the wrong entity", u.Code())
			}
		}
	}
	for e := range s.Entities() {
		checkEntity(t, s, e)
		addresses += len(e.Addresses())
	}
	if bodies != s.Len(ipa.KindBody) || units != s.Len(ipa.KindArea)+s.Len(ipa.KindOffice) || addresses != s.AddressCount() {
		t.Fatalf("%d bodies, %d units, %d addresses", bodies, units, addresses)
	}
}

func checkEntity(t *testing.T, s *ipa.Snapshot, e ipa.Entity) {
	r := e.Record()
	raw, err := json.Marshal(e)
	var back ipa.Record
	if err != nil || json.Unmarshal(raw, &back) != nil || !reflect.DeepEqual(r, back) {
		t.Fatalf("%v: %+v became %s", err, r, raw)
	}
	for _, a := range r.Addresses {
		answer := s.Address(strings.ToUpper(strings.ToLower(a.Text)))
		owns := func(o ipa.Owner) bool { return o.Entity == e }
		if !isASCII(a.Text) {
			continue
		}
		if !slices.ContainsFunc(answer.Owners, owns) || !slices.Contains(answer.Bodies(), e.Body()) || answer.Listed == ipa.NotListed {
			t.Fatalf("%q is not found", a.Text)
		}
		if text := answer.String(); !strings.HasPrefix(text, answer.Asked+" is listed") {
			t.Fatalf("%q", text)
		}
		_, domain, _ := strings.Cut(a.Text, "@")
		if a.Role != ipa.RoleOfficer && domain != "" && !strings.ContainsAny(domain, "@<>") && !strings.HasSuffix(domain, ".") &&
			!slices.Contains(s.Domain(domain).Entities, e.Body()) {
			t.Fatalf("domain %q is not found", domain)
		}
	}
	find := func(code string, a ipa.Answer) {
		if isASCII(code) && code != "" && (!slices.Contains(a.Entities, e) || !strings.HasPrefix(a.String(), a.Asked+" is ")) {
			t.Fatalf("%q is not found: %s", code, a)
		}
	}
	find(r.FiscalCode, s.FiscalCode(strings.ToLower(r.FiscalCode)))
	find(r.InvoiceCode, s.FiscalCode(strings.ToLower(r.InvoiceCode)))
	switch code := strings.ToUpper(r.Code); e.Kind() {
	case ipa.KindBody:
		find(r.Code, s.Body(code))
	case ipa.KindOffice:
		find(r.Code, s.Recipient(code))
		fallthrough
	default:
		find(r.Code, s.Unit(code))
	}
	if a := s.Search(r.Name, &ipa.SearchOptions{Limit: 1}); len(a.Hits) != min(1, a.Total) {
		t.Fatalf("%d hits of %d", len(a.Hits), a.Total)
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 126 || r < 33 }) < 0
}

// smallFiles adds the files of the malformed ones that can be seeds.
func smallFiles(f *testing.F, json bool) {
	for _, c := range malformedFiles() {
		if len(c.text) < 64<<10 && json == strings.HasPrefix(c.text, "{") {
			f.Add(c.text, -1)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{bodiesCSV, areasCSV, officesCSV, pecCSV, invoicingCSV, categoriesCSV, officerCSV, ringsCSV, head + "c_y,\"a\"\"b\",,,,\n", head + "c_y,\"a\nb\",,,,\r\n"} {
		f.Add(seed, -1)
		f.Add(seed, len(seed))
		f.Add(strings.ReplaceAll(seed, ",", "\t"), 3*len(seed)/4)
	}
	for _, c := range formats {
		f.Add(c.text, -1)
	}
	smallFiles(f, false)
	f.Add(bodiesCSV, 1)
	f.Add(oddValuesCSV, -1)
	f.Add(head+"c_y,Comune,,,,sercq\nc_x,Comune,,,a@example.it,CEC-PAC\nc_w,Comune,,,b@example.it,Sercq\n", -1)
	f.Add(head+"c_y,Comune di Forl\xec,,,,\n", -1)
	f.Fuzz(func(t *testing.T, text string, failAt int) { fuzzFile(t, text, failAt) })
}

func FuzzOldFile(f *testing.F) {
	for _, seed := range []string{
		"cod_amm\tdes_amm\tCf\tmail1\ttipo_mail1\nc_z\tComune\tnull\ta@pec.example.it\tpec\n\n",
		"cod_ou\tcod_aoo\tdes_ou\tcod_amm\tcod_ou_padre\tcod_uni_ou\tmail1\ttipo_mail1\nx\ta\tUfficio\tc_z\tnull\tABC123\ta@example.it\taltro\ny\ta\tB\tc_z\tx\tABC124\tnull\tnull\n",
		"cod_amm\tDescrizione\tTipo\tMail\tTipo Mail\nc_z\tD\tSERVAMM\ta@pec.example.it\tpec\n",
		"cod_amm\tcod_aoo\tnome_srv\tmail_srv\ttipo_mail\nc_z\ta\tS\ta@pec.example.it\tpec\n",
		"cod_amm\tcod_prt_dom\nc_z\tx\n",
		unquotedTXT,
	} {
		f.Add(seed, -1)
		f.Add(seed, len(seed)-1)
	}
	f.Fuzz(func(t *testing.T, text string, failAt int) { fuzzFile(t, text, failAt) })
}

func FuzzJSONDump(f *testing.F) {
	for _, seed := range []string{
		`{"fields":[{"id":"Codice_IPA"},{"id":"pec"}],"records":[["c_z","a@pec.example.it"],["c_y",null]]}`,
		`{"x":1,"fields":[{"id":"Codice_IPA"},{"id":"Denominazione_ente"},{"id":"Codice_fiscale_ente"},{"id":"Mail1"}],"records":[["c_z","Comune",144,"a@b"],["c_y",true,null,""]],"total":1}`,
	} {
		f.Add(seed, -1)
		f.Add(seed, len(seed)-20)
		f.Add(seed, len(seed))
	}
	for _, text := range []string{`{"fields":1}`, `{"fields":[]`, `{"x":[`, `{1`, `{"fields":[{"id":"Codice_IPA"},{"id":"pec"}],"records":[]x`, `{"fields":[{"id":"Codice_IPA"},{"id":"pec"}],"records":[],"x":`, `{"fields":[{"id":"Codice_IPA"},{"id":"pec"}],"records":[],x`} {
		f.Add(text, -1)
	}
	smallFiles(f, true)
	f.Fuzz(func(t *testing.T, text string, failAt int) {
		if strings.HasPrefix(text, "{") {
			fuzzFile(t, text, failAt)
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
