package printable_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gopec/gopec/internal/printable"
)

func FuzzString(f *testing.F) {
	for _, c := range escaped {
		f.Add(c.in, 0)
		f.Add("a"+c.in+"b", 40)
	}
	for _, c := range ordinary {
		f.Add(c.in, 0)
	}
	for _, c := range marks {
		f.Add(c.in, -1)
	}
	for _, c := range cuts {
		f.Add(c.in, c.max)
	}
	for _, c := range fileNames {
		f.Add(c.in, 0)
	}
	for _, c := range lookalikes {
		f.Add(c.in, 0)
	}
	f.Add(strings.Repeat("a\u0301", 300), 50)
	f.Add("1\ufe0f\u20e3❤\ufe0f", 40)
	f.Add("🄐🅐\U0001f130\U0001f150\U0001f170", 40)
	f.Fuzz(func(t *testing.T, s string, max int) {
		if max > 1<<20 {
			max = 1 << 20
		}
		out := printable.String(s, max)
		bound := max
		switch {
		case max <= 0:
			bound = printable.DefaultMax
		case max < 40:
			bound = 40
		}
		if !utf8.ValidString(out) {
			t.Fatalf("not UTF-8: %q", out)
		}
		if n := utf8.RuneCountInString(out); n > bound {
			t.Fatalf("%d characters, %d allowed", n, bound)
		}
		shown(t, out)
		marks := 0
		for _, r := range out {
			if marks++; !unicode.Is(unicode.M, r) {
				marks = 0
			}
			if marks > 4 {
				t.Fatalf("%d marks in a row in %q", marks, out)
			}
		}
		if again := printable.String(out, max); again != out {
			t.Fatalf("applied twice: %q, then %q", out, again)
		}
		if b := printable.Bytes([]byte(s), max); b != out {
			t.Fatalf("%q, and as bytes %q", out, b)
		}
		if !printable.Is(out) {
			t.Fatalf("%q is not shown as it stands", out)
		}
		if printable.Is(s) && utf8.RuneCountInString(s) <= bound && out != s {
			t.Fatalf("%q is shown as it stands, and yet as %q", s, out)
		}
		checkFileName(t, s)
		checkJSON(t, s)
		checkLookalikes(t, s)
	})
}

// shown fails for characters that a terminal does not simply show.
func shown(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if !unicode.IsPrint(r) && r != 0xa0 && r != 0x202f {
			t.Fatalf("%U shown in %q", r, text)
		}
	}
}

// checkFileName: bytes that are UTF-8 stay, any others are written so that the
// name can be told from it.
func checkFileName(t *testing.T, s string) {
	t.Helper()
	name := printable.FileName([]byte(s))
	if !utf8.ValidString(name) || utf8.ValidString(s) != (name == s) {
		t.Fatalf("the name %q becomes %q", s, name)
	}
	bad := 0
	for rest := s; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && n == 1 {
			bad++
		}
		rest = rest[n:]
	}
	if len(name) != len(s)+3*bad {
		t.Fatalf("the name %q with %d bad bytes becomes %q", s, bad, name)
	}
}

// checkJSON: the meaning stays, and nothing hides in it.
func checkJSON(t *testing.T, s string) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	safe := printable.JSON(text)
	shown(t, string(safe))
	var want, got string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(safe, &got); err != nil || got != want {
		t.Fatalf("%q means %q: %v", safe, got, err)
	}
	if again := printable.JSON(safe); !bytes.Equal(again, safe) {
		t.Fatalf("applied twice: %q, then %q", safe, again)
	}
	if loose := printable.JSON([]byte(s)); !utf8.Valid(loose) { // whatever is no JSON
		t.Fatalf("not UTF-8: %q", loose)
	}
}

// checkLookalikes: those that are named are those that are replaced, once each.
func checkLookalikes(t *testing.T, s string) {
	t.Helper()
	found, plain := printable.Lookalikes(s), printable.Resembled(s)
	for i, r := range found {
		if r < 0x80 || !strings.ContainsRune(s, r) || slices.Contains(found[:i], r) {
			t.Fatalf("%q in %q is no lookalike", found, s)
		}
	}
	if more := printable.Lookalikes(plain); len(more) > 0 {
		t.Fatalf("%q is left in %q", more, plain)
	}
	in, out := []rune(s), []rune(plain)
	if len(in) != len(out) {
		t.Fatalf("%q becomes %q", s, plain)
	}
	for i, r := range in {
		if slices.Contains(found, r) != (out[i] != r) || out[i] != r && out[i] >= 0x80 {
			t.Fatalf("%q in %q becomes %q", r, s, out[i])
		}
	}
}
