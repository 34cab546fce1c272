package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// pack writes a bundle by hand: any manifest, over files of which those without
// content are zeros that are not kept.
func pack(t testing.TB, m bundle.Manifest, contents map[string][]byte) *sparse {
	t.Helper()
	m.Schema = bundle.Schema
	if m.Messages == nil {
		m.Messages = []bundle.Entry{}
	}
	for i := range m.Files {
		f := &m.Files[i]
		if b, ok := contents[f.Path]; ok {
			sum := sha256.Sum256(b)
			f.Size, f.SHA256 = int64(len(b)), hex.EncodeToString(sum[:])
		}
	}
	manifest, err := json.Marshal(m)
	require.NoError(t, err)
	a := &sparse{}
	w := zip.NewWriter(a)
	add := func(name string, size int64, b []byte) {
		o, err := w.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: uint64(size), UncompressedSize64: uint64(size)})
		require.NoError(t, err)
		for b == nil && size > 0 {
			n := min(size, hole)
			_, err = o.Write(make([]byte, n))
			require.NoError(t, err)
			size -= n
		}
		_, err = o.Write(b)
		require.NoError(t, err)
	}
	add(bundle.ManifestName, int64(len(manifest)), manifest)
	for _, f := range m.Files {
		add(f.Path, f.Size, contents[f.Path])
	}
	require.NoError(t, w.Close())
	return a
}

// nameCase is a manifest that names things once or twice.
type nameCase struct {
	reason string
	m      bundle.Manifest
	ok     bool
}

func namedTwice() []nameCase {
	file := []bundle.File{{Path: "a", Role: bundle.RoleMessage}, {Path: "b", Role: bundle.RoleTimestamp}}
	return []nameCase{
		{"each once", bundle.Manifest{Files: file, Messages: []bundle.Entry{{Path: "a"}}, Timestamps: []string{"b"}}, true},
		{"one message twice", bundle.Manifest{Files: file, Messages: []bundle.Entry{{Path: "a"}, {Path: "a"}}}, false},
		{"one time-stamp twice", bundle.Manifest{Files: file, Timestamps: []string{"b", "b"}}, false},
	}
}

// A manifest asks for no more work than the archive is large.
func TestNamedTwice(t *testing.T) {
	t.Parallel()
	for _, c := range namedTwice() {
		a := pack(t, c.m, nil)
		_, err := bundle.Open(a, a.size)
		var format *bundle.FormatError
		require.Equal(t, c.ok, err == nil, c.reason)
		if !c.ok {
			require.ErrorAs(t, err, &format, c.reason)
			require.Contains(t, err.Error(), "twice", c.reason)
		}
	}
}

// stamps is a manifest with so many time-stamps.
func stamps(n int) (m bundle.Manifest) {
	for i := range n {
		path := fmt.Sprint(i)
		m.Timestamps = append(m.Timestamps, path)
		m.Files = append(m.Files, bundle.File{Path: path, Role: bundle.RoleTimestamp})
	}
	return m
}

// The limits of what many messages share, just below and just above.
func TestSharedLimits(t *testing.T) {
	t.Parallel()
	lists := func(sizes ...int64) (m bundle.Manifest) {
		for i, size := range sizes {
			m.Files = append(m.Files, bundle.File{Path: fmt.Sprint(i), Role: []bundle.Role{bundle.RoleCRL, bundle.RoleOCSP}[i%2], Size: size})
		}
		return m
	}
	const quarter = bundle.MaxRevocation / 4
	for _, c := range []struct {
		reason, limit string
		m             bundle.Manifest
	}{
		{"as many time-stamps as are verified", "", stamps(bundle.MaxTimestamps)},
		{"one more", "timestamps", stamps(bundle.MaxTimestamps + 1)},
		{"as many bytes of lists and responses as are held", "", lists(quarter, quarter, quarter, quarter)},
		{"one more", "revocation", lists(quarter, quarter, quarter, quarter, 1)},
	} {
		a := pack(t, c.m, nil)
		_, err := bundle.Open(a, a.size)
		if c.limit == "" {
			require.NoError(t, err, c.reason)
			continue
		}
		var limit *bundle.LimitError
		require.ErrorAs(t, err, &limit, c.reason)
		require.Equal(t, c.limit, limit.Limit)
	}
}

