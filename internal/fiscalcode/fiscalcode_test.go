package fiscalcode_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/fiscalcode"
)

// codes are in order.
var codes = []struct {
	reason, code string
	kind         fiscalcode.Kind
	plain        string
	masked       string
}{
	{"a man's", "RSSMRA85T10A562S", fiscalcode.Person, "RSSMRA85T10A562S", "RSS**********62S"},
	{"a woman's: 40 added to the day", "RSSMRA85T50A562W", fiscalcode.Person, "RSSMRA85T50A562W", "RSS**********62W"},
	{"small letters and blanks", " rssmra85t10a562s\n", fiscalcode.Person, "RSSMRA85T10A562S", "RSS**********62S"},
	{"omocodia in the last digit", "RSSMRA85T10A56NH", fiscalcode.Person, "RSSMRA85T10A562S", "RSS**********6NH"},
	{"omocodia in all seven digits", "RSSMRAURTMLARSNL", fiscalcode.Person, "RSSMRA85T10A562S", "RSS**********SNL"},
	{"29 February", "RSSMRA85B29A562Z", fiscalcode.Person, "RSSMRA85B29A562Z", "RSS**********62Z"},
	{"a body's", "80144000017", fiscalcode.Body, "80144000017", "801*****017"},
	{"leading zeros", "00144000015", fiscalcode.Body, "00144000015", "001*****015"},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range codes {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			code, err := fiscalcode.Parse(c.code)
			require.NoError(t, err)
			require.Equal(t, c.kind, code.Kind())
			require.Equal(t, strings.ToUpper(strings.TrimSpace(c.code)), code.String())
			require.Equal(t, c.plain, code.Plain())
			require.Equal(t, c.plain != code.String(), code.Omocodia())
			require.Equal(t, c.masked, code.Masked())
		})
	}
	require.True(t, fiscalcode.Code{}.IsZero())
	require.Zero(t, fiscalcode.Code{}.Kind())
	require.Empty(t, fiscalcode.Code{}.Masked())
}

// notCodes are each refused for one reason.
var notCodes = []struct {
	reason, code string
	err          error
	said         string
}{
	{"nothing", "", fiscalcode.ErrLength, "fiscal code: neither 16 characters nor 11 digits"},
	{"one character short", "RSSMRA85T10A562", fiscalcode.ErrLength, "fiscal code: neither 16 characters nor 11 digits"},
	{"eleven digits and more, which a half anchored pattern lets pass", "12345678901XYZ", fiscalcode.ErrLength, "fiscal code: neither 16 characters nor 11 digits"},
	{"a wrong check letter", "RSSMRA85T10A562T", fiscalcode.ErrCheck, "fiscal code: character 16: wrong check character"},
	{"a digit among the letters", "RSSMR185T10A562S", fiscalcode.ErrCharacter, "fiscal code: character 6: a character that cannot stand there"},
	{"a letter that is none of omocodia", "RSSMRA8AT10A562S", fiscalcode.ErrCharacter, "fiscal code: character 8: a character that cannot stand there"},
	{"no month", "RSSMRA85F10A562S", fiscalcode.ErrMonth, "fiscal code: character 9: no letter of a month"},
	{"30 February", "RSSMRA85B30A562G", fiscalcode.ErrDay, "fiscal code: character 10: no day of that month"},
	{"day 72", "RSSMRA85T72A562C", fiscalcode.ErrDay, "fiscal code: character 10: no day of that month"},
	{"day 40", "RSSMRA85T40A562V", fiscalcode.ErrDay, "fiscal code: character 10: no day of that month"},
	{"a check digit for a letter", "RSSMRA85T10A5621", fiscalcode.ErrCharacter, "fiscal code: character 16: a character that cannot stand there"},
	{"a body's with a wrong digit", "80144000018", fiscalcode.ErrCheck, "fiscal code: character 11: wrong check character"},
	{"a letter among the digits", "8014400O017", fiscalcode.ErrCharacter, "fiscal code: character 8: a character that cannot stand there"},
	{"zeros", "00000000000", fiscalcode.ErrZero, "fiscal code: no number at all"},
	{"16 bytes that are fewer characters", "RSSMRA85T10À562", fiscalcode.ErrCharacter, "fiscal code: character 12: a character that cannot stand there"},
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range notCodes {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			code, err := fiscalcode.Parse(c.code)
			require.ErrorIs(t, err, c.err)
			require.EqualError(t, err, c.said, "what is wrong, without the code")
			require.Zero(t, code)
		})
	}
}

// notVAT are no VAT numbers, some of them codes of bodies all the same.
var notVAT = []struct {
	reason, code string
	err          error
}{
	{"office 101", "12345671015", fiscalcode.ErrOffice},
	{"office 000", "12345670009", fiscalcode.ErrOffice},
	{"a person's code", "RSSMRA85T10A562S", fiscalcode.ErrLength},
	{"a wrong check digit", "12345670125", fiscalcode.ErrCheck},
}

var vatNumbers = []string{"12345670124", "IT12345670124", "it12345671007", "12345678887"}

