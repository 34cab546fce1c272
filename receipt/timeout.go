package receipt

import (
	"regexp"
	"strings"

	"github.com/gopec/gopec/daticert"
)

// Timeout tells the two notices apart that share the type
// preavviso-errore-consegna.
type Timeout string

// What a timeout notice says. The zero value means that nothing tells.
const (
	TimeoutUnknown Timeout = ""
	TimeoutLate    Timeout = "late"    // 12 h: delivery may still come
	TimeoutExpired Timeout = "expired" // 24 h: delivery has failed
)

// Rule says what a [Timeout] was told by.
type Rule string

// The rules, in the order in which they are asked.
const (
	RuleNone Rule = ""
	RuleCode Rule = "code" // status code 5.4.1 in errore-esteso
	RuleText Rule = "text" // the words of errore-esteso or of the readable text
)

// codeExpired is the status code of a notice at 24 h.
//
// spec: AgID, Note integrative, nota 12 of 2015
const codeExpired = "5.4.1"

// Timeout tells a notice at 12 h from one at 24 h. Headers, subject and type
// are the same in both (RFC 6109 §3.1.6), so the status code decides, then the
// words. TimeoutUnknown with RuleNone is the answer when neither tells, and
// for other types.
//
// spec: RFC 6109 §3.1.6
func (n *Notice) Timeout() (Timeout, Rule) {
	if n.Type != daticert.TypeTimeout {
		return TimeoutUnknown, RuleNone
	}
	if n.Data.Detail().Code == codeExpired {
		return TimeoutExpired, RuleCode
	}
	for _, text := range []string{n.Data.ErrorExtended, n.ownWords()} {
		if t := timeoutIn(text); t != TimeoutUnknown {
			return t, RuleText
		}
	}
	return TimeoutUnknown, RuleNone
}

var (
	hours12 = regexp.MustCompile(`(?i)\b(12|dodici) ore\b`)
	hours24 = regexp.MustCompile(`(?i)\b(24|ventiquattro) ore\b`)
)

// timeoutIn reads the words. Text that has both numbers tells nothing: a
// notice at 12 h announces a second one after twelve more hours, not
// twenty-four.
func timeoutIn(text string) Timeout {
	text = strings.Join(strings.Fields(text), " ")
	late, expired := hours12.MatchString(text), hours24.MatchString(text)
	switch {
	case late && !expired:
		return TimeoutLate
	case expired && !late:
		return TimeoutExpired
	}
	return TimeoutUnknown
}

// ownWords is the readable text without what others wrote into it: the
// provider quotes subject and addresses, and a subject such as "entro 24 ore"
// must not decide what a notice says. The first place where the subject stands
// is taken out, and of the rest what follows the last mention of the recipient
// is the provider's own; if neither can be found, there is no text to go by.
func (n *Notice) ownWords() string {
	text := strings.Join(strings.Fields(n.Text), " ")
	subject := strings.Join(strings.Fields(n.Data.Subject), " ")
	quoted := subject != "" && strings.Contains(text, subject)
	if quoted {
		text = strings.Replace(text, subject, " ", 1)
	}
	if to := n.Data.Delivery; to != "" {
		if i := strings.LastIndex(text, to); i >= 0 {
			return text[i+len(to):]
		}
	}
	if !quoted {
		return ""
	}
	return text
}
