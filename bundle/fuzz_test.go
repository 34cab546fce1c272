package bundle_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/timestamp"
)

var errDevice = errors.New("the device is gone")

// broken cannot be read, or written, at one place; below 0 it is sound.
type broken struct {
	io.ReaderAt
	at   int64
	size int64 // written
}

// ReadAt implements io.ReaderAt.
func (b *broken) ReadAt(p []byte, at int64) (int, error) {
	if b.at >= at && b.at < at+int64(len(p)) {
		return 0, errDevice
	}
	return b.ReaderAt.ReadAt(p, at)
}

// Write implements io.Writer.
func (b *broken) Write(p []byte) (int, error) {
	if b.at >= b.size && b.at < b.size+int64(len(p)) {
		return 0, errDevice
	}
	b.size += int64(len(p))
	return len(p), nil
}

// fuzzed is made once for all targets: making its keys is what takes time.
var fuzzed struct {
	sync.Once
	kept
}

func keepOnce(f *testing.F) kept {
	f.Helper()
	fuzzed.Do(func() { fuzzed.kept = keep(f, pec.PolicyDefault) })
	return fuzzed.kept
}

// known reports whether an error is one that Open documents.
func known(err error) bool {
	_, format := errors.AsType[*bundle.FormatError](err)
	_, limit := errors.AsType[*bundle.LimitError](err)
	return (format || limit) && strings.HasPrefix(err.Error(), "bundle: ")
}

// squeezed gives an archive with its zeros as a number, so that a seed is small.
func squeezed(a *sparse) (b []byte, at, hole uint32) {
	if len(a.pieces) < 2 {
		return a.pieces[0].b, 0, 0
	}
	first, last := a.pieces[0], bytes.TrimLeft(a.pieces[1].b, "\x00")
	return slices.Concat(first.b, last), uint32(len(first.b)), uint32(a.size - int64(len(first.b)+len(last)))
}

// FuzzOpen: whatever the archive is, opening it ends, and what it gives out has
// the hash that its manifest lists. What is opened is what other programs unpack. An
// error of the reader comes out as it is. There is a hole of zeros in the archive, so
// that it can be as large as the limits.
func FuzzOpen(f *testing.F) {
	k := keepOnce(f)
	plain := func(b []byte) { f.Add(b, int64(-1), uint32(0), uint32(0)) }
	plain(k.zip)
	plain(k.zip[:len(k.zip)/2])
	plain([]byte("PK\x03\x04"))
	plain(deflated(f))
	for _, c := range formatCases(f, k) {
		plain(c.zip)
	}
	for _, c := range otherDirectories(f, k) {
		plain(c.zip)
	}
	packed := func(m bundle.Manifest, contents map[string][]byte) {
		b, at, hole := squeezed(pack(f, m, contents))
		f.Add(b, int64(-1), at, hole)
	}
	for _, c := range namedTwice() {
		packed(c.m, nil)
	}
	for name := range names {
		packed(bundle.Manifest{Files: []bundle.File{{Path: name, Role: bundle.RoleReport}}}, nil)
	}
	packed(stamps(bundle.MaxTimestamps), nil)
	packed(stamps(bundle.MaxTimestamps+1), nil)
	packed(bundle.Manifest{Messages: make([]bundle.Entry, 3)}, nil)
	packed(bundle.Manifest{Messages: []bundle.Entry{{Path: "a", CRL: []string{"1", "1", "2", "3", "4"}, OCSP: []string{"3", "", "", "", "", "", "", ""}}},
		Files: []bundle.File{{Path: "1", Role: bundle.RoleCRL}, {Path: "2", Role: bundle.RoleCRL}, {Path: "3", Role: bundle.RoleOCSP}}},
		map[string][]byte{"1": []byte("no list"), "3": []byte("no response")})
	for _, size := range []int64{bundle.MaxEvidence, bundle.MaxEvidence + 1, bundle.MaxEntry} {
		for _, role := range []bundle.Role{bundle.RoleMessage, bundle.RoleReport} {
			packed(bundle.Manifest{Files: []bundle.File{{Path: "a", Role: role, Size: size}}}, nil)
		}
	}
	many := slices.Concat([]byte(`{"schema":"pecverify-bundle/1","files":[],"messages":[`), bytes.Repeat([]byte("{},"), bundle.MaxMessages+1))
	header := slices.Clone(k.zip[:30+len(bundle.ManifestName)])
	for i := range 4 {
		header[18+i], header[22+i] = byte(len(many)>>(8*i)), byte(len(many)>>(8*i))
	}
	plain(slices.Concat(header, many))
	header[21], header[25] = 0x7f, 0x7f // 2 GiB of manifest
	plain(slices.Clone(header))
	damaged := bytes.Clone(k.zip)
	damaged[bytes.Index(damaged, k.mail)] ^= 1
	plain(damaged)
	end := bytes.LastIndex(k.zip, []byte("PK\x05\x06"))
	for _, at := range []int{0, 60, 29 + len(bundle.ManifestName), bytes.Index(k.zip, k.mail), bytes.Index(k.zip, k.mail) - 20, bytes.Index(k.zip, k.mail) - 3, bytes.Index(k.zip, []byte("PK\x01\x02")), end, end + 4,
		bytes.Index(k.zip, k.stamp), bytes.LastIndex(k.zip[:end], []byte("PK\x03\x04")) + 4} {
		f.Add(k.zip, int64(at), uint32(0), uint32(0))
	}

	f.Fuzz(func(t *testing.T, b []byte, fail int64, at, hole uint32) {
		at = min(at, uint32(len(b)))
		archive := &sparse{pieces: []piece{{0, b[:at]}, {int64(at) + int64(hole), b[at:]}}, size: int64(len(b)) + int64(hole)}
		r := &broken{ReaderAt: archive, at: fail}
		opened, err := bundle.Open(r, archive.size)
		if err != nil {
			require.Nil(t, opened)
			require.True(t, known(err) || fail >= 0 && errors.Is(err, errDevice), "%v", err)
			if !errors.Is(err, errDevice) {
				_, err = bundle.Open(archive, archive.size)
				require.Error(t, err, "the archive is blamed for the device")
			}
			return
		}
		require.True(t, bundle.Is(r))
		z, err := zip.NewReader(archive, archive.size)
		require.NoError(t, err)
		require.Len(t, z.File, 1+len(opened.Manifest.Files))
		for i, f := range opened.Manifest.Files {
			require.Equal(t, f.Path, z.File[i+1].Name)
			require.Equal(t, f.Size, int64(z.File[i+1].UncompressedSize64))
		}
		if archive.size < 1<<20 {
			contents(t, opened, fail >= 0)
		}
	})
}

