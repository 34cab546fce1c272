package ipa_test

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gopec/gopec/ipa"
)

// FuzzLimits: a value of up to 64 KiB and a row of up to 1 MiB is read, and
// nothing longer, whatever the form of the file.
func FuzzLimits(f *testing.F) {
	const value, row = 64 << 10, 1 << 20
	for form := range uint8(6) {
		for _, n := range []uint32{10, value, value + 1, value + 5000} {
			f.Add(n, form)
		}
	}
	for form := uint8(250); form < 253; form++ {
		for _, n := range []uint32{10, row - 2000, row, row + 1, 2*row + 200<<10} {
			f.Add(n, form)
		}
	}
	f.Fuzz(func(t *testing.T, size uint32, form uint8) {
		n := int(size % (5 * row / 2))
		if form < 250 { // mostly values: rows of that size take their time
			n, form = n%(value*5/4), form%6
		} else {
			form = 6 + (form-250)%3
		}
		x := strings.Repeat("x", n)
		wide := strings.Repeat(strings.Repeat("x", 60<<10)+"\t", n/(60<<10+1)) + strings.Repeat("x", n%(60<<10+1)) // n bytes of short values
		columns := strings.Count(wide, "\t") + 1
		var text string
		switch form {
		case 0:
			text = head + "c_y," + x + ",,,,\n"
		case 1:
			text = head + "c_y,\"" + x + "\",,,,\n"
		case 2:
			text = head + "c_y,\"" + strings.Repeat("x\n", n/2) + x[:n%2] + "\",,,,\n"
		case 3:
			text = "cod_amm\tdes_amm\tCf\tmail1\nc_z\t" + x + "\tnull\tnull\n"
		case 4:
			text = `{"fields":[{"id":"Codice_IPA"},{"id":"pec"},{"id":"x"}],"records":[["c_y","","` + x + `"]]}`
		case 5:
			text = `{"fields":[{"id":"Codice_IPA"},{"id":"pec"}],"x":"` + x + `","records":[["c_y",""]]}` // skipped, so of any length
		case 6:
			text = "Codice_IPA,pec" + strings.Repeat(",e", columns) + "\nc_y,," + strings.ReplaceAll(wide, "\t", ",") + "\n"
		case 7:
			text = "cod_amm\tdes_amm\tCf\tmail1" + strings.Repeat("\te", columns) + "\nc_z\tx\t\t\t" + wide + "\n"
		case 8:
			text = `{"fields":[{"id":"Codice_IPA"},{"id":"pec"}` + strings.Repeat(`,{"id":"e"}`, columns) + `],"records":[["c_y","","` + strings.ReplaceAll(wide, "\t", `","`) + `"]]}`
		}
		_, err := one(t, "f", text)
		line := len(text) - strings.IndexByte(text, '\n') - 1
		var fits, known bool // known: the form is read in pieces whose size does not tell exactly
		switch form {
		case 5:
			fits, known = true, true
		case 6, 7:
			fits, known = line <= row, true
		case 8:
			fits, known = n < row-2000, n < row-2000 || n > 2*row+100<<10
		default:
			fits, known = n <= value, true
		}
		if known && fits != (err == nil) || err != nil && !errors.Is(err, ipa.ErrTooLong) {
			t.Fatalf("form %d with %d bytes: %v", form, n, err)
		}
	})
}

