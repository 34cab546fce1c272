package mailbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

func TestFolderOrderAndWhatIsAnInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.eml":          mail,
		"a/z.eml":        mail,
		"a.eml":          "junk all the same",
		"a-b.EML":        mail,
		"a/m.mbox":       "From a\n" + mail + "\nFrom b\n" + mail,
		"a/Inbox":        "From - Mon\n" + mail,
		"B.eml":          mail,
		"saved":          mail,
		"empty.mbox":     "",
		"odd.mbox":       "no From line",
		"notes.txt":      "Subject: not enough of a mail\n",
		"print.pdf":      "%PDF-1.7",
		"outlook.msg":    "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		"outlook2.msg":   "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		"wrong.eml":      "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		"archive.zip":    string(zipOf(t, entry{name: "a.eml", content: mail})),
		".hidden.eml":    mail,
		".git/a.eml":     mail,
		"è.eml":          mail,
		"citt\xe0.eml":   mail,
		"\xff/\x1b.eml":  mail,
		"deep/1/2/3.eml": mail,
	} {
		write(t, dir+"/"+name, content)
	}
	got, others := walk(t, dir, nil)
	require.Equal(t, []found{
		ok(dir+"/B.eml", mail),
		ok(dir+"/a-b.EML", mail),
		ok(dir+"/a.eml", "junk all the same"),
		ok(dir+"/a/Inbox#1", mail),
		ok(dir+"/a/m.mbox#1", mail),
		ok(dir+"/a/m.mbox#2", mail),
		ok(dir+"/a/z.eml", mail),
		ok(dir+"/b.eml", mail),
		ok(dir+`/citt\xe0.eml`, mail),
		ok(dir+"/deep/1/2/3.eml", mail),
		ok(dir+"/odd.mbox", "no From line"),
		ok(dir+"/saved", mail),
		bad(dir+"/wrong.eml", mailbox.CodeUnreadable, mailbox.ReasonFormat),
		ok(dir+"/è.eml", mail),
		ok(dir+`/\xff/`+"\x1b.eml", mail),
	}, got)
	require.Equal(t, mailbox.Others{
		Count:   8, // empty.mbox, notes.txt, print.pdf, two .msg, archive.zip, .hidden.eml, .git
		Formats: map[mailbox.Format]int{mailbox.FormatPDF: 1, mailbox.FormatCFB: 2},
	}, others)
}

func TestFolderIsNamedAsGiven(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/p/a.eml", mail)
	for _, arg := range []string{dir + "/p", dir + "/p/", dir + "/./p/../p"} {
		got, _ := walk(t, arg, nil)
		require.Equal(t, []found{ok(strings.TrimSuffix(arg, "/")+"/a.eml", mail)}, got)
	}
}

func TestFolderWithNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nothing := []found{bad(dir, mailbox.CodeNotFound, mailbox.ReasonNothingFound)}
	got, others := walk(t, dir, nil)
	require.Equal(t, nothing, got)
	require.Zero(t, others.Count)

	write(t, dir+"/sub/readme.txt", "hello")
	got, others = walk(t, dir, nil)
	require.Equal(t, nothing, got)
	require.Equal(t, 1, others.Count)
}

func TestMaildir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const id = "1704099600.M123P45.host"
	for name, content := range map[string]string{
		"cur/" + id + ":2,S":  mail,
		"cur/junk":            "everything in cur is a message",
		"new/" + id:           mail,
		"tmp/" + id:           mail,
		".Sent/cur/" + id:     mail,
		"dovecot.index":       "\x07",
		"Archive/cur/" + id:   "a name is enough",
		"Archive/cur/other":   "not a Maildir name, and Archive has no new",
		"Archive/tmp/" + id:   mail,
		"cur/sub/" + id + "1": "a folder in cur is a folder",
	} {
		write(t, dir+"/"+name, content)
	}
	got, others := walk(t, dir, nil)
	require.Equal(t, []found{
		ok(dir+"/Archive/cur/"+id, "a name is enough"),
		ok(dir+"/Archive/tmp/"+id, mail),
		ok(dir+"/cur/"+id+":2,S", mail),
		ok(dir+"/cur/junk", "everything in cur is a message"),
		ok(dir+"/new/"+id, mail),
	}, got)
	require.Equal(t, 4, others.Count, ".Sent, dovecot.index, Archive/cur/other, cur/sub")
}

