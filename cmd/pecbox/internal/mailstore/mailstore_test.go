package mailstore

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/vectors"
)

// TestPatterns compares with a regular expression that says the same.
func TestPatterns(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := func(alphabet string, most int) string {
		b := make([]byte, random.IntN(most))
		for i := range b {
			b[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(b)
	}
	matched := 0
	for range 20_000 {
		name, pattern := text("ab/", 8), text("ab/*%", 6)
		expression := regexp.MustCompile("^" + strings.NewReplacer("*", ".*", "%", "[^/]*").Replace(pattern) + "$")
		want := expression.MatchString(name)
		require.Equal(t, want, matches(name, pattern), "%q %q", name, pattern)
		if want {
			matched++
		}
	}
	require.Greater(t, matched, 1000, "the cases say something")
}

// TestSectionsOfVectors: whatever the message, sections are pieces of it as they
// stand, and a part's header and text make up the part.
func TestSectionsOfVectors(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	messages, parts := 0, 0
	check := func(raw []byte) {
		e, err := scan(raw)
		if err != nil {
			return
		}
		messages++
		require.True(t, bytes.Equal(raw, section(e, raw, &imap.FetchItemBodySection{})))
		require.NotNil(t, structure(e, raw))
		require.NotNil(t, envelope(e.Header))
		for _, path := range paths(structure(e, raw)) {
			body := section(e, raw, &imap.FetchItemBodySection{Part: path})
			require.NotNil(t, body, "the structure has part %v", path)
			parts++
			header := section(e, raw, &imap.FetchItemBodySection{Part: path, Specifier: imap.PartSpecifierMIME})
			require.True(t, bytes.Contains(raw, append(bytes.Clone(header), body...)) || len(path) == 1 && path[0] == 1)
			inner := append(bytes.Clone(section(e, raw, &imap.FetchItemBodySection{Part: path, Specifier: imap.PartSpecifierHeader})),
				section(e, raw, &imap.FetchItemBodySection{Part: path, Specifier: imap.PartSpecifierText})...)
			require.True(t, len(inner) == 0 || bytes.HasSuffix(body, inner), "%v", path)
		}
		require.Nil(t, section(e, raw, &imap.FetchItemBodySection{Part: []int{1 << 30}}))
		require.Nil(t, section(e, raw, &imap.FetchItemBodySection{Part: []int{0}}))
	}
	for v := range vectors.All() {
		raw := v.Mail()
		if len(raw) > 1<<20 {
			continue
		}
		check(raw)
		for range 3 {
			damaged := bytes.Clone(raw)
			for range 1 + random.IntN(8) {
				if len(damaged) > 0 {
					damaged[random.IntN(len(damaged))] = "\r\n-\":; a="[random.IntN(9)]
				}
			}
			check(damaged)
		}
	}
	require.Greater(t, messages, 1000)
	require.Greater(t, parts, 4000)
}

// paths lists the numbers of all parts of a structure, those of messages inside it
// too.
func paths(s imap.BodyStructure, at ...int) [][]int {
	below := func(n int) []int { return append(slices.Clone(at), n) }
	switch s := s.(type) {
	case *imap.BodyStructureMultiPart:
		var out [][]int
		for n, c := range s.Children {
			out = append(out, below(n+1))
			if _, leaf := c.(*imap.BodyStructureSinglePart); !leaf || c.(*imap.BodyStructureSinglePart).MessageRFC822 != nil {
				out = append(out, paths(c, below(n+1)...)...)
			}
		}
		return out
	case *imap.BodyStructureSinglePart:
		if m := s.MessageRFC822; m != nil && len(at) > 0 {
			if inside, many := m.BodyStructure.(*imap.BodyStructureMultiPart); many {
				return paths(inside, at...)
			}
		}
	}
	return [][]int{below(1)}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	e, err := scan([]byte("From: \"Per conto di: a@b\" <posta-certificata@pec.example.it>\r\nTo: uno@example.it, due@example.it\r\n" +
		"Subject: =?iso-8859-1?q?Citt=E0?=\r\nMessage-ID: <id@example.it>\r\nIn-Reply-To: <a@b> <c@d>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\n"))
	require.NoError(t, err)
	got := envelope(e.Header)
	require.Equal(t, "Città", got.Subject)
	require.Equal(t, "id@example.it", got.MessageID)
	require.Equal(t, []string{"a@b", "c@d"}, got.InReplyTo)
	require.Equal(t, []imap.Address{{Name: "Per conto di: a@b", Mailbox: "posta-certificata", Host: "pec.example.it"}}, got.From)
	require.Len(t, got.To, 2)
	require.Equal(t, 2026, got.Date.Year())
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		partial *imap.SectionPartial
		want    string
	}{
		{nil, "0123456789"},
		{&imap.SectionPartial{Offset: 0, Size: 3}, "012"},
		{&imap.SectionPartial{Offset: 7, Size: 3}, "789"},
		{&imap.SectionPartial{Offset: 7, Size: 4}, "789"},
		{&imap.SectionPartial{Offset: 10, Size: 1}, ""},
		{&imap.SectionPartial{Offset: 11, Size: 1}, ""},
		{&imap.SectionPartial{Offset: 9, Size: 1<<63 - 1}, "9"},
	} {
		require.Equal(t, c.want, string(cut([]byte("0123456789"), c.partial)))
	}
}

// logged is a session that has logged in.
func logged(t *testing.T) *session {
	t.Helper()
	c := pectest.Start(t)
	s := &session{store: New(account.NewDirectory(c, "p"), c.Clock())}
	require.Error(t, s.Login("mittente@pec.example.it", "x"))
	require.NoError(t, s.Login("mittente@pec.example.it", "p"))
	return s
}

// literal is what a client sends, of which it announced the size.
type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

func send(mail string) literal { return literal{strings.NewReader(mail), int64(len(mail))} }

func TestFolderLimits(t *testing.T) {
	t.Parallel()
	s := logged(t)
	require.NoError(t, s.Create(strings.Repeat("n", maxName), nil))
	require.Error(t, s.Create(strings.Repeat("m", maxName+1), nil))
	require.Error(t, s.Create("a\x01b", nil))
	require.Error(t, s.Create("/", nil))
	for n := len(s.user.folders); n < maxFolders; n++ {
		require.NoError(t, s.Create(fmt.Sprint("f", n), nil))
	}
	require.Error(t, s.Create("one more", nil))
	require.NoError(t, s.Delete("f50"))
	require.NoError(t, s.Create("one more", nil))
}

func TestRename(t *testing.T) {
	t.Parallel()
	s := logged(t)
	require.NoError(t, s.Create("a", nil))
	require.NoError(t, s.Create("a/b", nil))
	require.NoError(t, s.Create("ab", nil))
	require.NoError(t, s.Create("c/b", nil))
	require.Error(t, s.Rename("a", "c", nil), "a/b would take the place of c/b")
	require.NotNil(t, s.user.folders["a/b"], "nothing was done by halves")
	require.Error(t, s.Rename("a", "Sent", nil))
	require.Error(t, s.Rename("none", "d", nil))
	require.Error(t, s.Rename("INBOX", "d", nil))
	require.NoError(t, s.Rename("a", "d", nil))
	for _, name := range []string{"d", "d/b", "ab", "c/b"} {
		require.NotNil(t, s.user.folders[name], name)
		require.Equal(t, name, s.user.folders[name].name)
	}
	require.Nil(t, s.user.folders["a"])
}

func TestRoom(t *testing.T) {
	t.Parallel()
	s := logged(t)
	mail := "Subject: x\r\n\r\n"
	cost := int64(len(mail) + overhead)
	s.store.stored.Store(MaxStored - cost)
	_, err := s.Append("Sent", send(mail), &imap.AppendOptions{})
	require.NoError(t, err, "the last that fits")
	_, err = s.Append("Sent", send(""), &imap.AppendOptions{})
	require.Equal(t, errNoRoom, err)
	require.EqualValues(t, MaxStored, s.store.stored.Load())

	_, err = s.Select("Sent", &imap.SelectOptions{})
	require.NoError(t, err)
	_, err = s.Copy(imap.SeqSet{{Start: 1, Stop: 1}}, "Trash")
	require.Equal(t, errNoRoom, err)
	require.NoError(t, s.Delete("Sent"))
	require.EqualValues(t, MaxStored-cost, s.store.stored.Load(), "what goes away makes room")
	_, err = s.Append("Trash", literal{strings.NewReader("Sub"), 14}, &imap.AppendOptions{})
	require.Equal(t, io.ErrUnexpectedEOF, err, "a literal that is cut off")
	require.EqualValues(t, MaxStored-cost, s.store.stored.Load())
	require.Empty(t, s.user.folders["Trash"].items)
}

// TestDeletedFolder: who has a folder open that another connection deletes can copy
// nothing into it that nobody would ever see.
func TestDeletedFolder(t *testing.T) {
	t.Parallel()
	s := logged(t)
	f := s.user.folders["Sent"]
	require.NoError(t, s.Delete("Sent"))
	_, err := f.put(&item{})
	require.Error(t, err)
}

func TestFlagLimits(t *testing.T) {
	t.Parallel()
	many := make([]imap.Flag, maxFlags+1)
	for i := range many {
		many[i] = imap.Flag(fmt.Sprint("k", i))
	}
	require.Len(t, storable(many), maxFlags)
	require.Len(t, storable([]imap.Flag{imap.Flag(strings.Repeat("f", maxFlag)), imap.Flag(strings.Repeat("g", maxFlag+1)), imap.FlagWildcard}), 1)
	require.Len(t, storable([]imap.Flag{"\\Seen", "\\SEEN"}), 1)

	f := newFolder(&Store{}, "x", 1)
	i := &item{}
	f.setFlags(i, imap.StoreFlagsAdd, many[:maxFlags])
	f.setFlags(i, imap.StoreFlagsAdd, []imap.Flag{"more"})
	require.Len(t, f.flagsOf(i), maxFlags)
	f.setFlags(i, imap.StoreFlagsDel, []imap.Flag{"K0"})
	require.Len(t, f.flagsOf(i), maxFlags-1)
	require.NotZero(t, f.setFlags(i, imap.StoreFlagsSet, []imap.Flag{"only"}))
	require.Equal(t, []imap.Flag{"only"}, f.flagsOf(i))
	require.Zero(t, f.setFlags(i, imap.StoreFlagsAdd, []imap.Flag{"ONLY"}), "no change")
}

// TestView follows a folder that others change.
func TestView(t *testing.T) {
	t.Parallel()
	f := newFolder(&Store{}, "x", 1)
	for range 4 {
		_, err := f.put(&item{raw: []byte("x"), cost: 1})
		require.NoError(t, err)
	}
	v := newView(f, false)
	gone, exists, flagged := v.update(true)
	require.Empty(t, gone)
	require.Zero(t, exists)
	require.Empty(t, flagged)

	last := v.items[3]
	f.setFlags(last, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
	f.remove(func(i *item) bool { return i.uid == 1 || i.uid == 3 })
	f.put(&item{raw: []byte("new")})
	gone, exists, flagged = v.update(false)
	require.Empty(t, gone, "not now")
	require.EqualValues(t, 5, exists)
	require.Equal(t, []uint32{4}, flagged)
	gone, exists, flagged = v.update(true)
	require.Equal(t, []uint32{3, 1}, gone, "from the last, so that numbers hold")
	require.Zero(t, exists)
	require.Empty(t, flagged)
	require.Len(t, v.items, 3)

	require.Equal(t, []uint32{3}, v.chosen(imap.SeqSet{{Start: 0, Stop: 0}}), "*")
	require.Equal(t, []uint32{2, 3}, v.chosen(imap.SeqSet{{Start: 2, Stop: 0}}))
	require.Equal(t, []uint32{3}, v.chosen(imap.UIDSet{{Start: 9, Stop: 0}}), "9:* has the last, whatever its number")
	require.Equal(t, []uint32{1}, v.chosen(imap.UIDSet{{Start: 1, Stop: 2}}))
	require.Empty(t, newView(newFolder(&Store{}, "y", 1), false).chosen(imap.SeqSet{{Start: 1, Stop: 0}}), "an empty folder")
	v.saved.AddNum(4)
	require.Equal(t, []uint32{2}, v.chosen(imap.SearchRes()), "$")
}

// TestInboxFollowsTheCircuit without being told: what Submit has delivered is there.
func TestInboxFollowsTheCircuit(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	s := &session{store: New(account.NewDirectory(c, "p"), c.Clock())}
	require.NoError(t, s.Login("mittente@pec.example.it", "p"))
	mail := []byte("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: x\r\n\r\nx\r\n")
	_, err := c.Submit("mittente@pec.example.it", []string{"destinatario@pec.example.com"}, mail)
	require.NoError(t, err)
	data, err := s.Select("INBOX", &imap.SelectOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, data.NumMessages)
	first := c.Mailbox("mittente@pec.example.it").Last("accettazione")
	require.Same(t, &first.Raw[0], &s.view.items[0].raw[0], "a message is in memory once")
	require.Zero(t, s.store.stored.Load())
	s.store.Clear()
	gone, _, _ := s.view.update(true)
	require.Equal(t, []uint32{2, 1}, gone)
}