// FuzzSnapshotFile forges a good file: each six bytes of the input are a place
// and the number to put there, modulo the length of the file; the sum is made
// right again. The file as a whole would be too long an input to be changed
// with sense. What cannot be six bytes is where the file is cut off. how says
// what else happens: the sum is left as it was, the reader fails, or the size
// is said to be beyond the limit.
func FuzzSnapshotFile(f *testing.F) {
	var file bytes.Buffer
	if _, err := small(f).WriteTo(&file); err != nil {
		f.Fatal(err)
	}
	good := file.Bytes()
	for how := range uint8(4) {
		f.Add([]byte{}, how)
		f.Add([]byte{8, 0, 2, 0, 0, 0}, how)
		f.Add([]byte{0, 16, 255, 255, 255, 255, 40, 0, 1, 0, 0, 0}, how)
		f.Add([]byte{0, 2}, how)
		f.Add([]byte{30, 0}, how)
	}
	edit := func(at int, n uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint16(nil, uint16(at)), n)
	}
	// Every number of the header, and the first and the last of each table.
	const header = 16
	first := int(binary.LittleEndian.Uint32(good[header:]))
	for at := 8; at < first; at += 4 {
		for _, n := range []uint32{0, 1, 1 << 29, ^uint32(0)} {
			f.Add(edit(at, n), uint8(0))
		}
	}
	for at := header; at < first; at += 8 {
		from, size := int(binary.LittleEndian.Uint32(good[at:])), int(binary.LittleEndian.Uint32(good[at+4:]))
		for i := 0; i < size; i += max(4, (size/4+7)/8*4) {
			f.Add(edit(from+i, 1), uint8(0))
			f.Add(edit(from+i, ^uint32(0)), uint8(0))
		}
	}
	f.Fuzz(func(t *testing.T, edits []byte, how uint8) {
		forged := bytes.Clone(good)
		for ; len(edits) >= 6; edits = edits[6:] {
			at := int(binary.LittleEndian.Uint16(edits)) % (len(forged) - 4)
			copy(forged[at:], edits[2:6])
		}
		if len(edits) >= 2 {
			forged = forged[:int(binary.LittleEndian.Uint16(edits))%len(forged)]
		}
		refused := func(r io.Reader, size int64, any ...error) {
			s, err := ipa.ReadSnapshot(r, size)
			if s != nil || !slices.ContainsFunc(any, func(e error) bool { return errors.Is(err, e) }) {
				t.Fatalf("%v", err)
			}
		}
		switch how % 4 {
		case 0:
			exercise(resealed(forged))
		case 1:
			if !bytes.Equal(forged, good) {
				refused(bytes.NewReader(forged), int64(len(forged)), ipa.ErrDamaged, ipa.ErrVersion, ipa.ErrNotSnapshot)
			}
		case 2:
			refused(io.MultiReader(bytes.NewReader(forged), iotest.ErrReader(errDisk)), 0, errDisk)
		case 3:
			refused(bytes.NewReader(forged), 1<<30+1, ipa.ErrTooLargeFile)
		}
	})
}

// FuzzSearch asks in any words: the hits come in no other number than said, a
// limit only cuts, and a choice of kinds only leaves out.
func FuzzSearch(f *testing.F) {
	snapshots := []*ipa.Snapshot{small(f), build(f, invented{bodies: 60, areas: 80, offices: 300, addresses: 600}.files())}
	for _, c := range searches {
		f.Add(c.text, 3, uint8(0), false)
		f.Add(c.text, 1, uint8(0b1010), true)
	}
	for _, q := range []string{"comune di fantasia", "UFFICIO tributi", "d'alba (fc)", "ſ ß ǅ", strings.Repeat("a ", 100), "c", "u", "comune", "di", "ufficio comune", "serv sociali comune", "c_z001", "uf0002", "00144000014", "<info@comune.fantasia.example>", "protocollo@pec.comune.fantasia.example", "nobody", "pec.comune.fantasia.example"} {
		f.Add(q, 3, uint8(0), false)
		f.Add(q, 2000, uint8(0b1111), true)
		f.Add(q, 1, uint8(0), true)
	}
	f.Fuzz(func(t *testing.T, q string, limit int, kinds uint8, large bool) {
		s := snapshots[0]
		if large {
			s = snapshots[1]
		}
		o := &ipa.SearchOptions{Limit: limit}
		for k := range ipa.Kind(8) {
			if kinds>>k&1 != 0 {
				o.Kinds = append(o.Kinds, k)
			}
		}
		a := s.Search(q, o)
		if len(a.Hits) > a.Total || limit > 0 && len(a.Hits) > limit {
			t.Fatalf("%d hits of %d, limit %d", len(a.Hits), a.Total, limit)
		}
		all := s.Search(q, &ipa.SearchOptions{Limit: 1000, Kinds: o.Kinds})
		if all.Total != a.Total || !slices.Equal(all.Hits[:len(a.Hits)], a.Hits) {
			t.Fatalf("%d hits with a limit, %d without", a.Total, all.Total)
		}
		seen := make(map[ipa.Entity]bool)
		for _, h := range all.Hits {
			if seen[h] || h.Snapshot() != s || len(o.Kinds) > 0 && !slices.Contains(o.Kinds, h.Kind()) {
				t.Fatal("the same entity twice, or one that was not asked for")
			}
			seen[h] = true
		}
		if _, err := json.Marshal(a); err != nil {
			t.Fatal(err)
		}
		checkExact(t, s, q)
	})
}

