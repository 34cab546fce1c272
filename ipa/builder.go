package ipa

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// BuildOptions says what goes into a snapshot.
type BuildOptions struct {
	// Date is the day of the data, which every answer carries: when it was
	// downloaded, or what is known of the files. It must be set.
	Date time.Time
	// Officers keeps the names, telephone numbers and mail addresses of persons
	// in charge. They are public, and personal data all the same.
	Officers bool
}

// Builder makes a [Snapshot] of files of the registry. It is not safe for
// concurrent use. After an error from Add it must not be used again.
type Builder struct {
	options   BuildOptions
	strings   interner
	drafts    []draft
	bodies    map[string]int // by folded Codice_IPA
	areas     unitIndex
	offices   unitIndex
	addresses map[addressKey]int // place among those of its draft
	manifest  Manifest
	broken    error
}

// NewBuilder returns a Builder. It panics if no date is given: an answer
// without date would be taken for one of today.
func NewBuilder(o BuildOptions) *Builder {
	if o.Date.IsZero() {
		panic("ipa: BuildOptions.Date is not set")
	}
	return &Builder{
		options:   o,
		strings:   newInterner(),
		bodies:    make(map[string]int),
		areas:     newUnitIndex(),
		offices:   newUnitIndex(),
		addresses: make(map[addressKey]int),
		manifest: Manifest{Date: o.Date.UTC().Truncate(time.Second), Officers: o.Officers,
			Categories: make(map[string]Category)},
	}
}

// Input says what a file is. The zero value lets the columns tell.
type Input struct {
	// Name is used in errors and in the manifest.
	Name string
	// Dataset is what the file must be; "" takes it from the columns.
	Dataset Dataset
	// Rename gives other names to columns, for copies of the data under other
	// headings: from the name in the file to that of the registry. Case does
	// not count.
	Rename map[string]string
	// Without names required columns that the file is known to lack.
	Without []string
	// Resource and URL are noted in the manifest.
	Resource, URL string
	// Fetched is when the file was downloaded; noted in the manifest.
	Fetched time.Time
}

// AddFile reads one file. Name is its base name unless given.
func (b *Builder) AddFile(path string, in Input) (Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return Source{}, fmt.Errorf("ipa: %w", err)
	}
	defer f.Close()
	if in.Name == "" {
		in.Name = filepath.Base(path)
	}
	return b.Add(f, in)
}

// Add reads one dataset as CSV, TSV, JSON dump or in the older tab-separated
// form, which its first bytes tell. Files may come in any order. Errors are
// [*SyntaxError].
func (b *Builder) Add(r io.Reader, in Input) (Source, error) {
	if b.broken != nil {
		return Source{}, fmt.Errorf("ipa: the builder was given a file that it could not read: %w", b.broken)
	}
	source, err := b.add(r, in)
	if err != nil {
		if e, ok := errors.AsType[*SyntaxError](err); ok {
			e.File = in.Name
		}
		b.broken = err
		return Source{}, err
	}
	b.manifest.Sources = append(b.manifest.Sources, source)
	return source, nil
}

func (b *Builder) add(r io.Reader, in Input) (Source, error) {
	counted := &hashedReader{r: r, hash: sha256.New()}
	t, err := openTable(counted, in)
	if err != nil {
		return Source{}, err
	}
	n := 0
	for ; ; n++ {
		row, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Source{}, err
		}
		if n == maxRows {
			return Source{}, &SyntaxError{Line: t.rows.line(), Err: ErrTooManyRows}
		}
		if err := b.row(t, row, in.Name); err != nil {
			return Source{}, err
		}
	}
	if err := t.implausible(n); err != nil {
		return Source{}, err
	}
	if n := t.repaired(); n > 0 {
		b.defect(in.Name, 0, fmt.Sprintf("%d lines hold bytes that are not UTF-8", n))
	}
	return Source{
		Dataset: t.spec.dataset, Name: in.Name, Resource: in.Resource, URL: in.URL, Fetched: in.Fetched,
		Rows: n, Bytes: counted.n, SHA256: hex.EncodeToString(counted.hash.Sum(nil)),
	}, nil
}

// hashedReader counts and hashes what passes, and ends with ErrTooLong beyond
// the limit for a dataset.
type hashedReader struct {
	r    io.Reader
	n    int64
	hash hash.Hash
}

func (h *hashedReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.n += int64(n)
	h.hash.Write(p[:n])
	if h.n > maxDataset {
		return n, fmt.Errorf("%w: over %d bytes", ErrTooLong, maxDataset)
	}
	return n, err
}

// table is a dataset whose header has been read.
type table struct {
	rows    rows
	lines   *lines // nil for JSON
	spec    *spec
	names   []string // of the columns, as in the file
	targets []target // per column; noTarget for those ignored
	checks  []columnCheck
	cells   [targetCount]string
}

const noTarget = target(255)

// columnCheck counts values that do not fit their column.
type columnCheck struct {
	plausible   func(string) bool
	values, bad int
	line        int // of the first bad one
}