func TestParseVAT(t *testing.T) {
	t.Parallel()
	for _, good := range vatNumbers {
		code, err := fiscalcode.ParseVAT(good)
		require.NoError(t, err)
		require.Equal(t, strings.TrimPrefix(strings.ToUpper(good), "IT"), code.String())
	}
	for _, c := range notVAT {
		_, err := fiscalcode.ParseVAT(c.code)
		require.ErrorIs(t, err, c.err, c.reason)
	}
	_, err := fiscalcode.Parse("12345671015")
	require.NoError(t, err, "a body's code need not name an office")
}

// TestEveryOtherCheckCharacterFails changes each character of a code in turn.
func TestEveryOtherCheckCharacterFails(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"RSSMRA85T10A562S", "80144000017"} {
		last := len(code) - 1
		for c := byte('0'); c <= 'Z'; c++ {
			_, err := fiscalcode.Parse(code[:last] + string(c))
			require.Equal(t, c == code[last], err == nil, "%c", c)
		}
	}
	// One digit of a body's code changed is always noticed.
	for i := range 11 {
		for d := byte('0'); d <= '9'; d++ {
			_, err := fiscalcode.Parse("80144000017"[:i] + string(d) + "80144000017"[i+1:])
			require.Equal(t, d == "80144000017"[i], err == nil)
		}
	}
}

func TestReferenceCodes(t *testing.T) {
	t.Parallel()
	n := 0
	for file, column := range map[string]string{"amministrazioni.txt": "Cf", "serv_fatt.txt": "cf"} {
		raw, err := os.ReadFile(counterpart.Reference(t, "data", "ipa", "legacy_txt_2017", file))
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
		for i, name := range strings.Split(lines[0], "\t") {
			if name != column {
				continue
			}
			for _, line := range lines[1:] {
				_, err := fiscalcode.Parse(strings.Split(line, "\t")[i])
				require.NoError(t, err, filepath.Base(file))
				n++
			}
		}
	}
	require.Equal(t, 38, n)
}

func FuzzParse(f *testing.F) {
	for _, c := range codes {
		f.Add(c.code)
	}
	for _, c := range notCodes {
		f.Add(c.code)
	}
	for _, c := range notVAT {
		f.Add(c.code)
	}
	for _, s := range vatNumbers {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := fiscalcode.Parse(s)
		if err != nil {
			checkError(t, s, code, err)
		} else {
			checkCode(t, s, code)
		}
		vat, err := fiscalcode.ParseVAT(s)
		if err != nil {
			checkError(t, s, vat, err)
			if code.Kind() == fiscalcode.Body && !errors.Is(err, fiscalcode.ErrOffice) {
				t.Fatalf("%q is a body's code, and yet: %v", s, err)
			}
			return
		}
		checkCode(t, strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "IT"), vat)
		if vat.Kind() != fiscalcode.Body || !code.IsZero() && code != vat {
			t.Fatalf("%q is %q and %q", s, code, vat)
		}
	})
}

// checkError: every error names its place and one of the reasons, and never
// holds the code.
func checkError(t *testing.T, s string, code fiscalcode.Code, err error) {
	t.Helper()
	e, ok := errors.AsType[*fiscalcode.Error](err)
	if !ok || !code.IsZero() || code.Kind() != 0 || code.Omocodia() || code.Plain() != "" || code.Masked() != "" {
		t.Fatalf("%v, with %q", err, code)
	}
	reasons := 0
	for _, r := range []error{
		fiscalcode.ErrLength, fiscalcode.ErrCharacter, fiscalcode.ErrMonth, fiscalcode.ErrDay,
		fiscalcode.ErrCheck, fiscalcode.ErrOffice, fiscalcode.ErrZero,
	} {
		if errors.Is(err, r) {
			reasons++
		}
	}
	if reasons != 1 || e.Position < 0 || e.Position > 16 {
		t.Fatalf("%d reasons at %d: %v", reasons, e.Position, err)
	}
	if s = strings.TrimSpace(s); (len(s) == 11 || len(s) == 16) && strings.Contains(err.Error(), s) && errors.Is(err, fiscalcode.ErrCheck) {
		t.Fatalf("the code %q stands in %q", s, err)
	}
}

// checkCode: what was read is what was written, and what is made of it agrees.
func checkCode(t *testing.T, s string, code fiscalcode.Code) {
	t.Helper()
	again, err := fiscalcode.Parse(code.String())
	if err != nil || again != code || code.IsZero() || code.String() != strings.ToUpper(strings.TrimSpace(s)) {
		t.Fatalf("%q is read as %q and again as %q: %v", s, code, again, err)
	}
	if want := map[int]fiscalcode.Kind{16: fiscalcode.Person, 11: fiscalcode.Body}[len(code.String())]; code.Kind() != want || want == 0 {
		t.Fatalf("%q is of kind %d", code, code.Kind())
	}
	plain, err := fiscalcode.Parse(code.Plain())
	if err != nil || plain.Omocodia() || plain.Kind() != code.Kind() || code.Omocodia() != (plain != code) {
		t.Fatalf("the plain form %q is none: %v", code.Plain(), err)
	}
	masked := code.Masked()
	if len(masked) != len(code.String()) || strings.Count(masked, "*") != len(masked)-6 ||
		masked[:3] != code.String()[:3] || masked[len(masked)-3:] != code.String()[len(masked)-3:] {
		t.Fatalf("%q is masked as %q", code, masked)
	}
}
