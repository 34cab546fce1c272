package ipa_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

const head = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,CAP,Mail1,Tipo_Mail1\n"

type malformedFile struct {
	reason, text string
	err          error
	said         string // what stands after the name of the file
}

// malformedFiles are for the test and, those that are not huge, for the seeds.
func malformedFiles() []malformedFile {
	many := func(row string, n int) string { return strings.Repeat(row, n) }
	good := "c_z,Comune di Fantasia,00144000014,00144,a@pec.example.it,Pec\n"
	jsonHead := `{"fields":[{"id":"Codice_IPA"},{"id":"Denominazione_ente"},{"id":"Codice_fiscale_ente"},{"id":"Mail1"}],` + "\n" + `"records":[` + "\n"
	return []malformedFile{
		{"an empty file", "", ipa.ErrEmpty, ":1: empty file"},
		{"a byte order mark and nothing else", "\ufeff", ipa.ErrEmpty, ":1: empty file"},
		{"blank lines", "\n\n\n", ipa.ErrEmpty, ":1: empty file"},
		{"a web page", "<!DOCTYPE html>\n<html>", ipa.ErrUnknownFormat, ":1: not a dataset"},
		{"columns of something else", "a,b,c\n1,2,3\n", ipa.ErrUnknownFormat, ":1: not a dataset of the registry: no dataset has these columns: a, b, c"},
		{"a required column missing", "Codice_IPA,Denominazione_ente,Mail1\n", ipa.ErrMissingColumn, ":1: required column missing: dataset enti without codice_fiscale_ente"},
		{"a column twice", "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,MAIL1\n", ipa.ErrDoubleColumn, ":1: column 5 (MAIL1): column given twice"},
		{"a row too short", head + good + "c_y,Comune\n", ipa.ErrFieldCount, ":3: wrong number of values in the row: 2 instead of 6"},
		{"a row too long", head + "c_y,Comune,,,,,\n", ipa.ErrFieldCount, ":2: wrong number"},
		{"a quote never closed", head + good + "c_y,\"Comune,,,,\n" + good + good, ipa.ErrQuote, ":3: column 2 (Denominazione_ente): quote never closed"},
		{"a quote closed by the next one", head + "c_y,\"Comune,,,,\nc_x,\"Altro\",,,,\n", ipa.ErrAfterQuote, ":3: column 2 (Denominazione_ente): text after a closing quote"},
		{"a NUL byte", head + good + "c_y,Com\x00une,,,,\n", ipa.ErrNUL, ":3: NUL byte"},
		{"ten megabytes in one value", head + good + "c_y," + many("x", 10<<20) + ",,,,\n", ipa.ErrTooLong, ":3: column 2 (Denominazione_ente): value or row too long"},
		{"ten megabytes in quotes", head + "c_y,\"" + many("x\n", 5<<20) + "\",,,,\n", ipa.ErrTooLong, ":2: column 2 (Denominazione_ente): value or row too long"},
		{"code and address swapped under the header", head + "a@pec.example.it,Comune,,,c_z,Pec\n", ipa.ErrImplausible, ":2: column 1 (Codice_IPA): values do not fit the name of the column: not the code of a body: a@pec.example.it"},
		{"name and address swapped", head + good + many("c_y,a@pec.example.it,,,Comune di Fantasia,Pec\n", 3), ipa.ErrImplausible, ":3: column 2 (Denominazione_ente): values do not fit the name of the column: 3 of 4 values, the first on this line"},
		{"fiscal code and postal code swapped", head + many("c_y,Comune,00144,00144000014,a@pec.example.it,Pec\n", 5), ipa.ErrImplausible, ":2: column 3 (Codice_fiscale_ente)"},
		{"address and type swapped", head + "c_y,Comune,,,Pec,a@pec.example.it\n", ipa.ErrImplausible, ":2: column 5 (Mail1)"},
		{"a row without code", head + ",Comune,,,,\n", ipa.ErrImplausible, ":2: values do not fit the name of the column: a row without the code of a body"},

		{"JSON cut off in a row", jsonHead + `["c_z","Comune","",`, ipa.ErrJSON, ":3: not the JSON of a dump: the file is cut off"},
		{"JSON cut off after a row", jsonHead + `["c_z","Comune","",""]`, ipa.ErrJSON, ":3: not the JSON of a dump: the file is cut off"},
		{"JSON cut off before its last brace", jsonHead + `["c_z","Comune","",""]]`, ipa.ErrJSON, ":3: not the JSON of a dump: the file is cut off"},
		{"JSON without columns", `{"records":[[1]]}`, ipa.ErrJSON, `:1: not the JSON of a dump: "records" before "fields"`},
		{"JSON of an error", `{"success":false}`, ipa.ErrJSON, `:1: not the JSON of a dump: no "records"`},
		{"JSON with an object for a value", jsonHead + `["c_z",{"a":1},"",""]]}`, ipa.ErrJSON, ":3: column 2 (Denominazione_ente): not the JSON of a dump: a value is neither text nor number"},
		{"JSON with rows that are objects", jsonHead + `{"Codice_IPA":"c_z"}]}`, ipa.ErrJSON, ":3: not the JSON of a dump: [ expected"},
		{"JSON with a row too short", jsonHead + `["c_z"]` + "\n]}", ipa.ErrFieldCount, ":3: wrong number of values in the row: 1 instead of 4"},
		{"JSON with ten megabytes in one value", jsonHead + `["c_z","` + many("x", 10<<20) + `","",""]]}`, ipa.ErrTooLong, ":3: column 2 (Denominazione_ente): value or row too long"},
		{"JSON with an escaped NUL", jsonHead + `["c_z","Com\u0000une","",""]]}`, ipa.ErrNUL, ":3: column 2 (Denominazione_ente): NUL byte"},
		{"JSON followed by something", jsonHead + `["c_z","Comune","",""]]} {`, ipa.ErrJSON, ":3: not the JSON of a dump: something follows the dump"},
		{"JSON nested without end", jsonHead + many("[", 2<<20), ipa.ErrJSON, ":3: column 1 (Codice_IPA): not the JSON"},
	}
}

