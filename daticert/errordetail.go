package daticert

import (
	"slices"
	"strings"
)

// ErrorDetail is element errore-esteso in its parts, as AgID's note 12 of
// 2015 writes it: "5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido".
type ErrorDetail struct {
	Code     string // enhanced status code of RFC 3463, "" if there is none
	Provider string // the provider that met the error, "" if not given
	Text     string // the description; the whole text when it has no such form
}

// ParseErrorDetail takes the text of errore-esteso apart. White space is
// folded to single spaces. Text that does not begin with a status code, alone
// or followed by " - ", comes back whole in [ErrorDetail.Text]. With one part
// after the code that part is the description; with more, the first is the
// provider and all the rest the description.
func ParseErrorDetail(s string) ErrorDetail {
	words := strings.Fields(s)
	if len(words) == 0 || !isStatusCode(words[0]) || len(words) > 1 && words[1] != "-" {
		return ErrorDetail{Text: strings.Join(words, " ")}
	}
	d := ErrorDetail{Code: words[0]}
	if len(words) == 1 {
		return d
	}
	words = words[2:]
	// A hyphen inside a name is not a word of its own, so it separates nothing.
	if i := slices.Index(words, "-"); i >= 0 {
		d.Provider = strings.Join(words[:i], " ")
		words = words[i+1:]
	}
	d.Text = strings.Join(words, " ")
	return d
}

// String writes the parts in the form of note 12, leaving out those that are
// empty.
func (d ErrorDetail) String() string {
	parts := slices.DeleteFunc([]string{d.Code, d.Provider, d.Text}, func(s string) bool { return s == "" })
	return strings.Join(parts, " - ")
}

// isStatusCode reports whether s has the form class.subject.detail.
//
// spec: RFC 3463 §2
func isStatusCode(s string) bool {
	class, rest, _ := strings.Cut(s, ".")
	subject, detail, _ := strings.Cut(rest, ".")
	return (class == "2" || class == "4" || class == "5") && upTo3Digits(subject) && upTo3Digits(detail)
}

func upTo3Digits(s string) bool {
	return len(s) >= 1 && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}
