// Package ldif reads LDIF, the text form of directory entries, and writes it:
// the content records of RFC 2849. It knows nothing of what the attributes
// mean.
//
// [Records] yields one record after another. What is wrong with a record is
// told by its Defects and never ends the reading, so that one bad record does
// not lose the others; a record says which of its lines were not read. Change
// records (changetype) are refused, each as a record without attributes. A
// value given by URL is neither fetched nor opened: the line is a defect.
//
// Read tolerantly, and told: a record that begins without a blank line before
// it, a byte-order mark, bytes that are not ASCII. A file without "version: 1"
// is usual (slapcat and ldapsearch -LLL write none) and no defect.
//
// An input costs time and memory in proportion to its size, within [Limits].
// Each limit is its own [*LimitError].
package ldif

import (
	"fmt"
	"strings"
)

// Limits bound what is read. A field that is zero has the default.
type Limits struct {
	Size    int64 // bytes of the input; 64 MiB
	Line    int   // bytes of one line, joined; 1 MiB
	Records int   // records; 100,000
	Values  int   // values of one record; 1,000,000
}

// The defaults of Limits.
const (
	MaxSize    = 64 << 20
	MaxLine    = 1 << 20
	MaxRecords = 100_000
	MaxValues  = 1_000_000
)

func (l Limits) withDefaults() Limits {
	if l.Size == 0 {
		l.Size = MaxSize
	}
	if l.Line == 0 {
		l.Line = MaxLine
	}
	if l.Records == 0 {
		l.Records = MaxRecords
	}
	if l.Values == 0 {
		l.Values = MaxValues
	}
	return l
}

// The names of the limits in a LimitError.
const (
	LimitSize    = "size"
	LimitLine    = "line"
	LimitRecords = "records"
	LimitValues  = "values"
)

// LimitError says which limit an input passed. There is nothing after it.
type LimitError struct {
	Limit string // one of LimitSize, LimitLine, LimitRecords, LimitValues
	Max   int64
	Line  int // where, from 1
}

func (e *LimitError) Error() string {
	what := map[string]string{
		LimitSize: "the input is longer than %d bytes", LimitLine: "a line is longer than %d bytes",
		LimitRecords: "there are more than %d records", LimitValues: "a record has more than %d values",
	}[e.Limit]
	return fmt.Sprintf("ldif: line %d: "+what, e.Line, e.Max)
}

// VersionError says that a file declares a version of the format that is not
// known. Nothing of it is read.
type VersionError struct{ Version string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("ldif: version %.20q is not known; RFC 2849 is version 1", e.Version)
}

// Record is one entry.
type Record struct {
	DN         string // "" if the record has none, or none that can be read
	Line       int    // of its first line, from 1
	Attributes []Attribute
	// Change says that this is a change record, of which nothing is read.
	Change  bool
	Defects []Defect // the first 100, in order
	More    int      // how many defects there are beyond these
}

// maxDefects bounds what is kept of a record in which every line is wrong.
const maxDefects = 100

// Attribute is one value.
type Attribute struct {
	Name    string   // as it is written, without options
	Options []string // such as "binary"
	Value   []byte
	Line    int // from 1
}

// Is reports whether the attribute has a name, whatever the case of its
// letters.
func (a Attribute) Is(name string) bool { return equalASCII(a.Name, name) }

// HasOption reports whether the attribute has an option.
func (a Attribute) HasOption(option string) bool {
	for _, o := range a.Options {
		if equalASCII(o, option) {
			return true
		}
	}
	return false
}

// equalASCII compares with the case of A to Z folded, and of no other letter.
func equalASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if x, y := a[i], b[i]; x != y && (x|0x20 != y|0x20 || !isLetter(x) || !isLetter(y)) {
			return false
		}
	}
	return true
}

// Code is a kind of defect. Codes are stable.
type Code string

// The defects of a record.
const (
	NoDN         Code = "no-dn"         // the record does not begin with a distinguished name
	DNInside     Code = "no-blank-line" // no blank line before the record
	Change       Code = "change-record"
	NoColon      Code = "no-colon"
	BadName      Code = "attribute-name"
	BadBase64    Code = "base64"
	URLValue     Code = "url-value"
	StrayFold    Code = "stray-fold" // a continuation of nothing
	NotASCII     Code = "not-ascii"
	ByteMark     Code = "byte-order-mark"
	VersionPlace Code = "version-place" // a version that is not at the beginning
)

// sentences says each defect in English.
var sentences = map[Code]string{
	NoDN:         "the record does not begin with a distinguished name",
	DNInside:     "no blank line before the record",
	Change:       "a change record, which is not read",
	NoColon:      "a line without a colon",
	BadName:      "not the name of an attribute",
	BadBase64:    "the value is not base64",
	URLValue:     "the value is given by URL, which is neither fetched nor opened",
	StrayFold:    "a continuation line with nothing to continue",
	NotASCII:     "the value has bytes that are not ASCII and is not base64",
	ByteMark:     "the file begins with a byte-order mark",
	VersionPlace: "a version that is not at the beginning of the file",
}

// Defect is one thing that is wrong with a record.
type Defect struct {
	Code Code
	Line int    // from 1
	Fact string // what it is about, at most 100 bytes of outside text; may be ""
}

// String says the defect in English.
func (d Defect) String() string {
	s := fmt.Sprintf("line %d: %s", d.Line, sentences[d.Code])
	if d.Fact != "" {
		s += fmt.Sprintf(" (%q)", d.Fact)
	}
	return s
}

func (r *Record) defect(code Code, line int, fact string) {
	if len(r.Defects) >= maxDefects {
		r.More++
		return
	}
	if len(fact) > 100 {
		fact = fact[:100]
	}
	r.Defects = append(r.Defects, Defect{code, line, strings.Clone(fact)})
}
