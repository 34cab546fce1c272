package ipa

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// What can be wrong with the file of a snapshot.
var (
	ErrNotSnapshot  = errors.New("ipa: not the file of a snapshot")
	ErrVersion      = errors.New("ipa: the snapshot has another format version; make it anew")
	ErrDamaged      = errors.New("ipa: the file of the snapshot is damaged")
	ErrTooLargeFile = errors.New("ipa: the file of the snapshot is over 1 GiB")
)

// Load reads a snapshot that [Snapshot.Save] wrote. Errors: those of the file
// system, [ErrNotSnapshot], [ErrVersion], [ErrDamaged], [ErrTooLargeFile].
func Load(path string) (*Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("ipa: %w", err)
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	return ReadSnapshot(f, size)
}

// ReadSnapshot reads a snapshot from a stream to its end. A size that is known
// saves memory; 0 means that it is not.
func ReadSnapshot(r io.Reader, size int64) (*Snapshot, error) {
	var b strings.Builder
	if size > maxFile {
		return nil, ErrTooLargeFile
	}
	if size > 0 {
		b.Grow(int(size))
	}
	n, err := io.CopyBuffer(&b, io.LimitReader(r, maxFile+1), make([]byte, 256<<10))
	if err != nil {
		return nil, fmt.Errorf("ipa: %w", err)
	}
	if n > maxFile {
		return nil, ErrTooLargeFile
	}
	return openSnapshot(b.String())
}

// openSnapshot checks a file and returns a snapshot that reads it in place.
// The sum protects from accidents. Whatever else the bytes are, no method of
// the snapshot reads outside them or runs without end: that is what the
// checks of the tables are for.
func openSnapshot(data string) (*Snapshot, error) {
	if len(data) < len(magic)+8 || data[:len(magic)] != magic {
		return nil, ErrNotSnapshot
	}
	header := numbers(data[len(magic):])
	if header.at(0) != formatVersion || header.at(1) != uint32(sectionCount) {
		return nil, ErrVersion
	}
	if len(data) < headerLen+sha256.Size {
		return nil, ErrDamaged
	}
	end := len(data) - sha256.Size
	if sumOf(data[:end]) != data[end:] {
		return nil, ErrDamaged
	}
	var sections [sectionCount]string
	for i := range uint32(sectionCount) {
		from, n := uint64(header.at(2+2*i)), uint64(header.at(3+2*i))
		if from < uint64(headerLen) || from+n > uint64(end) {
			return nil, ErrDamaged
		}
		sections[i] = data[from : from+n]
	}
	table := func(s section) numbers { return numbers(sections[s]) }
	s := &Snapshot{
		data: data, sum: data[end:], strings: sections[sectionStrings],
		entities: table(sectionEntities), addresses: table(sectionAddresses), officers: table(sectionOfficers),
		byAddress:    index{table(sectionByAddress), table(sectionByAddressEntries)},
		byBody:       index{table(sectionByBody), table(sectionByBodyEntries)},
		byUnit:       index{table(sectionByUnit), table(sectionByUnitEntries)},
		byFiscalCode: index{table(sectionByFiscalCode), table(sectionByFiscalCodeEntries)},
		byDomain:     index{table(sectionByDomain), table(sectionByDomainEntries)},
		tokens:       table(sectionTokens), postings: table(sectionPostings),
		nameStarts: table(sectionNameStarts), names: table(sectionNames),
	}
	if err := json.Unmarshal([]byte(sections[sectionManifest]), &s.manifest); err != nil {
		return nil, ErrDamaged
	}
	if !s.sound() {
		return nil, ErrDamaged
	}
	return s, nil
}

// sound checks every number that leads from one table to another or bounds a
// loop. References to strings need no check: stringAt bounds them.
func (s *Snapshot) sound() bool {
	n := s.entities.len() / uint32(fieldCount)
	addresses := s.addresses.len() / addressWidth
	if s.entities.len() != n*uint32(fieldCount) || s.addresses.len() != addresses*addressWidth {
		return false
	}
	s.count = n
	for s.bodies < n && (Entity{s, s.bodies}).Kind() == KindBody {
		s.bodies++
	}
	s.standing = make([]uint8, n)
	for i := range n {
		if !s.soundEntity(i, n, addresses) {
			return false
		}
		s.standing[i] = standingOf(Entity{s, i})
	}
	for i := range addresses {
		if s.addresses.at(i*addressWidth+2) >= n {
			return false
		}
	}
	return s.byAddress.sound(addresses) && s.byBody.sound(s.bodies) && s.byUnit.sound(n) &&
		s.byFiscalCode.sound(n) && s.byDomain.sound(s.bodies) && s.soundText(n)
}

func (s *Snapshot) soundEntity(i, n, addresses uint32) bool {
	e := Entity{s, i}
	kind, body := e.Kind(), e.number(fieldBody)
	first, end := e.number(fieldFirst), e.number(fieldEnd)
	if e.number(fieldAddresses) > e.number(fieldAddressesEnd) || e.number(fieldAddressesEnd) > addresses {
		return false
	}
	if i < s.bodies {
		return body == i && first >= s.bodies && first <= end && end <= n && e.number(fieldParent) == 0 && e.number(fieldArea) == 0
	}
	return (kind == KindArea || kind == KindOffice) && body < s.bodies && first == 0 && end == 0 &&
		e.number(fieldParent) <= i && e.number(fieldArea) <= n // the office above comes first, so chains end
}

func (x index) sound(n uint32) bool {
	buckets := x.starts.len() - 1 // wraps without a single number, and then is no power of two
	entries := x.entries.len() / entryWidth
	if x.starts == "" || buckets == 0 || buckets&(buckets-1) != 0 || x.starts.at(buckets) != entries {
		return false
	}
	for i := range buckets {
		if x.starts.at(i) > x.starts.at(i+1) {
			return false
		}
	}
	for i := range entries {
		if x.number(i) >= n {
			return false
		}
	}
	return true
}

func (s *Snapshot) soundText(n uint32) bool {
	tokens := s.tokens.len() / tokenWidth
	if tokens == 0 || s.nameStarts.len() != n+1 || s.nameStarts.at(n) != s.names.len() {
		return false
	}
	s.words = tokens - 1
	if s.tokens.at(s.words*tokenWidth+1) != s.postings.len() {
		return false
	}
	for i := range s.words {
		if s.tokens.at(i*tokenWidth+1) > s.tokens.at((i+1)*tokenWidth+1) {
			return false
		}
	}
	for i := range s.postings.len() {
		if s.postings.at(i) >= n {
			return false
		}
	}
	for i := range n {
		if s.nameStarts.at(i) > s.nameStarts.at(i+1) {
			return false
		}
	}
	for i := range s.names.len() {
		if s.names.at(i)&tokenMask >= s.words {
			return false
		}
	}
	s.noteMinor()
	return true
}

// sumOf returns the SHA-256 of a text without copying it as a whole.
func sumOf(data string) string {
	h := sha256.New()
	var buf [32 << 10]byte
	for len(data) > 0 {
		n := copy(buf[:], data)
		h.Write(buf[:n])
		data = data[n:]
	}
	return string(h.Sum(nil))
}

// Save writes the snapshot to a file, whole or not at all: into a temporary
// file beside it, which then takes its name.
func (s *Snapshot) Save(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("ipa: %w", err)
	}
	defer os.Remove(f.Name()) // fails once renamed
	_, err = io.Copy(f, strings.NewReader(s.data))
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("ipa: %w", err)
	}
	return nil
}

// WriteTo writes the bytes that [Load] reads.
func (s *Snapshot) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, s.data)
	return int64(n), err
}
