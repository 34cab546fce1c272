package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// Bundle is an opened bundle. It may be used by several goroutines at once.
type Bundle struct {
	Manifest Manifest // not to be changed
	r        io.ReaderAt
	files    map[string]place

	mu       sync.Mutex
	evidence map[string]readEvidence // by path: many messages rest on the same lists
}

// readEvidence is a list or response that was read, or why it could not be.
type readEvidence struct {
	data *revocation.Data
	err  error
}

// place is where a file lies.
type place struct {
	File
	offset int64
}

// Is reports whether an archive begins like a bundle, by the name of its first
// entry. [Open] says what is wrong with one that was changed or packed again.
func Is(r io.ReaderAt) bool {
	is, _ := begins(r)
	return is
}

// begins is Is, with the error of r.
func begins(r io.ReaderAt) (bool, error) {
	b := make([]byte, 30+len(ManifestName))
	n, err := r.ReadAt(b, 0)
	if n < len(b) && !errors.Is(err, io.EOF) {
		return false, err
	}
	return n == len(b) && string(b[:4]) == "PK\x03\x04" && int(binary.LittleEndian.Uint16(b[26:])) == len(ManifestName) && string(b[30:]) == ManifestName, nil
}

// Open reads the manifest and holds the archive against it: the same files, in
// the same order, of the same sizes, and the same in the directory at its end,
// which other programs go by. Contents are compared with their hashes when they
// are asked for. r must stay as it is while the Bundle is in use.
//
// The error is a *FormatError, a *LimitError, or that of r.
func Open(r io.ReaderAt, size int64) (*Bundle, error) {
	is, err := begins(r)
	if err != nil {
		return nil, err
	}
	if !is {
		return nil, &FormatError{"", "the first entry is not " + ManifestName}
	}
	_, at, length, err := localHeader(r, 0)
	if err != nil {
		return nil, err
	}
	if length > MaxManifest {
		return nil, &LimitError{"manifest", MaxManifest}
	}
	raw := make([]byte, min(length, max(0, size-at)))
	_, err = io.ReadFull(io.NewSectionReader(r, at, length), raw)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if err != nil || int64(len(raw)) != length {
		return nil, &FormatError{ManifestName, "cut off"}
	}
	b := &Bundle{r: r, files: make(map[string]place), evidence: make(map[string]readEvidence)}
	if err := b.readManifest(raw); err != nil {
		return nil, err
	}
	if err := b.locate(length, at+length, size); err != nil {
		return nil, err
	}
	return b, nil
}

// readManifest reads the lists of the manifest element by element: a few bytes
// of it could otherwise ask for much memory.
func (b *Bundle) readManifest(raw []byte) error {
	var lists struct{ Messages, Files json.RawMessage }
	m := &b.Manifest
	err := json.Unmarshal(raw, &lists)
	if err == nil {
		m.Messages, err = decode[Entry](lists.Messages, "messages", MaxMessages)
	}
	if err == nil {
		m.Files, err = decode[File](lists.Files, "entries", MaxEntries)
	}
	if err == nil {
		shell := struct {
			*Manifest
			Messages, Files json.RawMessage // hide those of the manifest
		}{Manifest: m}
		err = json.Unmarshal(raw, &shell)
	}
	if _, limit := errors.AsType[*LimitError](err); limit {
		return err
	}
	if err != nil {
		return &FormatError{ManifestName, "not the JSON of a manifest: " + err.Error()}
	}
	switch {
	case m.Schema != Schema:
		return &FormatError{ManifestName, "its schema is not " + Schema}
	case len(m.Timestamps) > MaxTimestamps:
		return &LimitError{"timestamps", MaxTimestamps}
	}
	return b.each()
}