// checkExact: an exact question finds what has just that code, or nothing.
func checkExact(t *testing.T, s *ipa.Snapshot, q string) {
	body, unit := s.Body(q), s.Unit(q)
	if len(body.Entities) > 1 {
		t.Fatalf("%q is the code of %d bodies", q, len(body.Entities))
	}
	for _, e := range append(body.Entities, unit.Entities...) {
		if !strings.EqualFold(strings.TrimSpace(q), e.Code()) {
			t.Fatalf("%q found %q", q, e.Code())
		}
	}
	if offices := s.Recipient(q).Entities; len(offices) > len(unit.Entities) {
		t.Fatalf("%q is the code of %d offices", q, len(offices))
	}
	for _, a := range []ipa.Answer{body, unit, s.FiscalCode(q), s.Domain(q)} {
		text, zero := a.String(), a.First().IsZero()
		if zero != (len(a.Entities) == 0) || strings.HasSuffix(text, "is not in the IPA snapshot of 2026-08-16") != zero || zero && a.First().Name() != "" {
			t.Fatalf("%q", text)
		}
		if raw, err := json.Marshal(a.First()); err != nil || zero != (string(raw) == "null") || a.First().Record().Kind != a.First().Kind() {
			t.Fatalf("%s: %v", raw, err)
		}
		if zero && (!a.First().Body().IsZero() || !a.First().Parent().IsZero() || a.First().Addresses() != nil || a.First().Province() != "") {
			t.Fatal("no entity has something")
		}
	}
	address := s.Address(q)
	for _, o := range address.Owners {
		if ipa.FoldAddress(q) != ipa.FoldAddress(o.Address.Text) {
			t.Fatalf("%q found %q", q, o.Address.Text)
		}
	}
	if (address.Listed == ipa.NotListed) != (len(address.Owners) == 0) || strings.HasSuffix(address.String(), "is not in the IPA snapshot of 2026-08-16") != (len(address.Owners) == 0) {
		t.Fatal(address.String())
	}
}

// FuzzNames: what the enumerations write they read, and nothing else.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"", "body", "office", "pec", "other", "unknown", "register", "not-in-snapshot", "PEC", "Kind(9)"} {
		f.Add(name, uint8(len(name)))
	}
	f.Fuzz(func(t *testing.T, name string, n uint8) {
		bothWays(t, name, ipa.Kind(n))
		bothWays(t, name, ipa.AddressType(n))
		bothWays(t, name, ipa.Role(n))
		bothWays(t, name, ipa.Listing(n))
	})
}

func bothWays[E interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P interface {
	*E
	encoding.TextUnmarshaler
}](t *testing.T, name string, value E) {
	var read E
	if P(&read).UnmarshalText([]byte(name)) == nil && read.String() != name || read.String() != name && read != 0 {
		t.Fatalf("%q became %q", name, read)
	}
	text, err := value.MarshalText()
	if err != nil || string(text) != value.String() {
		t.Fatal(err)
	}
	if err := P(&read).UnmarshalText(text); (err == nil) != (read == value && !strings.Contains(string(text), "(")) {
		t.Fatalf("%q: %v", text, err)
	}
}
