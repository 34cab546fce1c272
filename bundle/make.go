package bundle

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"

	"github.com/gopec/gopec/pec"
)

// Options describe how the messages of a bundle were verified. They are for
// whoever reads the manifest; a verification takes its own.
type Options struct {
	Created time.Time // written in UTC, to the second
	Program string
	Policy  pec.Policy
	At      string // "certified", "now" or RFC 3339
	// TempDir is where messages wait until the manifest is complete; "" for the
	// system's.
	TempDir string
}

// Maker collects messages and writes them as a bundle.
type Maker struct {
	manifest Manifest
	spool    *os.File // messages, one after the other
	length   int64
	entries  []stored
	known    map[string]string // path by role and hash

	revocations int64 // bytes of lists and responses
}

// stored is a file that is to be written.
type stored struct {
	crc    uint32
	small  []byte // nil: in the spool
	offset int64
}

// NewMaker returns an empty bundle. Close must be called.
func NewMaker(o Options) (*Maker, error) {
	spool, err := os.CreateTemp(o.TempDir, ".pecverify-bundle-*")
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	return &Maker{
		manifest: Manifest{
			Schema: Schema, Created: o.Created.UTC().Truncate(time.Second), Program: o.Program, Policy: o.Policy, At: o.At, Notice: notice,
			Messages: []Entry{}, Timestamps: []string{}, Files: []File{},
		},
		spool: spool, known: make(map[string]string),
	}, nil
}

// Close removes what was kept for the bundle.
func (m *Maker) Close() error { return errors.Join(m.spool.Close(), os.Remove(m.spool.Name())) }

// Item is one verified message.
type Item struct {
	File    string      // the name under which it was given; outside text
	Content io.ReaderAt // all of it
	Size    int64
	Report  *pec.Report
	Text    []byte // the report for people
}

// AddTimestamp adds a time-stamp, as given, for all messages.
func (m *Maker) AddTimestamp(name string, b []byte) error {
	if len(m.manifest.Timestamps) >= MaxTimestamps {
		return &LimitError{"timestamps", MaxTimestamps}
	}
	path := fmt.Sprintf("timestamps/%04d%s", len(m.manifest.Timestamps)+1, stampExtension(name))
	if err := m.add(File{Path: path, Role: RoleTimestamp, Name: name}, b); err != nil {
		return err
	}
	m.manifest.Timestamps = append(m.manifest.Timestamps, path)
	return nil
}

func stampExtension(name string) string {
	for _, ext := range []string{".tst", ".tsd"} {
		if len(name) > len(ext) && name[len(name)-len(ext):] == ext {
			return ext
		}
	}
	return ".tsr"
}

// Add adds a message with the evidence that its report names. The content is
// copied. An error leaves the bundle useless.
func (m *Maker) Add(i Item) error {
	n := len(m.manifest.Messages) + 1
	if n > MaxMessages {
		return &LimitError{"messages", MaxMessages}
	}
	e := Entry{File: i.File, Path: fmt.Sprintf("messages/%04d.eml", n), Certificates: []string{}, CRL: []string{}, OCSP: []string{},
		Report: fmt.Sprintf("reports/%04d.json", n), ReportText: fmt.Sprintf("reports/%04d.txt", n)}
	if err := m.addMessage(e.Path, i.Content, i.Size); err != nil {
		return err
	}
	if err := m.evidence(&e, i.Report); err != nil {
		return err
	}
	line, err := i.Report.JSON(i.File, pec.English)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := m.add(File{Path: e.Report, Role: RoleReport}, append(line, '\n')); err != nil {
		return err
	}
	if err := m.add(File{Path: e.ReportText, Role: RoleReport}, i.Text); err != nil {
		return err
	}
	m.manifest.Messages = append(m.manifest.Messages, e)
	return nil
}

