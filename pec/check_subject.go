package pec

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/internal/printable"
)

// prefixes are what providers put before the subject, by kind.
//
// QUIRK: RFC 6109 §3.1.6 prints two spaces after SUP.; spaces are folded.
//
// spec: RFC 6109 §3, Appendix A
var prefixes = []struct {
	kind Kind
	text string
}{
	{KindTransport, "POSTA CERTIFICATA:"},
	{KindAcceptance, "ACCETTAZIONE:"},
	{KindNonAcceptance, "AVVISO DI NON ACCETTAZIONE PER VIRUS:"},
	{KindNonAcceptance, "AVVISO DI NON ACCETTAZIONE:"},
	{KindTakingInCharge, "PRESA IN CARICO:"},
	{KindDelivery, "CONSEGNA:"},
	{KindDeliveryError, "AVVISO DI MANCATA CONSEGNA PER VIRUS:"},
	{KindDeliveryError, "AVVISO DI MANCATA CONSEGNA:"},
	{KindTimeout, "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO:"},
	{KindVirusDetection, "PROBLEMA DI SICUREZZA:"},
	{KindAnomaly, "ANOMALIA MESSAGGIO:"},
}

// prefixBegins are the letters they begin with, in both cases; none of them has
// a third.
const prefixBegins = "PACpac"

// prefix is one known prefix found in a subject.
type prefix struct {
	kind       Kind
	start, end int // byte offsets in the folded subject
}

// checkSubject compares Subject, which people read first, with the certified
// one. A subject that presents the message as another kind is a failure. If
// there are several, programs differ in which one they show, so each counts.
func (v *verifier) checkSubject() {
	values := v.m.Header("Subject")
	if len(values) == 0 {
		v.warn(CheckSubject, phrase{"Subject is missing; the certified one is %s", "manca Subject; quello certificato è %s"}, quoted(v.Data.Subject))
		return
	}
	for i, value := range values {
		values[i] = foldSpace(mime.DecodeWords(value))
		if other := v.otherKind(values[i]); other != "" {
			v.fail(CheckSubject, row15, phrase{"Subject presents the message as %s, the certified type is %s", "Subject presenta il messaggio come %s, il tipo certificato è %s"},
				quoted(other), quoted(string(v.Kind)))
			return
		}
	}
	for _, shown := range values {
		if withoutTags(v.withoutPrefix(shown)) != withoutTags(foldSpace(v.Data.Subject)) {
			v.warn(CheckSubject, phrase{"Subject is %s, the certified one is %s", "Subject è %s, l'oggetto certificato è %s"}, quoted(shown), quoted(v.Data.Subject))
			return
		}
	}
	v.pass(CheckSubject, phrase{"the certified subject", "è l'oggetto certificato"})
}

// otherKind returns the prefix by which a subject presents the message as
// another kind than it is: the first known one, if its own is nowhere. It goes
// by what a reader sees, so that a letter that passes for another, a mark that
// shows nothing or a blank before the colon hides no prefix.
func (v *verifier) otherKind(shown string) string {
	seen := asSeen(shown)
	found := findPrefixes(seen)
	if len(found) == 0 || slices.ContainsFunc(found, func(p prefix) bool { return p.kind == v.Kind }) {
		return ""
	}
	return strings.TrimSuffix(seen[found[0].start:found[0].end], ":")
}

// colons makes one sign of those that pass for a colon.
var colons = strings.NewReplacer("：", ":", "﹕", ":", "꞉", ":", "∶", ":", "ː", ":", "˸", ":")

// asSeen returns a subject in the letters that a reader takes it for.
func asSeen(s string) string {
	if isFolded(s) {
		return strings.ReplaceAll(s, " :", ":")
	}
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn) {
			return -1
		}
		return r
	}, s)
	return strings.ReplaceAll(foldSpace(colons.Replace(printable.Resembled(s))), " :", ":")
}

// withoutPrefix takes the prefix of the message's own kind off a subject.
func (v *verifier) withoutPrefix(shown string) string {
	for _, p := range findPrefixes(shown) {
		if p.kind == v.Kind {
			return shown[:p.start] + shown[p.end:]
		}
	}
	return shown
}

// findPrefixes lists the known prefixes in a subject, in order. A prefix
// inside a longer one ("ACCETTAZIONE:" in "AVVISO DI NON ACCETTAZIONE:") is not
// one of its own, nor is one in the middle of a word.
func findPrefixes(s string) []prefix {
	var found []prefix
	inWord := false
	for i := 0; i < len(s); {
		if !inWord {
			if p, ok := prefixAt(s, i); ok {
				found = append(found, p)
				i = p.end
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		inWord = unicode.IsLetter(r) || unicode.IsDigit(r)
		i += size
	}
	return found
}

// prefixAt returns the longest known prefix at an offset.
func prefixAt(s string, at int) (prefix, bool) {
	best := prefix{}
	if strings.IndexByte(prefixBegins, s[at]) < 0 {
		return best, false
	}
	for _, p := range prefixes {
		if n := len(p.text); n > best.end-best.start && n <= len(s)-at && strings.EqualFold(s[at:at+n], p.text) {
			best = prefix{p.kind, at, at + n}
		}
	}
	return best, best.end > 0
}

// withoutTags takes [tags] that lists and filters put in front off a subject.
func withoutTags(s string) string {
	for {
		s = strings.TrimSpace(s)
		if !strings.HasPrefix(s, "[") {
			return s
		}
		end := strings.Index(s, "]")
		if end < 0 {
			return s
		}
		s = s[end+1:]
	}
}