// Evidence that cannot be used does not take away the rest, and is told; what many
// messages rest on is read once, from any number of goroutines.
func TestRevocationOfMany(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	now := k.options.Clock()
	first := testsign.NewCircle().Root.CRL(1, now, now.AddDate(0, 1, 0))
	m := bundle.Manifest{Files: []bundle.File{{Path: "1", Role: bundle.RoleCRL}, {Path: "2", Role: bundle.RoleCRL}, {Path: "3", Role: bundle.RoleOCSP}}}
	a := pack(t, m, map[string][]byte{"1": first, "2": []byte("no list"), "3": []byte("no response")})
	b, err := bundle.Open(a, a.size)
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				data, err := b.Revocation(bundle.Entry{CRL: []string{"2", "1", "3", "none"}, OCSP: []string{"3"}})
				if data.Len() != 1 {
					t.Error(data.Len())
				}
				for _, says := range []string{"2: malformed", "bundle: 3: ", "bundle: none: ", "3: malformed"} {
					if err == nil || !bytes.Contains([]byte(err.Error()), []byte(says)) {
						t.Error(err, says)
					}
				}
			}
		})
	}
	all.Wait()

	data, err := b.Revocation(bundle.Entry{CRL: make([]string, 1_000_000)})
	require.Error(t, err)
	require.Zero(t, data.Len())
	require.Less(t, len(err.Error()), 2000, "not each is told")

	// A list of 16 MiB that a thousand messages rest on: 16 GiB, if each read it.
	large := testsign.List{ThisUpdate: now, NextUpdate: now.AddDate(0, 1, 0),
		Extra: []testsign.Extension{{OID: []int{1, 3, 6, 1, 4, 1, 99999, 1}, Value: make([]byte, 16<<20)}}}.SignedBy(testsign.NewCircle().Root)
	a = pack(t, bundle.Manifest{Files: []bundle.File{{Path: "1", Role: bundle.RoleCRL}}}, map[string][]byte{"1": large})
	b, err = bundle.Open(a, a.size)
	require.NoError(t, err)
	begin := time.Now()
	for range 1000 {
		data, err := b.Revocation(bundle.Entry{CRL: []string{"1"}})
		require.NoError(t, err)
		require.Equal(t, 1, data.Len())
	}
	require.Less(t, time.Since(begin), 5*time.Second)
}

// names tells which names an entry can have.
var names = map[string]bool{
	"messages/0001.eml": true, "a": true, "a-1/b.c.d": true,
	"Messages/0001.eml": false, "messages/0001.EML": false, "messages/0001.eml.": false, "messages./0001.eml": false,
	"messages/0001.eml ": false, `messages\0001.eml`: false, "messages//0001.eml": false, "/messages/0001.eml": false,
	"messages/../0001.eml": false, "../0001.eml": false, "./0001.eml": false, "messages/": false, ".": false, "": false,
	"messages/é.eml": false, "messages/a:b": false, "messages/\x00": false, ".hidden": false,
}

// Two entries never have names that some system takes for one: what is unpacked last
// would stand in the place of what was verified.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, ok := range names {
		a := pack(t, bundle.Manifest{Files: []bundle.File{{Path: name, Role: bundle.RoleReport}}}, nil)
		_, err := bundle.Open(a, a.size)
		if ok {
			require.NoError(t, err, "%q", name)
			continue
		}
		var format *bundle.FormatError
		require.ErrorAs(t, err, &format, "%q", name)
	}
}
