package inipec

import (
	"context"
	"fmt"
	"time"

	"github.com/gopec/gopec/ipa"
)

// More reasons for which an address is not used.
const (
	SkipFirm  SkipReason = "firm"    // INI-PEC: the firm's address, not one as a professional
	SkipOther SkipReason = "not-pec" // IPA: the body does not list it as PEC
)

// IPASource looks in a snapshot of IPA.
type IPASource struct {
	Snapshot func() (*ipa.Snapshot, error) // the one to use now
	MaxAge   time.Duration                 // of the snapshot; 0 means any
	Now      func() time.Time              // nil means time.Now
}

// Look returns the addresses that the body with this code lists as PEC or as
// another qualified service, the primary one first; those of its units are not
// looked at. Several bodies with one code give [ErrAmbiguous].
func (s IPASource) Look(_ context.Context, q Question) (Result, error) {
	snapshot, err := s.Snapshot()
	if err != nil {
		return Result{}, err
	}
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	if age := now().Sub(snapshot.Date()); s.MaxAge > 0 && age > s.MaxAge {
		return Result{}, fmt.Errorf("%w: %s", ErrStale, snapshot.Date().Format(time.DateOnly))
	}
	result := Result{At: snapshot.Date()}
	bodies := 0
	for _, e := range snapshot.FiscalCode(q.Code).Entities {
		if e.Kind() != ipa.KindBody { // an office that receives invoices under the code
			continue
		}
		bodies++
		for _, a := range e.Addresses() {
			if a.Role != ipa.RoleMailbox && a.Role != ipa.RoleRegister {
				continue
			}
			switch {
			case !isAddress(a.Text):
				result.Skipped = append(result.Skipped, Skipped{a.Text, SkipSyntax})
			case a.Type != ipa.TypePEC && a.Type != ipa.TypeSERCQ:
				result.Skipped = append(result.Skipped, Skipped{a.Text, SkipOther})
			default:
				result.Addresses = append(result.Addresses, a.Text)
			}
		}
	}
	if bodies > 1 {
		return Result{}, fmt.Errorf("%w: %d bodies in IPA", ErrAmbiguous, bodies)
	}
	result.Addresses = unique(result.Addresses)
	return result, nil
}

// INIPECSource asks INI-PEC, one code in a request, and waits for the answer.
type INIPECSource struct{ Client *Client }

// Look returns the address of a firm or body, or those of a professional. A
// person has those as a professional first. An answer without conclusion gives
// [ErrNoAnswer].
func (s INIPECSource) Look(ctx context.Context, q Question) (Result, error) {
	codes := []string{q.Code}
	id, err := s.Client.Submit(ctx, codes)
	if err != nil {
		return Result{}, err
	}
	answers, err := s.Client.Wait(ctx, id, codes)
	if err != nil {
		return Result{}, err
	}
	a := answers[0]
	if a.Outcome != Found && a.Outcome != NotFound {
		return Result{}, fmt.Errorf("%w: %s", ErrNoAnswer, a.Outcome)
	}
	result := Result{At: a.At, Skipped: a.Skipped}
	firm := []string{}
	if a.Company != "" {
		firm = append(firm, a.Company)
	}
	switch q.Subject {
	case Professional:
		result.Addresses = a.Professionals
		result.skip(firm, SkipFirm)
	case Person:
		result.Addresses = unique(append(append(firm[:0:0], a.Professionals...), firm...))
	default:
		result.Addresses = firm
		result.skip(a.Professionals, SkipProfession)
	}
	return result, nil
}

func (r *Result) skip(addresses []string, why SkipReason) {
	for _, a := range addresses {
		r.Skipped = append(r.Skipped, Skipped{a, why})
	}
}

// INADSource asks INAD.
type INADSource struct{ Client *INADClient }

// Look returns the domiciles as a professional of a professional, and the one
// without a profession of everyone else, of which several give [ErrAmbiguous].
func (s INADSource) Look(ctx context.Context, q Question) (Result, error) {
	a, err := s.Client.Extract(ctx, q.Code, q.Reference)
	if err != nil {
		return Result{}, err
	}
	result := Result{At: a.At, Skipped: a.Skipped}
	for _, d := range a.Domiciles {
		switch professional := d.Profession != ""; {
		case professional == (q.Subject == Professional):
			result.Addresses = append(result.Addresses, d.Address)
		case professional:
			result.Skipped = append(result.Skipped, Skipped{d.Address, SkipProfession})
		default:
			result.Skipped = append(result.Skipped, Skipped{d.Address, SkipPersonal})
		}
	}
	result.Addresses = unique(result.Addresses)
	if len(result.Addresses) > 1 && q.Subject != Professional {
		return Result{}, fmt.Errorf("%w: %d in INAD", ErrAmbiguous, len(result.Addresses))
	}
	return result, nil
}
