package safename_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/safename"
)

var long = strings.Repeat("a", 200)

// files are names from outside and what is made of them.
var files = []struct{ reason, in, want string }{
	{"ordinary", "Relazione 2024_v1-b.pdf", "Relazione 2024_v1-b.pdf"},
	{"accents", "Perché è così già più Città.pdf", "Perche e cosi gia piu Citta.pdf"},
	{"a path", "../../etc/passwd", "passwd"},
	{"a Windows path", `C:\Users\x\a.doc`, "a.doc"},
	{"nothing but climbing", "../..", "unnamed"},
	{"empty", "", "unnamed"},
	{"nothing that is left", "日本語", "unnamed"},
	{"other letters are one gap", "a日本語b.txt", "a_b.txt"},
	{"controls and bidi", "a\x00\n\x1b\u202eb\xff.txt", "a_b_.txt"},
	{"shell signs", "a;rm -rf $HOME|b`c`.txt", "a_rm -rf _HOME_b_c_.txt"},
	{"leading dots", "..hidden", "hidden"},
	{"dots and spaces at the end", "a. . .", "a"},
	{"a space before the extension", "a .txt", "a.txt"},
	{"device", "CON", "_CON"},
	{"device with extension, in small letters", "nul.tar.gz", "_nul.tar.gz"},
	{"device with a space", "aux .txt", "_aux.txt"},
	{"port", "Com1.txt", "_Com1.txt"},
	{"not a port", "COM10.txt", "COM10.txt"},
	{"not a device", "CONTO.txt", "CONTO.txt"},
	{"too long", long + ".pdf", strings.Repeat("a", 96) + ".pdf"},
	{"too long without extension", long, strings.Repeat("a", 100)},
	{"an extension too long to be one", "a." + long, "a." + strings.Repeat("a", 98)},
	{"just the limit", strings.Repeat("a", 96) + ".pdf", strings.Repeat("a", 96) + ".pdf"},
}

func TestFile(t *testing.T) {
	t.Parallel()
	for _, c := range files {
		require.Equal(t, c.want, safename.File(c.in), c.reason)
		require.Equal(t, c.want, safename.File(safename.File(c.in)), "applied twice: %s", c.reason)
	}
}

func TestTaken(t *testing.T) {
	t.Parallel()
	names := safename.Taken{}
	for _, c := range [][2]string{
		{"a.pdf", "a.pdf"}, {"A.PDF", "A-2.PDF"}, {"a.pdf", "a-3.pdf"}, {"a-2.pdf", "a-2-2.pdf"}, {"a-4.pdf", "a-4.pdf"}, {"a.pdf", "a-5.pdf"},
	} {
		require.Equal(t, c[1], names.Take(c[0]))
	}
	long := strings.Repeat("a", 96) + ".pdf"
	require.Equal(t, long, names.Take(long))
	require.Equal(t, strings.Repeat("a", 94)+"-2.pdf", names.Take(long), "still 100 bytes")
	for range 10_000 {
		names.Take("same") // would take long if every one began at 2
	}
	require.Equal(t, "same-10001", names.Take("same"))
}

// device is what Windows does not take for a file, as its documentation says.
var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|$)`)

func FuzzFile(f *testing.F) {
	for _, c := range files {
		f.Add(c.in)
	}
	for _, s := range []string{"../x", "con.txt", " . ", "é.é", strings.Repeat("a.", 80), "_.", "COM1 .x", "con" + strings.Repeat(".a", 49)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := safename.File(s)
		if name == "" || len(name) > safename.Max || strings.Trim(name, ". ") != name || device.MatchString(name) || !fs.ValidPath(name) {
			t.Fatalf("%q gives %q", s, name)
		}
		if strings.Trim(name, allowed) != "" {
			t.Fatalf("%q gives %q", s, name)
		}
		if again := safename.File(name); again != name {
			t.Fatalf("applied twice: %q, then %q", name, again)
		}
		if n := safename.Numbered(name, 12345); len(n) > safename.Max {
			t.Fatalf("numbered: %q", n)
		}
		apart(t, name)
		for _, most := range []int{0, 1, 10, len(s)} {
			got := safename.Letters(s, most)
			if len(got) > most || strings.Trim(got, allowed) != "" || strings.Contains(got, " ") || strings.Trim(got, "-_.") != got {
				t.Fatalf("%q in %d letters gives %q", s, most, got)
			}
			if again := safename.Letters(got, most); again != got {
				t.Fatalf("letters taken twice: %q, then %q", got, again)
			}
		}
	})
}

const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_ "

// apart has a folder take a name again and again: no two are one file, even
// where case does not count, and each is as safe as the first.
func apart(t *testing.T, name string) {
	t.Helper()
	folder, seen := safename.Taken{}, map[string]bool{}
	for _, want := range []string{name, strings.ToUpper(name), name, safename.Numbered(name, 4), safename.Numbered(name, 2), name} {
		got := folder.Take(want)
		if seen[strings.ToLower(got)] {
			t.Fatalf("%q is taken and given again for %q", got, want)
		}
		if !seen[strings.ToLower(want)] && got != want {
			t.Fatalf("%q is free, and %q given", want, got)
		}
		if len(got) > safename.Max || safename.File(got) != got {
			t.Fatalf("%q becomes %q, which is no safe name", want, got)
		}
		seen[strings.ToLower(got)] = true
	}
}