// evidence adds what the report on a layer, and those inside it, rests on.
func (m *Maker) evidence(e *Entry, r *pec.Report) error {
	for _, c := range r.Chain {
		if err := m.once(&e.Certificates, RoleCertificate, "certificates/%s.cer", c.Raw); err != nil {
			return err
		}
	}
	for _, a := range r.Revocation {
		for _, used := range a.Used {
			list, role, form := &e.CRL, RoleCRL, "crl/%s.crl"
			if used.Kind == "ocsp" {
				list, role, form = &e.OCSP, RoleOCSP, "ocsp/%s.ors"
			}
			if err := m.once(list, role, form, used.DER); err != nil {
				return err
			}
		}
	}
	for _, inner := range r.Layers {
		if err := m.evidence(e, inner); err != nil {
			return err
		}
	}
	return nil
}

// once adds evidence that several messages may share, and names it once in the
// list of a message.
func (m *Maker) once(list *[]string, role Role, form string, der []byte) error {
	sum := sha256.Sum256(der)
	id := hex.EncodeToString(sum[:])
	path, ok := m.known[string(role)+id]
	if !ok {
		path = fmt.Sprintf(form, id)
		if err := m.add(File{Path: path, Role: role}, der); err != nil {
			return err
		}
		m.known[string(role)+id] = path
	}
	for _, p := range *list {
		if p == path {
			return nil
		}
	}
	*list = append(*list, path)
	return nil
}

// add adds a small file.
func (m *Maker) add(f File, b []byte) error {
	if len(b) > MaxEvidence {
		return &LimitError{"evidence", MaxEvidence}
	}
	sum := sha256.Sum256(b)
	f.Size, f.SHA256 = int64(len(b)), hex.EncodeToString(sum[:])
	if b == nil {
		b = []byte{}
	}
	return m.list(f, stored{crc: crc32.ChecksumIEEE(b), small: b})
}

func (m *Maker) list(f File, s stored) error {
	if len(m.entries) >= MaxEntries {
		return &LimitError{"entries", MaxEntries}
	}
	if f.Role == RoleCRL || f.Role == RoleOCSP {
		if m.revocations += f.Size; m.revocations > MaxRevocation {
			return &LimitError{"revocation", MaxRevocation}
		}
	}
	m.manifest.Files = append(m.manifest.Files, f)
	m.entries = append(m.entries, s)
	return nil
}

func (m *Maker) addMessage(path string, content io.ReaderAt, size int64) error {
	if size > MaxEntry {
		return &LimitError{"entry", MaxEntry}
	}
	sum, crc := sha256.New(), crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(m.spool, sum, crc), io.NewSectionReader(content, 0, size))
	if err == nil && n != size {
		err = pec.ErrChanged
	}
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	offset := m.length
	m.length += n
	return m.list(File{Path: path, Role: RoleMessage, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, stored{crc: crc.Sum32(), offset: offset})
}

// WriteTo writes the bundle.
func (m *Maker) WriteTo(w io.Writer) (int64, error) {
	manifest, err := json.MarshalIndent(m.manifest, "", " ")
	if err != nil {
		return 0, fmt.Errorf("bundle: %w", err)
	}
	manifest = append(manifest, '\n')
	if len(manifest) > MaxManifest {
		return 0, &LimitError{"manifest", MaxManifest}
	}
	count := &counter{w: w}
	z := zip.NewWriter(count)
	err = entry(z, ManifestName, crc32.ChecksumIEEE(manifest), int64(len(manifest)), writeBytes(manifest))
	for i, f := range m.manifest.Files {
		if err != nil {
			break
		}
		s := m.entries[i]
		write := writeBytes(s.small)
		if s.small == nil {
			write = func(w io.Writer) error {
				_, err := io.Copy(w, io.NewSectionReader(m.spool, s.offset, f.Size))
				return err
			}
		}
		err = entry(z, f.Path, s.crc, f.Size, write)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return count.n, fmt.Errorf("bundle: %w", err)
	}
	return count.n, nil
}

func writeBytes(b []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(b); return err }
}

// entry writes one file as it is, with its size in front, so that the archive
// can be read from its beginning.
func entry(z *zip.Writer, path string, crc uint32, size int64, write func(io.Writer) error) error {
	w, err := z.CreateRaw(&zip.FileHeader{Name: path, Method: zip.Store, CRC32: crc, CompressedSize64: uint64(size), UncompressedSize64: uint64(size)})
	if err != nil {
		return err
	}
	return write(w)
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
