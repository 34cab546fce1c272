package envelope

import (
	"crypto"
	"fmt"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/compose"
)

// check refuses a provider that could issue nothing valid.
//
// spec: RFC 6109 §2.1, §5.5
func (p *Provider) check(at time.Time) error {
	local, _, _ := strings.Cut(p.Address, "@")
	switch err := compose.CheckAddress(p.Address); {
	case strings.Trim(p.Name, " ") == "":
		return compose.At("provider.name", compose.ErrNone)
	case compose.CheckText(p.Name) != nil:
		return compose.At("provider.name", compose.CheckText(p.Name))
	case err != nil:
		return compose.At("provider.address", err)
	case !compose.SameAddress(local, "posta-certificata"):
		return compose.At("provider.address", fmt.Errorf("%q is not the mailbox posta-certificata", p.Address))
	case p.Signer == nil:
		return compose.At("provider.signer", compose.ErrNone)
	case p.Habits.BriefHash != 0 && p.Habits.BriefHash != crypto.SHA1 && p.Habits.BriefHash != crypto.SHA256:
		return compose.At("provider.habits", fmt.Errorf("brief receipts have SHA-1 or SHA-256, not %v", p.Habits.BriefHash))
	}
	if err := checkTime(at); err != nil {
		return compose.At("time", err)
	}
	if err := p.Signer.Check(at); err != nil {
		return compose.At("provider.signer", err)
	}
	c := p.Signer.Certificate
	switch {
	case len(c.EmailAddresses) != 1 || !compose.SameAddress(c.EmailAddresses[0], p.Address):
		return compose.At("provider.signer", fmt.Errorf("the certificate is for %q, the service address is %q", c.EmailAddresses, p.Address))
	case !p.Habits.OutsideValidity && (at.Before(c.NotBefore) || at.After(c.NotAfter)):
		return compose.At("provider.signer", fmt.Errorf("the certificate is not valid at %s", at.Format(time.RFC3339)))
	}
	return nil
}

// checkTime refuses an instant that certification data cannot carry.
func checkTime(at time.Time) error {
	_, offset := at.Zone()
	switch {
	case at.IsZero():
		return compose.ErrNone
	case at.Year() < 1970 || at.Year() > 9999:
		return fmt.Errorf("year %d cannot be written", at.Year())
	case offset%60 != 0:
		return fmt.Errorf("an offset of %d seconds cannot be written", offset)
	}
	return nil
}
