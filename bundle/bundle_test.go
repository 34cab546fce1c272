package bundle_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// kept is one message with all that is kept beside it.
type kept struct {
	mail    []byte
	options pec.VerifyOptions
	stamp   []byte
	zip     []byte
	report  *pec.Report
}

// keep makes a bundle of a receipt, a day after it was issued: with a list that
// covers its signer, and a time-stamp.
func keep(t testing.TB, policy pec.Policy) kept {
	t.Helper()
	root := testsign.NewCircle().Root
	k := kept{mail: testsign.Message{Kind: daticert.TypeDelivery}.Bytes()}
	now := testsign.Instant.Add(24 * time.Hour)

	store, err := trust.NewStore(false, root.X509())
	require.NoError(t, err)
	var data revocation.Data
	require.NoError(t, data.AddCRL("list", root.CRL(7, now, now.AddDate(0, 1, 0))))
	tsa, err := pectest.NewTimestampAuthority(now.AddDate(-1, 0, 0), now.AddDate(20, 0, 0))
	require.NoError(t, err)
	k.stamp, err = tsa.Stamp(bytes.NewReader(k.mail), now.Add(-time.Hour))
	require.NoError(t, err)
	stamp, err := timestamp.Parse("prova.tsr", k.stamp)
	require.NoError(t, err)
	k.options = pec.VerifyOptions{Trust: store, Policy: policy, Revocation: &data, Clock: func() time.Time { return now },
		Timestamps: pec.Timestamps{Stamps: []*timestamp.Stamp{stamp}, Anchors: tsa.Anchors()}}
	m, err := pec.Read(bytes.NewReader(k.mail), int64(len(k.mail)))
	require.NoError(t, err)
	k.report, err = pec.Verify(m, &k.options)
	require.NoError(t, err)
	k.zip = k.write(t)
	return k
}

func (k kept) write(t testing.TB) []byte {
	t.Helper()
	m, err := bundle.NewMaker(bundle.Options{Created: k.options.Clock(), Program: "pecverify prova", Policy: k.report.Policy, At: "certified", TempDir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	require.NoError(t, m.AddTimestamp("prova.tsr", k.stamp))
	require.NoError(t, m.Add(bundle.Item{File: "ricevuta.eml", Content: bytes.NewReader(k.mail), Size: int64(len(k.mail)), Report: k.report, Text: []byte("testo\n")}))
	var b bytes.Buffer
	n, err := m.WriteTo(&b)
	require.NoError(t, err)
	require.Equal(t, int64(b.Len()), n)
	return b.Bytes()
}

func open(t testing.TB, b []byte) *bundle.Bundle {
	t.Helper()
	opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	return opened
}

// A bundle of today verifies in ten years, when the signer's certificate and the
// list have long expired, and the report is the same.
func TestTenYearsOn(t *testing.T) {
	t.Parallel()
	for _, policy := range []pec.Policy{pec.PolicyDefault, pec.PolicyStrict} {
		k := keep(t, policy)
		b := open(t, k.zip)
		require.NoError(t, b.Check())
		require.Len(t, b.Manifest.Messages, 1)
		e := b.Manifest.Messages[0]
		require.Equal(t, "ricevuta.eml", e.File)
		require.Len(t, e.CRL, 1)
		require.NotEmpty(t, e.Certificates)

		later := k.options
		later.Clock = func() time.Time { return testsign.Instant.AddDate(10, 0, 0) }
		var err error
		later.Revocation, err = b.Revocation(e)
		require.NoError(t, err)
		later.Timestamps.Stamps, err = b.Timestamps()
		require.NoError(t, err)
		content, size, err := b.Message(e)
		require.NoError(t, err)
		m, err := pec.Read(content, size)
		require.NoError(t, err)
		r, err := pec.Verify(m, &later)
		require.NoError(t, err, "%s: it is certified still", policy)
		require.Equal(t, pec.POETimestamp, r.ProofOfExistence)

		then, err := b.Report(e)
		require.NoError(t, err)
		now, err := r.JSON("bundle.zip!/"+e.Path, pec.Italian)
		require.NoError(t, err)
		different, err := bundle.Differences(then, now)
		require.NoError(t, err)
		require.Empty(t, different)

		// Without what the bundle keeps, the same message is not: that is what it is for.
		later.Revocation, later.Timestamps = nil, pec.Timestamps{}
		r, _ = pec.Verify(m, &later)
		require.Equal(t, policy == pec.PolicyDefault, r.Certified)
		now, err = r.JSON("x", pec.English)
		require.NoError(t, err)
		different, err = bundle.Differences(then, now)
		require.NoError(t, err)
		require.Contains(t, strings.Join(different, " "), "checks.time.timestamp (pass, now skip)")
	}
}

// The same inputs give the same bytes, and any zip program can open them.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	require.Equal(t, k.zip, k.write(t))

	z, err := zip.NewReader(bytes.NewReader(k.zip), int64(len(k.zip)))
	require.NoError(t, err)
	require.Equal(t, bundle.ManifestName, z.File[0].Name)
	var mail []byte
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(r) // compares the checksum
		require.NoError(t, err)
		if f.Name == "messages/0001.eml" {
			mail = b
		}
	}
	require.Equal(t, k.mail, mail)
}