// contents asks an opened bundle for all that it holds.
func contents(t *testing.T, b *bundle.Bundle, failing bool) {
	all := b.Check()
	_, damaged := errors.AsType[*bundle.DamageError](all)
	require.True(t, all == nil || damaged && strings.HasPrefix(all.Error(), "bundle: ") || failing && errors.Is(all, errDevice), "%v", all)
	told := func(err error, content []byte) {
		_, damaged := errors.AsType[*bundle.DamageError](err)
		_, format := errors.AsType[*bundle.FormatError](err)
		require.True(t, err == nil || damaged && all != nil || format || failing && errors.Is(err, errDevice), "%v", err)
		require.True(t, err == nil || content == nil, "nothing comes with an error")
	}
	for _, e := range b.Manifest.Messages {
		content, size, err := b.Message(e)
		var mail []byte
		if err == nil {
			mail, err = io.ReadAll(io.NewSectionReader(content, 0, size))
			require.Len(t, mail, int(size))
		}
		told(err, mail)
		report, err := b.Report(e)
		told(err, report)
		data, err := b.Revocation(e)
		again, second := b.Revocation(e)
		require.Equal(t, data.Len(), again.Len(), "it is read once")
		require.Equal(t, err == nil, second == nil)
		require.LessOrEqual(t, data.Len(), len(e.CRL)+len(e.OCSP))
		if err == nil && len(e.CRL)+len(e.OCSP) > 0 {
			require.NotZero(t, data.Len())
		}
	}
	good := true
	for _, path := range b.Manifest.Timestamps {
		name, raw, err := b.Timestamp(path)
		told(err, raw)
		if err == nil {
			_, err = timestamp.Parse(name, raw)
		}
		good = good && err == nil
	}
	stamps, err := b.Timestamps()
	require.Equal(t, good, err == nil)
	if err != nil {
		require.Nil(t, stamps)
		return
	}
	require.Len(t, stamps, len(b.Manifest.Timestamps))
}

