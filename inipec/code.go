package inipec

import (
	"errors"
	"strings"

	"github.com/gopec/gopec/inipec/internal/rest"
	"github.com/gopec/gopec/internal/fiscalcode"
)

// maxBadCodes bounds how many bad codes one error names.
const maxBadCodes = 20

// parseCodes checks all codes and returns them in capitals, as written
// otherwise. The error joins a *CodeError for each bad one, the first 20.
func parseCodes(codes []string) ([]string, error) {
	if len(codes) == 0 {
		return nil, ErrNoCodes
	}
	out := make([]string, len(codes))
	var bad []error
	for i, text := range codes {
		code, err := parseCode(i, text)
		if err != nil && len(bad) < maxBadCodes {
			bad = append(bad, err)
		}
		out[i] = code.String()
	}
	if bad != nil {
		return nil, errors.Join(bad...)
	}
	return out, nil
}

func parseCode(i int, text string) (fiscalcode.Code, error) {
	code, err := fiscalcode.Parse(text)
	if err != nil {
		return code, &CodeError{Index: i, Masked: rest.MaskCode(strings.TrimSpace(text)), Err: err}
	}
	return code, nil
}

// Skipped is an address that a registry gave and that is not to be used.
type Skipped struct {
	Address string     `json:"address"`
	Reason  SkipReason `json:"reason"`
}

// SkipReason is why.
type SkipReason string

// The reasons.
const (
	SkipSyntax     SkipReason = "syntax"     // not a mail address
	SkipExpired    SkipReason = "expired"    // INAD: dateEndValidity is over
	SkipProfession SkipReason = "profession" // INAD: the person's address as a professional, not the personal one
	SkipPersonal   SkipReason = "personal"   // INAD: the personal address, not one as a professional
)

// isAddress reports whether s is a mail address as certified mail knows them:
// local part and domain in printable ASCII without blanks and brackets, a dot in
// the domain.
// spec: RFC 5321 §4.1.2, §4.5.3.1
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || len(s) > 254 {
		return false
	}
	for i := range len(local) {
		if c := local[i]; c <= ' ' || c > '~' || strings.IndexByte(`"(),:;<>[\]`, c) >= 0 {
			return false
		}
	}
	if local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return false
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i] | 0x20
			if (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' {
				return false
			}
		}
	}
	return len(labels) > 1
}
