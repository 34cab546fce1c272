package daticert

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// DefectID names one way in which a document departs from the norm.
type DefectID string

// The defects that Parse reports.
const (
	// DefectCharacter: a character, character reference or byte that XML 1.0
	// forbids inside oggetto, msgid, risposte or errore-esteso, read as U+FFFD.
	DefectCharacter DefectID = "xml-illegal-character"
	// DefectDTD: an element or attribute missing, out of order, repeated with
	// the same value, unknown or with a value that the DTD does not allow.
	DefectDTD DefectID = "dtd"
	// DefectRepeated: an element that the DTD allows once is there again with
	// something else in it. The first one was read; another reader may have
	// taken the last, so the document states no fact beyond doubt.
	DefectRepeated DefectID = "repeated-element"
	// DefectMixed: an element inside one that the DTD gives text only. The text
	// of the outer element was read without it; another reader may have read
	// more, or less.
	DefectMixed DefectID = "mixed-content"
	// DefectDate: element data does not give an instant.
	DefectDate DefectID = "date"
	// DefectDoctype: the document carries a DOCTYPE, which was ignored: its
	// declarations were neither checked nor followed.
	DefectDoctype DefectID = "doctype"
	// DefectEncoding: the document is not in UTF-8 (RFC 6109 §4.3.3) but could
	// be read.
	DefectEncoding DefectID = "encoding"
)

// Defect is one departure from the norm that did not stop the reading. Of each
// kind the first 100 are listed; one more then tells how many there were.
type Defect struct {
	ID     DefectID
	Path   string // element path such as "/postacert/intestazione/oggetto", long names cut
	Line   int    // line in the document, from 1; 0 if unknown
	Offset int    // byte offset in the document; -1 if unknown
	Detail string // what was found, in English; outside text in it is quoted and cut
}

// String gives the place, the kind and what was found.
func (d Defect) String() string {
	return fmt.Sprintf("line %d: %s: %s: %s", d.Line, d.Path, d.ID, d.Detail)
}

// maxDefects bounds the list, defect by kind: a document of a megabyte can
// have as many of them as it has bytes.
const maxDefects = 100

type defectList struct {
	list   []Defect
	counts []defectCount
}

type defectCount struct {
	id DefectID
	n  int
}

// room reports whether one more defect of this kind is listed, and counts it.
func (l *defectList) room(id DefectID) bool { return l.count(id, 1) <= maxDefects }

// count adds n to the number of defects of this kind and returns the sum.
func (l *defectList) count(id DefectID, n int) int {
	i := slices.IndexFunc(l.counts, func(c defectCount) bool { return c.id == id })
	if i < 0 {
		i = len(l.counts)
		l.counts = append(l.counts, defectCount{id: id})
	}
	l.counts[i].n += n
	return l.counts[i].n
}

// sorted returns the defects in document order, and behind them what was not
// listed.
func (l *defectList) sorted() []Defect {
	slices.SortStableFunc(l.list, func(a, b Defect) int { return cmp.Compare(a.Offset, b.Offset) })
	for _, c := range l.counts {
		if c.n > maxDefects {
			l.list = append(l.list, Defect{ID: c.id, Offset: -1,
				Detail: fmt.Sprintf("%d in all, the first %d are listed", c.n, maxDefects)})
		}
	}
	return l.list
}

// maxQuoted is how much outside text one message repeats.
const maxQuoted = 64

// quote makes outside text safe to show.
func quote[T string | []byte](s T) string {
	if len(s) > maxQuoted {
		return strconv.Quote(string(s[:maxQuoted])) + "…"
	}
	return strconv.Quote(string(s))
}

// shortName cuts an element's name for use in a path.
func shortName(name string) string {
	if len(name) <= maxQuoted {
		return name
	}
	cut := maxQuoted
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.Clone(name[:cut]) + "…"
}
