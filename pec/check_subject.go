package pec

import (
	"strings"

	"github.com/gopec/gopec/internal/mime"
)

// prefixes are what providers put before the subject, by kind.
//
// QUIRK: RFC 6109 §3.1.6 prints two spaces after SUP.; spaces are folded.
//
// spec: RFC 6109 §3, Appendix A
var prefixes = map[Kind][]string{
	KindTransport:      {"POSTA CERTIFICATA:"},
	KindAcceptance:     {"ACCETTAZIONE:"},
	KindNonAcceptance:  {"AVVISO DI NON ACCETTAZIONE PER VIRUS:", "AVVISO DI NON ACCETTAZIONE:"},
	KindTakingInCharge: {"PRESA IN CARICO:"},
	KindDelivery:       {"CONSEGNA:"},
	KindDeliveryError:  {"AVVISO DI MANCATA CONSEGNA PER VIRUS:", "AVVISO DI MANCATA CONSEGNA:"},
	KindTimeout:        {"AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO:"},
	KindVirusDetection: {"PROBLEMA DI SICUREZZA:"},
	KindAnomaly:        {"ANOMALIA MESSAGGIO:"},
}

// prefix is one known prefix found in a subject.
type prefix struct {
	kind       Kind
	start, end int // byte offsets in the folded subject
}

// checkSubject compares Subject, which people read first, with the certified
// one. A subject that presents the message as another kind is a failure.
func (v *verifier) checkSubject() {
	values := v.m.Header("Subject")
	if len(values) == 0 {
		v.warn(CheckSubject, phrase{"Subject is missing; the certified one is %s", "manca Subject; quello certificato è %s"}, quoted(v.Data.Subject))
		return
	}
	shown := foldSpace(mime.DecodeWords(values[0]))
	found := findPrefixes(shown)
	own := -1
	for i, p := range found {
		if p.kind == v.Kind {
			own = i
			break
		}
	}
	if own < 0 && len(found) > 0 {
		p := found[0]
		v.fail(CheckSubject, row15, phrase{"Subject presents the message as %s, the certified type is %s", "Subject presenta il messaggio come %s, il tipo certificato è %s"},
			quoted(strings.TrimSuffix(shown[p.start:p.end], ":")), quoted(string(v.Kind)))
		return
	}
	rest := shown
	if own >= 0 {
		rest = shown[:found[own].start] + shown[found[own].end:]
	}
	if withoutTags(rest) != withoutTags(foldSpace(v.Data.Subject)) {
		v.warn(CheckSubject, phrase{"Subject is %s, the certified one is %s", "Subject è %s, l'oggetto certificato è %s"}, quoted(shown), quoted(v.Data.Subject))
		return
	}
	v.pass(CheckSubject, phrase{"the certified subject", "è l'oggetto certificato"})
}

// findPrefixes lists the known prefixes in a subject, in order. A prefix
// inside a longer one ("ACCETTAZIONE:" in "AVVISO DI NON ACCETTAZIONE:") is not
// one of its own, nor is one in the middle of a word.
func findPrefixes(s string) []prefix {
	upper := strings.ToUpper(s)
	if len(upper) != len(s) { // rare letters change length; offsets must fit s
		upper = s
	}
	var found []prefix
	for i := 0; i < len(upper); {
		p, ok := prefixAt(upper, i)
		if ok {
			found = append(found, p)
			i = p.end
			continue
		}
		next := strings.IndexAny(upper[i:], " ]:\"")
		if next < 0 {
			break
		}
		i += next + 1
	}
	return found
}

// prefixAt returns the longest known prefix at an offset.
func prefixAt(s string, at int) (prefix, bool) {
	best := prefix{}
	for kind, list := range prefixes {
		for _, p := range list {
			if len(p) > best.end-best.start && strings.HasPrefix(s[at:], p) {
				best = prefix{kind, at, at + len(p)}
			}
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