func TestMalformedFiles(t *testing.T) {
	t.Parallel()
	for _, c := range malformedFiles() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			_, err := one(t, "enti.csv", c.text)
			require.ErrorIs(t, err, c.err)
			require.ErrorAs(t, err, new(*ipa.SyntaxError))
			require.Contains(t, err.Error(), "ipa: enti.csv"+c.said)
			require.Less(t, len(err.Error()), 600, "an error does not repeat the file")
		})
	}
}

func TestLimitOfAValue(t *testing.T) {
	t.Parallel()
	row := func(n int, quote string) string {
		return head + "c_y," + quote + strings.Repeat("x", n) + quote + ",,,,\n"
	}
	for _, quote := range []string{"", `"`} {
		s, err := one(t, "enti.csv", row(64<<10, quote))
		require.NoError(t, err, "at the limit")
		require.Len(t, s.Body("c_y").First().Name(), 64<<10)
		_, err = one(t, "enti.csv", row(64<<10+1, quote))
		require.ErrorIs(t, err, ipa.ErrTooLong, "just above")
	}
	long := func(n int) string { // values of 60 KiB, the last as long as is left
		cells := strings.Repeat(strings.Repeat("x", 60<<10)+",", 16)
		extra := strings.Repeat(",e", 17)
		used := len("c_y,n,,,,") + len(cells)
		return "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,CAP,Mail1" + extra + "\nc_y,n,,,," + cells + strings.Repeat("y", n-used) + "\n"
	}
	// The names of the columns that are ignored may repeat.
	_, err := one(t, "enti.csv", long(1<<20-1))
	require.NoError(t, err, "a row of 1 MiB with its line end")
	_, err = one(t, "enti.csv", long(1<<20))
	require.ErrorIs(t, err, ipa.ErrTooLong, "one byte more")
}

var oddValuesCSV = head + strings.Repeat("c_z,Comune di Fantasia,00144000014,00144,a@pec.example.it,Pec\n", 30) + "c_y,Comune,123,1,nessuno,Boh\n"

func TestAFewBadValuesAreNoReasonToRefuse(t *testing.T) {
	t.Parallel()
	s, err := one(t, "enti.csv", oddValuesCSV)
	require.NoError(t, err)
	require.Equal(t, "nessuno", s.Body("c_y").First().Addresses()[0].Text, "kept as published")
	require.Equal(t, ipa.NotListed, s.Address("nessuno@pec.example.it").Listed)
}

func TestBytesThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	s, err := one(t, "enti.csv", head+"c_y,Comune di Forl\xec,,,,\n")
	require.NoError(t, err)
	require.Equal(t, "Comune di Forl\ufffd", s.Body("c_y").First().Name())
	require.Equal(t, 1, s.Manifest().DefectCount)
}

func TestErrorsOfTheReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for _, text := range []string{"", head, head + "c_y,Com", `{"fields":[{"id":"Codice_IPA"}`} {
		b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
		_, err := b.Add(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), ipa.Input{Name: "enti.csv"})
		require.ErrorIs(t, err, broken, "%q", text)
		_, err = b.Add(strings.NewReader(head), ipa.Input{Name: "enti.csv"})
		require.ErrorIs(t, err, broken, "the builder is not used further")
		_, err = b.Snapshot()
		require.ErrorIs(t, err, broken)
	}
}

func TestBuilderMisuse(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { ipa.NewBuilder(ipa.BuildOptions{}) }, "a snapshot without date")
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	_, err := b.Snapshot()
	require.ErrorIs(t, err, ipa.ErrNothingRead)
	_, err = b.Add(strings.NewReader(officesCSV), ipa.Input{Name: "x", Dataset: ipa.Bodies})
	require.ErrorIs(t, err, ipa.ErrMissingColumn, "another dataset than said")
}

func TestDamagedSnapshotFiles(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	_, err := small(t).WriteTo(&file)
	require.NoError(t, err)
	good := file.Bytes()
	read := func(b []byte) error {
		_, err := ipa.ReadSnapshot(bytes.NewReader(b), 0)
		return err
	}
	require.NoError(t, read(good))
	require.ErrorIs(t, read(nil), ipa.ErrNotSnapshot)
	require.ErrorIs(t, read([]byte("PK\x03\x04 something else entirely")), ipa.ErrNotSnapshot)
	require.ErrorIs(t, read(good[:40]), ipa.ErrDamaged, "a header cut off")
	require.ErrorIs(t, read(good[:len(good)-1]), ipa.ErrDamaged, "one byte missing")
	other := bytes.Clone(good)
	other[8] = 99
	require.ErrorIs(t, read(other), ipa.ErrVersion)
	for at := 20; at < len(good); at += 97 {
		changed := bytes.Clone(good)
		changed[at] ^= 0x40
		require.ErrorIs(t, read(changed), ipa.ErrDamaged, "a bit changed at %d", at)
	}
	_, err = ipa.Load(t.TempDir() + "/nowhere.idx")
	require.Error(t, err)
	_, err = ipa.ReadSnapshot(bytes.NewReader(good), 1<<30+1)
	require.ErrorIs(t, err, ipa.ErrTooLargeFile)
}

// resealed gives a changed file the sum that it must end in.
func resealed(file []byte) []byte {
	if len(file) < sha256.Size {
		return file
	}
	sum := sha256.Sum256(file[:len(file)-sha256.Size])
	return append(bytes.Clone(file[:len(file)-sha256.Size]), sum[:]...)
}

// TestForgedNumbers changes every number of every table in turn, with a good
// sum: the file is refused, or every question about it ends.
func TestForgedNumbers(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	_, err := small(t).WriteTo(&file)
	require.NoError(t, err)
	good := file.Bytes()
	step := 4
	if testing.Short() {
		step = 28 // for the race detector
	}
	for at := 8; at+4 <= len(good)-sha256.Size; at += step {
		for _, n := range []uint32{0, 1, 1 << 29, ^uint32(0)} {
			forged := bytes.Clone(good)
			binary.LittleEndian.PutUint32(forged[at:], n)
			exercise(resealed(forged))
		}
	}
}

// exercise asks a snapshot everything, if the bytes are one. It must not panic.
func exercise(file []byte) {
	s, err := ipa.ReadSnapshot(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return
	}
	for e := range s.Entities() {
		r := e.Record()
		_ = e.Depth()
		for range e.Units() {
		}
		_ = s.Address(r.Name).String()
		for _, a := range r.Addresses {
			_ = s.Address(a.Text).Bodies()
		}
		_ = s.FiscalCode(r.FiscalCode).String()
		_ = s.Recipient(r.Code).String()
	}
	_ = s.Body("c_z001").String()
	_ = s.Domain("pec.comune.fantasia.example").String()
	_ = s.Search("comune di fantasia", nil)
	_ = s.Search("ufficio tributi fantasia fc", &ipa.SearchOptions{Kinds: []ipa.Kind{ipa.KindOffice}})
}