// Evidence that several messages rest on is kept once.
func TestSharedEvidence(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	m, err := bundle.NewMaker(bundle.Options{TempDir: t.TempDir()})
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, m.Add(bundle.Item{File: "a", Content: bytes.NewReader(k.mail), Size: int64(len(k.mail)), Report: k.report}))
	}
	var b bytes.Buffer
	_, err = m.WriteTo(&b)
	require.NoError(t, err)
	require.NoError(t, m.Close())
	lists := 0
	for _, f := range open(t, b.Bytes()).Manifest.Files {
		if f.Role == bundle.RoleCRL {
			lists++
		}
	}
	require.Equal(t, 1, lists)
}

// Nothing that was meant to wait for the manifest stays behind.
func TestNoFileLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m, err := bundle.NewMaker(bundle.Options{TempDir: dir})
	require.NoError(t, err)
	require.NoError(t, m.Close())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// A message that changes while it is kept is an error, not half a bundle.
func TestChangedMessage(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	m, err := bundle.NewMaker(bundle.Options{TempDir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	err = m.Add(bundle.Item{Content: bytes.NewReader(k.mail[:100]), Size: int64(len(k.mail)), Report: k.report})
	require.ErrorIs(t, err, pec.ErrChanged)
}

// Damage is told of the file that has it, and of no other.
func TestDamage(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	broken := bytes.Clone(k.zip)
	at := bytes.Index(broken, k.mail)
	broken[at+len(k.mail)/2] ^= 1
	b := open(t, broken)
	var damage *bundle.DamageError
	_, _, err := b.Message(b.Manifest.Messages[0])
	require.ErrorAs(t, err, &damage)
	require.Equal(t, "messages/0001.eml", damage.Path)
	require.ErrorAs(t, b.Check(), &damage)
	_, err = b.Revocation(b.Manifest.Messages[0])
	require.NoError(t, err, "the rest is as it was")
}

// formatCase is an archive that is no bundle, or one that somebody changed, and what is
// said of it.
type formatCase struct {
	reason string
	zip    []byte
	says   string
}

// rewritten is a bundle packed again around a changed manifest.
func (k kept) rewritten(t testing.TB, change func(map[string]any)) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(k.zip), int64(len(k.zip)))
	require.NoError(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, f := range z.File {
		r, err := f.OpenRaw()
		require.NoError(t, err)
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		h := zip.FileHeader{Name: f.Name, Method: zip.Store}
		if i == 0 {
			var m map[string]any
			require.NoError(t, json.Unmarshal(b, &m))
			change(m)
			b, err = json.Marshal(m)
			require.NoError(t, err)
		}
		h.CompressedSize64, h.UncompressedSize64 = uint64(len(b)), uint64(len(b))
		o, err := w.CreateRaw(&h)
		require.NoError(t, err)
		_, err = o.Write(b)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func formatCases(t testing.TB, k kept) []formatCase {
	t.Helper()
	manifest := func(change func(map[string]any)) []byte { return k.rewritten(t, change) }
	file := func(m map[string]any, i int) map[string]any { return m["files"].([]any)[i].(map[string]any) }
	return []formatCase{
		{"nothing", nil, "first entry"},
		{"a mail", k.mail, "first entry"},
		{"a bundle cut in its manifest", k.zip[:200], "cut off"},
		{"a bundle cut in its messages", k.zip[:bytes.Index(k.zip, k.mail)+10], "size"},
		{"another schema", manifest(func(m map[string]any) { m["schema"] = "pecverify-bundle/2" }), "schema"},
		{"no list of files", manifest(func(m map[string]any) { m["files"] = 1 }), "entries"},
		{"no list of messages", manifest(func(m map[string]any) { delete(m, "messages") }), "messages"},
		{"a file that is not there", manifest(func(m map[string]any) { file(m, 1)["path"] = "crl/altro.crl" }), "another file"},
		{"a size that is not the file's", manifest(func(m map[string]any) { file(m, 1)["size"] = 3 }), "size"},
		{"a file that is not listed", manifest(func(m map[string]any) { m["files"] = m["files"].([]any)[:2] }), "not list"},
		{"not JSON", append(bytes.Clone(k.zip[:len(bundle.ManifestName)+30]), bytes.Repeat([]byte("x"), len(k.zip))...), "JSON"},
	}
}

// deflated is a bundle as other programs would pack it.
func deflated(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	o, err := w.Create(bundle.ManifestName)
	require.NoError(t, err)
	_, err = o.Write([]byte("{}"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// An archive that is no bundle, or one that somebody packed again, is told so.
func TestFormat(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	same := k.rewritten(t, func(map[string]any) {})
	_, err := bundle.Open(bytes.NewReader(same), int64(len(same)))
	require.NoError(t, err, "the way of making the cases is sound")
	for _, c := range formatCases(t, k) {
		_, err := bundle.Open(bytes.NewReader(c.zip), int64(len(c.zip)))
		var format *bundle.FormatError
		require.ErrorAs(t, err, &format, c.reason)
		require.Contains(t, err.Error(), c.says, c.reason)
	}

	other := deflated(t)
	require.True(t, bundle.Is(bytes.NewReader(other)), "it was one")
	_, err = bundle.Open(bytes.NewReader(other), int64(len(other)))
	require.ErrorContains(t, err, "packed again", "and is an archive like any other, which is told")
	for _, b := range [][]byte{nil, k.mail, k.zip[:40], bytes.Replace(k.zip, []byte(bundle.ManifestName), []byte("Pecverify-bundle.json"), 1)} {
		require.False(t, bundle.Is(bytes.NewReader(b)))
	}
}

// A manifest that claims another role for a file is not followed.
func TestRoles(t *testing.T) {
	t.Parallel()
	b := open(t, keep(t, pec.PolicyDefault).zip)
	e := b.Manifest.Messages[0]
	e.Path, e.CRL = e.Report, []string{"../../etc/passwd"}
	var format *bundle.FormatError
	_, _, err := b.Message(e)
	require.ErrorAs(t, err, &format)
	_, err = b.Revocation(e)
	require.ErrorAs(t, err, &format)
}

// Limits just below and just above, on the lists of the manifest.
func TestLimits(t *testing.T) {
	t.Parallel()
	list := func(messages, files int) []byte {
		entries := make([]string, messages)
		for i := range entries {
			entries[i] = fmt.Sprintf(`{"path":"%d"}`, i)
		}
		raw := []byte(`{"schema":"` + bundle.Schema + `","messages":[` + strings.Join(entries, ",") + `],"files":[` + commas("{}", files) + `]}`)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		o, err := w.CreateRaw(&zip.FileHeader{Name: bundle.ManifestName, CompressedSize64: uint64(len(raw)), UncompressedSize64: uint64(len(raw))})
		require.NoError(t, err)
		_, err = o.Write(raw)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return out.Bytes()
	}
	for _, c := range []struct {
		messages, files int
		limit           string
	}{
		{bundle.MaxMessages, 0, ""}, {bundle.MaxMessages + 1, 0, "messages"}, {0, bundle.MaxEntries + 1, "entries"},
		{0, bundle.MaxEntries, "-"}, // passes the limit, and then no file is there
		{0, bundle.MaxManifest / 3, "manifest"},
	} {
		b := list(c.messages, c.files)
		_, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
		var limit *bundle.LimitError
		switch c.limit {
		case "":
			require.NoError(t, err)
		case "-":
			require.Error(t, err)
			require.NotErrorAs(t, err, &limit)
		default:
			require.ErrorAs(t, err, &limit)
			require.Equal(t, c.limit, limit.Limit)
		}
	}
	m, err := bundle.NewMaker(bundle.Options{TempDir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	require.NoError(t, m.AddTimestamp("x", make([]byte, bundle.MaxEvidence)))
	var limit *bundle.LimitError
	require.ErrorAs(t, m.AddTimestamp("x", make([]byte, bundle.MaxEvidence+1)), &limit)
	require.Equal(t, "evidence", limit.Limit)
	for range bundle.MaxTimestamps - 1 {
		require.NoError(t, m.AddTimestamp("x", nil))
	}
	require.ErrorAs(t, m.AddTimestamp("x", nil), &limit)
	require.Equal(t, "timestamps", limit.Limit)
	require.ErrorAs(t, m.Add(bundle.Item{Size: bundle.MaxEntry + 1}), &limit)
	require.Equal(t, "entry", limit.Limit)
}

func commas(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
