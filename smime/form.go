package smime

import (
	"slices"

	"github.com/gopec/gopec/internal/mime"
)

// forms lists the forms of the signed bytes that are tried, in order. What was
// signed had CRLF line ends (RFC 8551 §3.1.1) and no mbox quoting; what is
// stored may have lost the one or gained the other.
func (s *Signed) forms() []mime.Form {
	if s.Opaque {
		return asItStands // the bytes lie inside the signature, untouched
	}
	lines := s.lineForms()
	if !s.content.HasQuotedFrom() {
		return lines
	}
	forms := slices.Clone(lines)
	for _, u := range []mime.Unquote{mime.UnquoteAll, mime.UnquoteFrom} {
		for _, f := range lines {
			forms = append(forms, mime.Form{Canonical: f.Canonical, Unquote: u})
		}
	}
	return forms
}

// What lineForms returns.
var (
	asItStands = []mime.Form{{}}
	asCRLF     = []mime.Form{{Canonical: true}}
	bothInTurn = []mime.Form{{}, {Canonical: true}}
)

// lineForms says whether bare LF is hashed as CRLF: no if the layer's header
// ends its lines in CRLF, yes if in LF, and both in turn if the file is mixed.
func (s *Signed) lineForms() []mime.Form {
	head := s.entity.HeaderLines
	switch {
	case head.CRLF > 0 && head.LF == 0 && s.content.Lines.LF == 0:
		return asItStands
	case head.CRLF == 0 && s.content.Lines.CRLF == 0:
		return asCRLF
	}
	return bothInTurn
}

// ReadingForm is the form in which parts are read before any digest was made:
// the first that Verify will try.
func (s *Signed) ReadingForm() mime.Form {
	if s.content == nil {
		return mime.Form{}
	}
	return s.forms()[0]
}