// each refuses a manifest that names one message or time-stamp many times: a few
// bytes of it could otherwise ask for much work.
func (b *Bundle) each() error {
	named := make(map[string]bool, len(b.Manifest.Messages))
	name := func(path string) error {
		if named[path] {
			return &FormatError{path, "the manifest names it twice"}
		}
		named[path] = true
		return nil
	}
	for _, e := range b.Manifest.Messages {
		if err := name(e.Path); err != nil {
			return err
		}
	}
	for _, path := range b.Manifest.Timestamps {
		if err := name(path); err != nil {
			return err
		}
	}
	return nil
}

func decode[T any](raw json.RawMessage, name string, limit int) ([]T, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil, errors.New("no list of " + name)
	}
	var all []T
	for d.More() {
		if len(all) >= limit {
			return nil, &LimitError{name, int64(limit)}
		}
		var one T
		if err := d.Decode(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// locate walks the archive from its beginning: an entry for each file of the
// manifest, and nothing between them. manifest is the manifest's size.
func (b *Bundle) locate(manifest, at, size int64) error {
	revocations := int64(0)
	listed := append(make([]directoryEntry, 0, 1+len(b.Manifest.Files)), directoryEntry{name: ManifestName, size: manifest})
	for _, f := range b.Manifest.Files {
		name, start, length, err := localHeader(b.r, at)
		switch {
		case err != nil:
			return err
		case name != f.Path:
			return &FormatError{f.Path, "the archive has another file in its place; it was changed after it was made"}
		case length != f.Size, length > size-start:
			return &FormatError{f.Path, "its size is not that of the manifest"}
		case f.Role != RoleMessage && length > MaxEvidence:
			return &LimitError{"evidence", MaxEvidence}
		}
		if f.Role == RoleCRL || f.Role == RoleOCSP {
			if revocations += length; revocations > MaxRevocation {
				return &LimitError{"revocation", MaxRevocation}
			}
		}
		if _, twice := b.files[f.Path]; twice || !isPath(f.Path) {
			return &FormatError{f.Path, "not a name that a bundle has, or twice"}
		}
		b.files[f.Path] = place{f, start}
		listed = append(listed, directoryEntry{name, length, at})
		at = start + length
	}
	var next [4]byte
	if _, err := b.r.ReadAt(next[:], at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(next[:]) == "PK\x03\x04" {
		return &FormatError{"", "it holds files that the manifest does not list"}
	}
	return checkDirectory(b.r, at, size, listed)
}

// isPath reports whether a name is one that no system takes for that of another
// entry: small letters, digits and hyphens, with single dots and slashes between
// them. Elsewhere capitals, a dot at the end or a backslash may not count, and one
// file would be unpacked over another.
func isPath(name string) bool {
	between := true // at the start, or behind a dot or slash
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-':
			between = false
		case (c == '.' || c == '/') && !between:
			between = true
		default:
			return false
		}
	}
	return !between
}

// localHeader reads the header in front of an entry.
//
// spec: APPNOTE.TXT 6.3.10 §4.3.7
func localHeader(r io.ReaderAt, at int64) (name string, start, length int64, err error) {
	var b [30]byte
	n, err := r.ReadAt(b[:], at)
	if n < len(b) {
		if err != nil && !errors.Is(err, io.EOF) {
			return "", 0, 0, err
		}
		return "", 0, 0, &FormatError{"", "cut off"}
	}
	le := binary.LittleEndian
	flags, method := le.Uint16(b[6:]), le.Uint16(b[8:])
	packed, size, extra := le.Uint32(b[18:]), le.Uint32(b[22:]), le.Uint16(b[28:])
	if !bytes.HasPrefix(b[:], []byte("PK\x03\x04")) || flags&^0x800 != 0 || method != 0 || packed != size || size == 0xffffffff || extra != 0 {
		return "", 0, 0, &FormatError{"", "an entry is not as pecverify writes it: the archive was packed again"}
	}
	text := make([]byte, le.Uint16(b[26:]))
	if n, err := r.ReadAt(text, at+int64(len(b))); n < len(text) {
		if err != nil && !errors.Is(err, io.EOF) {
			return "", 0, 0, err
		}
		return "", 0, 0, &FormatError{"", "cut off"}
	}
	return string(text), at + int64(len(b)) + int64(len(text)), int64(size), nil
}

// Message returns the content of a message, after comparing it with its hash.
func (b *Bundle) Message(e Entry) (io.ReaderAt, int64, error) {
	p, err := b.find(e.Path, RoleMessage)
	if err != nil {
		return nil, 0, err
	}
	section := io.NewSectionReader(b.r, p.offset, p.Size)
	sum := sha256.New()
	if _, err := io.Copy(sum, section); err != nil {
		return nil, 0, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
		return nil, 0, &DamageError{e.Path}
	}
	return section, p.Size, nil
}

// Revocation returns the evidence about a message's path. It is as good as its
// signatures, which a verification checks. What cannot be used is left out and is
// the error; the rest is returned with it, since it may show a revocation. Data is
// never nil.
func (b *Bundle) Revocation(e Entry) (*revocation.Data, error) {
	var failed []error
	d := new(revocation.Data)
	add := func(paths []string, role Role) {
		for _, p := range paths {
			if len(failed) == maxFailed {
				return
			}
			one, err := b.readOnce(p, role)
			if err == nil {
				var all *revocation.Data
				if all, err = d.Join(one); err == nil {
					d = all
				}
			}
			if err != nil {
				failed = append(failed, err)
			}
		}
	}
	add(e.CRL, RoleCRL)
	add(e.OCSP, RoleOCSP)
	return d, errors.Join(failed...)
}

// readOnce reads a list or response when it is asked for first.
func (b *Bundle) readOnce(name string, role Role) (*revocation.Data, error) {
	if _, err := b.find(name, role); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.evidence[name]; ok {
		return e.data, e.err
	}
	e := readEvidence{data: new(revocation.Data)}
	add := e.data.AddCRL
	if role == RoleOCSP {
		add = e.data.AddOCSP
	}
	der, err := b.read(name, role)
	if err == nil {
		err = add(name, der)
	}
	e.err = err
	b.evidence[name] = e
	return e.data, e.err
}

// maxFailed is how many pieces of one message's evidence can be unusable before the
// rest is not read.
const maxFailed = 8

// Timestamps returns the time-stamps.
func (b *Bundle) Timestamps() ([]*timestamp.Stamp, error) {
	var all []*timestamp.Stamp
	for _, p := range b.Manifest.Timestamps {
		name, raw, err := b.Timestamp(p)
		if err != nil {
			return nil, err
		}
		s, err := timestamp.Parse(name, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Timestamp returns a time-stamp as it was given, and the name that it was given
// under: outside text.
func (b *Bundle) Timestamp(path string) (name string, content []byte, err error) {
	content, err = b.read(path, RoleTimestamp)
	return or(b.files[path].Name, path), content, err
}

// Report returns the report of when the bundle was made, as one line of JSON.
func (b *Bundle) Report(e Entry) ([]byte, error) { return b.read(e.Report, RoleReport) }

// Check compares every file with its hash.
func (b *Bundle) Check() error {
	for _, f := range b.Manifest.Files {
		sum := sha256.New()
		if _, err := io.Copy(sum, io.NewSectionReader(b.r, b.files[f.Path].offset, f.Size)); err != nil {
			return err
		}
		if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			return &DamageError{f.Path}
		}
	}
	return nil
}

func (b *Bundle) find(name string, role Role) (place, error) {
	p, ok := b.files[name]
	if !ok || p.Role != role {
		return place{}, &FormatError{name, "the manifest names it as " + string(role) + " and does not list it so"}
	}
	return p, nil
}

func (b *Bundle) read(name string, role Role) ([]byte, error) {
	p, err := b.find(name, role)
	if err != nil {
		return nil, err
	}
	content := make([]byte, p.Size)
	if _, err := io.ReadFull(io.NewSectionReader(b.r, p.offset, p.Size), content); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != p.SHA256 {
		return nil, &DamageError{name}
	}
	return content, nil
}
