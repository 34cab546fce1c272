package pec

import (
	"html"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// addressIn says the same as addressesIn, as a pattern.
var addressIn = regexp.MustCompile(`[^\s<>()\[\]",;:\\]+[@＠﹫][^\s<>()\[\]",;:\\]+`)

// FuzzFold holds the short ways through the folding functions against the long
// ones.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "a b", " a", "a  b", "a\tb", "<a@b>", "&lt;a@b&gt;", "a\x01b", "è  à", "a@b c＠d @e f@ g@@h @i@j", "\xff@\xfe", "K@K", "a\u00a0b", "a:b@c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		require.Equal(t, strings.Join(strings.Fields(s), " "), foldSpace(s))
		require.Equal(t, addressIn.FindAllString(s, -1), addressesIn(s))
		require.Equal(t, asSeenSlowly(s), asSeen(foldSpace(s)))
		lower := strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, strings.ToValidUTF8(s, "?"))
		require.Equal(t, lower, foldCase(strings.ToValidUTF8(s, "?")))
		if html.UnescapeString(s) == s && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
			long := strings.Join(strings.Fields(s), "")
			require.Equal(t, strings.TrimSuffix(strings.TrimPrefix(long, "<"), ">"), foldID(s))
		}
	})
}

// asSeenSlowly folds a subject letter by letter, whatever is in it: one letter
// outside ASCII behind it takes the long way.
func asSeenSlowly(s string) string {
	return strings.TrimSpace(strings.TrimSuffix(asSeen(foldSpace(s)+" \u00e8"), "\u00e8"))
}

// TestUsualDate: what the usual layout reads is what net/mail reads.
func TestUsualDate(t *testing.T) {
	t.Parallel()
	usual := 0
	for _, s := range []string{
		"Mon, 2 Jan 2006 15:04:05 -0700", "Tue, 09 Jun 2026 23:59:60 +0200", "Fri, 07 Feb 2025 10:30:00 +0100", "Fri, 7 Feb 2025 10:30:00 +0000",
		"Mon, 7 Feb 2025 10:30:00 +0100", "Fri, 7 Feb 25 10:30:00 +0100", "7 Feb 2025 10:30:00 +0100", "Fri, 7 Feb 2025 10:30 +0100",
		"Fri, 7 Feb 2025 10:30:00 GMT", "Fri, 7 Feb 2025 10:30:00 +0100 (CET)", "Fri, 32 Feb 2025 10:30:00 +0100", "fri, 7 feb 2025 10:30:00 +0100",
		"Fri,  7 Feb 2025 10:30:00 +0100", "Fri, 7 Feb 2025 10:30:00.5 +0100", "Fri, 7 Feb 0025 10:30:00 +0100", "Fri, 7 Feb 2025 1:30:00 +0100",
	} {
		got, err := time.Parse(usualDate, s)
		if err != nil {
			continue
		}
		usual++
		want, err := mail.ParseDate(s)
		require.NoError(t, err, s)
		require.True(t, want.Equal(got), s)
		require.Equal(t, want.Format(time.RFC3339Nano), got.Format(time.RFC3339Nano), s)
	}
	require.Greater(t, usual, 5)
}