// openTable finds out the format, reads the header and tells the dataset.
func openTable(r io.Reader, in Input) (*table, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	start, err := buffered.Peek(3)
	if err != nil && err != io.EOF {
		return nil, &SyntaxError{Line: 1, Err: err}
	}
	if bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		buffered.Discard(3)
	}
	first, err := buffered.Peek(1)
	if err == io.EOF {
		return nil, &SyntaxError{Line: 1, Err: ErrEmpty}
	}
	if len(first) == 1 && first[0] == '{' {
		j, err := newJSONRows(buffered)
		if err != nil {
			return nil, err
		}
		t := &table{rows: j, names: j.fields}
		return t, t.header(in)
	}
	l := newLines(buffered)
	separator := byte(',')
	if head, _ := buffered.Peek(buffered.Size()); bytes.IndexByte(firstLine(head), '\t') >= 0 {
		separator = '\t'
	}
	quoted := &quotedRows{lines: l, separator: separator}
	names, err := quoted.next()
	if err == io.EOF {
		return nil, &SyntaxError{Line: 1, Err: ErrEmpty}
	}
	if err != nil {
		return nil, err
	}
	t := &table{rows: quoted, lines: l, names: append([]string(nil), names...)}
	if err := t.header(in); err != nil {
		return nil, err
	}
	if t.spec.old && separator == '\t' {
		t.rows = &tabbedRows{lines: l}
	}
	return t, nil
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

// header tells the dataset from the columns and where each value goes.
func (t *table) header(in Input) error {
	line := 1
	if t.lines != nil {
		line = t.lines.n
	}
	rename := make(map[string]string, len(in.Rename))
	for from, to := range in.Rename {
		rename[foldColumn(from)] = foldColumn(to)
	}
	folded := make([]string, len(t.names))
	for i, name := range t.names {
		folded[i] = foldColumn(name)
		if to, ok := rename[folded[i]]; ok {
			folded[i] = to
		}
	}
	var ok bool
	if t.spec, ok = specFor(in.Dataset, folded); !ok {
		return &SyntaxError{Line: line, Err: ErrUnknownFormat, Detail: "no dataset has these columns: " + cut(strings.Join(t.names, ", "), 300)}
	}
	if err := t.require(line, folded, in.Without); err != nil {
		return err
	}
	known := columnTargets[t.spec.shape]
	t.targets = make([]target, len(folded))
	t.checks = make([]columnCheck, len(folded))
	seen := make(map[target]bool)
	for i, name := range folded {
		to, ok := known[name]
		if !ok {
			t.targets[i] = noTarget
			continue
		}
		if seen[to] {
			return &SyntaxError{Line: line, Column: i + 1, Name: t.names[i], Err: ErrDoubleColumn}
		}
		seen[to] = true
		t.targets[i] = to
		t.checks[i].plausible = to.plausible()
	}
	return nil
}

func (t *table) require(line int, folded, without []string) error {
	have := make(map[string]bool)
	for _, name := range folded {
		have[name] = true
	}
	for _, name := range without {
		have[foldColumn(name)] = true
	}
	for _, name := range t.spec.required {
		if !have[name] {
			return &SyntaxError{Line: line, Err: ErrMissingColumn, Detail: fmt.Sprintf("dataset %s without %s", t.spec.dataset, name)}
		}
	}
	return nil
}

// next reads a row into cells, which it returns.
func (t *table) next() (*[targetCount]string, error) {
	row, err := t.rows.next()
	if err != nil {
		return nil, t.named(err)
	}
	if len(row) != len(t.names) {
		return nil, &SyntaxError{Line: t.rows.line(), Err: ErrFieldCount, Detail: fmt.Sprintf("%d instead of %d", len(row), len(t.names))}
	}
	t.cells = [targetCount]string{}
	for i, to := range t.targets {
		if to == noTarget {
			continue
		}
		v := to.clean(row[i])
		if v == "" {
			continue
		}
		if to == toBodyCode && (!isCode(v) || strings.ContainsAny(v, " \u00a0")) {
			return nil, &SyntaxError{Line: t.rows.line(), Column: i + 1, Name: t.names[i], Err: ErrImplausible, Detail: "not the code of a body: " + cut(v, 60)}
		}
		t.cells[to] = v
		if c := &t.checks[i]; c.plausible != nil {
			c.values++
			if !c.plausible(v) {
				if c.bad++; c.bad == 1 {
					c.line = t.rows.line()
				}
			}
		}
	}
	return &t.cells, nil
}

// named adds the name of the column to an error.
func (t *table) named(err error) error {
	if e, ok := errors.AsType[*SyntaxError](err); ok && e.Column > 0 && e.Column <= len(t.names) {
		e.Name = t.names[e.Column-1]
	}
	return err
}

// implausible returns an error if most values of a column are not what its name
// says, as when columns have been swapped under their header. A few bad values
// are the registry's everyday life.
func (t *table) implausible(rows int) error {
	for i, c := range t.checks {
		if 2*c.bad > c.values && (c.bad >= 20 || 2*c.bad > rows) {
			return &SyntaxError{Line: c.line, Column: i + 1, Name: t.names[i], Err: ErrImplausible,
				Detail: fmt.Sprintf("%d of %d values, the first on this line", c.bad, c.values)}
		}
	}
	return nil
}

func (t *table) repaired() int {
	if t.lines == nil {
		return 0
	}
	return t.lines.repaired
}

// cut shortens a text of a file for an error.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