func TestLinksAreNotFollowedInFolders(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, dir+"/a.eml", mail)
	write(t, elsewhere+"/secret.eml", mail)
	for name, target := range map[string]string{
		"loop": ".", "up": "..", "file.eml": elsewhere + "/secret.eml", "folder": elsewhere, "gone.eml": "nowhere", "self.eml": "self.eml",
	} {
		if err := os.Symlink(target, dir+"/"+name); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	got, others := walk(t, dir, nil)
	require.Equal(t, []found{ok(dir+"/a.eml", mail)}, got)
	require.Equal(t, 6, others.Count)

	got, _ = walk(t, dir+"/file.eml", nil)
	require.Equal(t, []found{ok(dir+"/file.eml", mail)}, got, "named on the command line it is followed")
	got, _ = walk(t, dir+"/folder", nil)
	require.Equal(t, []found{ok(dir+"/folder/secret.eml", mail)}, got)
	got, _ = walk(t, dir+"/self.eml", nil)
	require.Equal(t, []found{bad(dir+"/self.eml", mailbox.CodeUnreadable, mailbox.ReasonIO)}, got)
}

func TestFileSwappedForALinkWhileWalking(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, dir+"/a.eml", mail)
	secret := write(t, elsewhere+"/secret.eml", mail)
	for it := range mailbox.New(dir, nil).Items(t.Context()) {
		require.NoError(t, os.Remove(dir+"/a.eml"))
		if err := os.Symlink(secret, dir+"/a.eml"); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		require.Equal(t, bad(dir+"/a.eml", mailbox.CodeUnreadable, mailbox.ReasonNotRegular), open(t, it))
	}
}

func TestFileRemovedWhileWalking(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, n := range []string{"a.eml", "b", "c.mbox", "d.eml"} {
		write(t, dir+"/"+n, "From a\n"+mail)
	}
	var got []found
	for it := range mailbox.New(dir, nil).Items(t.Context()) {
		if len(got) == 0 {
			for _, n := range []string{"a.eml", "b", "c.mbox"} {
				require.NoError(t, os.Remove(dir+"/"+n))
			}
		}
		got = append(got, open(t, it))
	}
	gone := func(n string) found { return bad(dir+"/"+n, mailbox.CodeNotFound, mailbox.ReasonNoSuchFile) }
	require.Equal(t, []found{gone("a.eml"), gone("b"), gone("c.mbox"), ok(dir+"/d.eml", mail)}, got)
}

func TestFolderDepth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(n int) string { return strings.Repeat("/d", n) }
	write(t, dir+at(100)+"/a.eml", mail)
	write(t, dir+at(101)+"/a.eml", mail)
	write(t, dir+"/z.eml", mail)
	got, _ := walk(t, dir, nil)
	require.Equal(t, []found{
		ok(dir+at(100)+"/a.eml", mail),
		bad(dir+at(101), mailbox.CodeLimit, mailbox.ReasonDepth),
		ok(dir+"/z.eml", mail),
	}, got, "the limit stops one branch, not the rest")
}

func TestTooLargeFileDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/a.eml", mail)
	write(t, dir+"/b.eml", mail+strings.Repeat("x", 1000))
	write(t, dir+"/c.mbox", "From a\n"+mail+"\nFrom b\n"+mail+strings.Repeat("x", 1000)+"\n\nFrom c\n"+mail)
	got, _ := walk(t, dir, &mailbox.Options{MaxSize: 1000})
	require.Equal(t, []found{
		ok(dir+"/a.eml", mail),
		bad(dir+"/b.eml", mailbox.CodeLimit, mailbox.ReasonSize),
		ok(dir+"/c.mbox#1", mail),
		bad(dir+"/c.mbox#2", mailbox.CodeLimit, mailbox.ReasonSize),
		ok(dir+"/c.mbox#3", mail),
	}, got)
}

func TestUnreadableInFolder(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root reads files without permission")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(write(t, dir+"/a.eml", mail), 0))
	require.NoError(t, os.Chmod(write(t, dir+"/b", mail), 0))
	write(t, dir+"/c/x.eml", mail)
	require.NoError(t, os.Chmod(dir+"/c", 0))
	t.Cleanup(func() { os.Chmod(dir+"/c", 0o700) })
	write(t, dir+"/d.eml", mail)
	got, _ := walk(t, dir, nil)
	cannot := func(n string) found { return bad(dir+"/"+n, mailbox.CodeUnreadable, mailbox.ReasonIO) }
	require.Equal(t, []found{cannot("a.eml"), cannot("b"), cannot("c"), ok(dir+"/d.eml", mail)}, got)
}

func TestConsumerMayStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.mbox"), "From a\n"+mail+"\nFrom b\n"+mail)
	write(t, filepath.Join(dir, "b.eml"), mail)
	for it := range mailbox.New(dir, nil).Items(t.Context()) {
		require.NoError(t, it.Close())
		break
	}
}
