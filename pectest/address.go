package pectest

import "strings"

// fold brings an address or a domain to the form in which two are compared:
// ASCII letters in lower case, every other byte as it stands.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// domainOf is what stands behind the last "@", folded.
func domainOf(address string) string {
	return fold(address[strings.LastIndexByte(address, '@')+1:])
}

// maxAddress is the longest address of SMTP.
//
// spec: RFC 5321 §4.5.3.1.3
const maxAddress = 254

// isAddress takes the addresses that PEC messages can carry: a local part of
// atoms and dots, and a host name.
//
// spec: RFC 5321 §4.1.2
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && len(s) <= maxAddress && isLocal(local) && isHost(domain)
}

func isLocal(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r)
	})
}

// isHost takes names of at least two labels.
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") || strings.ContainsFunc(l, notLabel) {
			return false
		}
	}
	return len(labels) > 1
}

func notLabel(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
}

// serviceAddress is the From of all that a provider issues.
//
// spec: RFC 6109 §2.2.6
func serviceAddress(host string) string { return "posta-certificata@" + host }
