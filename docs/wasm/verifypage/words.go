package verifypage

import (
	"time"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// phrase is one text in both languages.
type phrase struct{ en, it string }

func (p phrase) in(l pec.Lang) string {
	if l == pec.Italian {
		return p.it
	}
	return p.en
}

const (
	maxValue  = 300  // characters of an outside value
	maxDetail = 2000 // characters of what a check says
)

// show makes outside text printable. It is the only way such text gets into a
// View.
func show(s string) string { return printable.String(s, maxValue) }

// moment writes a time as people of the language do. For English that is the
// form of ISO 8601: day and month in digits are read both ways round.
func moment(at time.Time, l pec.Lang) string {
	return at.Format(phrase{"2006-01-02 15:04:05 -0700", "02/01/2006 15:04:05 -0700"}.in(l))
}

// statusWords say what came of a check.
var statusWords = map[pec.Status]phrase{
	pec.Pass: {"passed", "superata"},
	pec.Warn: {"warning", "avvertenza"},
	pec.Fail: {"failed", "fallita"},
	pec.Skip: {"not made", "non eseguita"},
}