// FuzzDifferences: a report never differs from itself, and what differs is the same
// from both sides.
func FuzzDifferences(f *testing.F) {
	k := keepOnce(f)
	line, err := k.report.JSON("x", pec.English)
	require.NoError(f, err)
	m, err := pec.Read(bytes.NewReader(k.mail), int64(len(k.mail)))
	require.NoError(f, err)
	strict, _ := pec.Verify(m, &pec.VerifyOptions{Policy: pec.PolicyStrict, Clock: k.options.Clock})
	other, err := strict.JSON("y", pec.Italian)
	require.NoError(f, err)
	f.Add(line, line)
	f.Add(line, other)
	f.Add(line, []byte("report"))
	f.Add([]byte(`{"checks":[{"id":"a","status":"pass"}]}`), []byte(`{"checks":[{"id":"b","status":"skip"}],"more":1}`))
	f.Add([]byte(`{"layers":[{"checks":[{"id":1}]}],"checks":3}`), []byte(`{"layers":[1],"file":2}`))
	f.Add([]byte(`{"layers":[{"kind":"x"}]}`), []byte(`{"layers":[]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		same, err := bundle.Differences(a, a)
		require.Empty(t, same)
		_, second := bundle.Differences(b, b)
		there, failed := bundle.Differences(a, b)
		require.Equal(t, err != nil || second != nil, failed != nil)
		back, failed := bundle.Differences(b, a)
		require.Equal(t, err != nil || second != nil, failed != nil)
		require.Len(t, back, len(there))
		if failed != nil {
			require.Nil(t, there)
			require.ErrorContains(t, failed, "bundle: the report of ")
		}
	})
}

// FuzzMaker: what is put into a bundle comes out of it as it was, and the same inputs
// give the same bytes. Errors come out as they are, with nothing written behind them.
func FuzzMaker(f *testing.F) {
	const (
		noFolder = 1 << iota
		cut      // the message is shorter than was said
		tooLarge // a time-stamp
		tooMany  // time-stamps
		tooLong  // the message
		twice
	)
	k := keepOnce(f)
	for flags := range uint8(twice << 1) {
		f.Add("prova.tsr", k.mail, k.stamp, int64(-1), flags)
	}
	for _, name := range []string{"", ".tst", "a.tst", "a.tsd", "à\x00\"", "\xff"} {
		f.Add(name, []byte{}, []byte("no time-stamp"), int64(-1), uint8(twice))
	}
	for _, at := range []int64{0, 10, 300, int64(len(k.zip)) - 1, int64(len(k.zip))} {
		f.Add("prova.tsr", k.mail, k.stamp, at, uint8(0))
	}
	folder, large := f.TempDir(), make([]byte, bundle.MaxEvidence+1)
	f.Fuzz(func(t *testing.T, name string, mail, stamp []byte, fail int64, flags uint8) {
		o := bundle.Options{Created: k.options.Clock(), Program: name, Policy: k.report.Policy, At: "certified", TempDir: folder}
		if flags&noFolder != 0 {
			o.TempDir = filepath.Join(folder, "none")
			m, err := bundle.NewMaker(o)
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.Nil(t, m)
			return
		}
		m, err := bundle.NewMaker(o)
		require.NoError(t, err)
		defer func() { require.NoError(t, m.Close()) }()
		limited := func(err error, name string) {
			limit, ok := errors.AsType[*bundle.LimitError](err)
			require.True(t, ok)
			require.Equal(t, name, limit.Limit)
			require.True(t, known(err))
		}
		if flags&tooLarge != 0 {
			limited(m.AddTimestamp(name, large), "evidence")
		}
		require.NoError(t, m.AddTimestamp(name, stamp))
		given := 1
		if flags&tooMany != 0 {
			for ; given < bundle.MaxTimestamps; given++ {
				require.NoError(t, m.AddTimestamp(name, nil))
			}
			limited(m.AddTimestamp(name, nil), "timestamps")
		}
		item := bundle.Item{File: name, Content: bytes.NewReader(mail), Size: int64(len(mail)), Report: k.report, Text: stamp}
		if flags&tooLong != 0 {
			item.Size = bundle.MaxEntry + 1
			limited(m.Add(item), "entry")
			return
		}
		if flags&cut != 0 {
			item.Size++
			require.ErrorIs(t, m.Add(item), pec.ErrChanged)
			return
		}
		messages := 1
		if flags&twice != 0 {
			messages = 2
		}
		for range messages {
			require.NoError(t, m.Add(item))
		}

		var out bytes.Buffer
		n, err := m.WriteTo(&out)
		require.NoError(t, err)
		require.Equal(t, int64(out.Len()), n)
		w := &broken{at: fail}
		again, err := m.WriteTo(w)
		require.Equal(t, fail >= 0 && fail < n, err != nil)
		if err != nil {
			require.ErrorIs(t, err, errDevice)
		}
		require.Equal(t, w.size, again)

		b := open(t, out.Bytes())
		require.NoError(t, b.Check())
		require.Len(t, b.Manifest.Messages, messages)
		for _, e := range b.Manifest.Messages {
			content, size, err := b.Message(e)
			require.NoError(t, err)
			kept, err := io.ReadAll(io.NewSectionReader(content, 0, size))
			require.NoError(t, err)
			require.True(t, bytes.Equal(mail, kept))
			require.Len(t, e.CRL, 1)
			require.Equal(t, b.Manifest.Messages[0].Certificates, e.Certificates, "evidence is kept once")
			line, err := b.Report(e)
			require.NoError(t, err)
			want, err := k.report.JSON(name, pec.English)
			require.NoError(t, err)
			require.Equal(t, string(want)+"\n", string(line))
		}
		require.Len(t, b.Manifest.Timestamps, given)
		path := b.Manifest.Timestamps[0]
		as, raw, err := b.Timestamp(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(stamp, raw))
		switch {
		case name == "":
			require.Equal(t, path, as)
		case utf8.ValidString(name):
			require.Equal(t, name, as)
		}
		if len(name) > 4 && (strings.HasSuffix(name, ".tst") || strings.HasSuffix(name, ".tsd")) {
			require.True(t, strings.HasSuffix(path, name[len(name)-4:]))
		}
		contents(t, b, false)
	})
}
