package safename_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/safename"
)

func TestFile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 200)
	for _, c := range []struct{ reason, in, want string }{
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
	} {
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
	for _, s := range []string{"a.pdf", "../x", "CON", "con.txt", "..", " . ", "a\x00b", "é.é", strings.Repeat("a.", 80), "_.", "COM1 .x", "con" + strings.Repeat(".a", 49)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := safename.File(s)
		if name == "" || len(name) > safename.Max || strings.Trim(name, ". ") != name || device.MatchString(name) || !fs.ValidPath(name) {
			t.Fatalf("%q gives %q", s, name)
		}
		for _, r := range name {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_ ", r) {
				t.Fatalf("%q gives %q", s, name)
			}
		}
		if again := safename.File(name); again != name {
			t.Fatalf("applied twice: %q, then %q", name, again)
		}
		if n := safename.Numbered(name, 12345); len(n) > safename.Max {
			t.Fatalf("numbered: %q", n)
		}
	})
}
