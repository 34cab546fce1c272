package pec

import (
	"slices"
	"time"

	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/timestamp"
)

// oldUntil is when the last authority ended under which providers had RSA-1024 keys
// and certificates signed with SHA-1. What existed before it was not made with what
// can be broken since.
var oldUntil = time.Date(2018, 1, 15, 0, 0, 0, 0, time.UTC)

// checkTimestamp reports the time-stamps and settles what they help with. It runs
// before the reference time is settled.
//
// A stamp that does not verify never helps and never harms: it says nothing of the
// message, and whoever gave the wrong file should learn that and no more. Only one
// that verifies can contradict the message: by showing that it existed more than an
// hour before the time it certifies.
func (v *verifier) checkTimestamp() {
	if len(v.o.stamps) == 0 {
		v.skip(CheckTimestamp, phrase{"not checked: no time-stamp was given", "non verificato: non è stata fornita una marca temporale"})
		return
	}
	usable := v.usableStamps()
	v.useStamps(usable)
	status := Pass
	var told sentences
	for _, r := range v.o.stamps {
		one, clean := v.stampWords(r, slices.Contains(usable, r))
		told = append(told, one...)
		if !clean {
			status = Warn
		}
	}
	if early := v.contradiction(usable); early != nil {
		v.fail(CheckTimestamp, row15, phrase{"the message existed at %s, as a time-stamp shows, but certifies a later time, %s: %s",
			"il messaggio esisteva già il %s, come prova una marca temporale, ma certifica un istante successivo, %s: %s"},
			v.local(early.Latest), v.at, told)
		return
	}
	v.set(CheckTimestamp, status, rowNone, phrase{"%s", "%s"}, []any{told})
}

// usableStamps returns the stamps that may be relied on, the earliest first. The
// strict policy does not rely on one whose authority's certificates have expired
// since, as it does not on a message: its time is then the word of whoever had the
// key.
func (v *verifier) usableStamps() []*timestamp.Result {
	var usable []*timestamp.Result
	for _, r := range v.o.stamps {
		if r.Verified && (v.o.Policy != PolicyStrict || !r.ExpiredSince) {
			usable = append(usable, r)
		}
	}
	slices.SortStableFunc(usable, func(a, b *timestamp.Result) int { return a.Latest.Compare(b.Latest) })
	return usable
}

// useStamps sets what the stamps, the earliest first, help with.
func (v *verifier) useStamps(usable []*timestamp.Result) {
	if len(usable) > 0 && usable[0].Latest.Before(oldUntil) {
		v.oldStamp = usable[0]
	}
	if !v.o.At.IsZero() || v.o.AtNow || v.contradiction(usable) != nil {
		return // the caller says at what time to judge; or nothing fits
	}
	for _, r := range usable {
		if v.fits(r) {
			v.stamp = r
			break
		}
	}
	if v.stamp != nil && v.failed(CheckDigestAge) {
		v.checkDigestAge(v.m.signed.Facts())
	}
}

// contradiction returns a stamp that is earlier than the certified time by more
// than clocks differ, nil if there is none.
func (v *verifier) contradiction(usable []*timestamp.Result) *timestamp.Result {
	if len(usable) == 0 || v.at.IsZero() || v.at.Sub(usable[0].Latest) <= maxAhead {
		return nil
	}
	return usable[0]
}

// fits reports whether the signer and its path were valid at the time of a stamp
// and at the certified one. A message that existed then was signed while its
// signer's certificate was valid.
func (v *verifier) fits(r *timestamp.Result) bool {
	if len(v.result.Signers) == 0 {
		return false
	}
	t := v.o.Trust.Verify(v.result.Signers, v.result.Certificates, v.stampTime(r))
	return t.Path.Status == Pass && t.Validity.Status != Fail && (v.at.IsZero() || !outside(v.at, t.Signer))
}

// stampTime is the time of judgement that a stamp gives: its own, but not before the
// certified one, which clocks can put a little later.
func (v *verifier) stampTime(r *timestamp.Result) time.Time {
	if v.at.After(r.Latest) {
		return v.at
	}
	return r.Latest
}

// revocationTime is the time at which revocation is judged: the reference time. But
// where that is a time-stamp's and the policy believes the certified time, it is the
// certified one, as it would be without the stamp. A stamp made after a revocation
// shows nothing new about the message, and must not take away what was believed
// before it was given.
func (v *verifier) revocationTime() time.Time {
	if v.ReferenceTime.Source == FromTimestamp && v.o.Policy != PolicyStrict && !v.at.IsZero() {
		return v.at
	}
	return v.ReferenceTime.Time
}

// local puts a time into the offset of daticert.
func (v *verifier) local(t time.Time) time.Time {
	if v.at.IsZero() {
		return t.UTC()
	}
	return t.In(v.at.Location())
}

// stampWords says what one stamp is worth. clean is false if it needs attention.
func (v *verifier) stampWords(r *timestamp.Result, usable bool) (told sentences, clean bool) {
	name := r.Stamp.Name
	if !r.Verified {
		f, _ := r.Failure()
		words, args := stampFinding(f)
		return sentences{{phrase{"%s proves nothing: %s", "%s non prova nulla: %s"}, []any{name, sentence{words, args}}}}, false
	}
	told = sentences{{phrase{"%s: the file existed at %s, as %s certifies", "%s: il file esisteva il %s, come attesta %s"},
		[]any{name, v.local(r.Latest), authorityName(r)}}}
	clean = true
	for _, f := range r.Warnings() {
		words, args := stampFinding(f)
		told = append(told, sentence{words, args})
		clean = false
	}
	switch {
	case !usable:
		told = append(told, sentence{phrase{"the strict policy does not rely on it", "la policy strict non vi fa affidamento"}, nil})
	case !v.o.At.IsZero() || v.o.AtNow || len(v.result.Signers) == 0 || v.fits(r) || v.contradiction([]*timestamp.Result{r}) != nil:
	default:
		clean = false
		told = append(told, sentence{phrase{"the signer's certificate was not valid then, so that it does not show that the message was signed while it was",
			"allora il certificato del firmatario non era valido, per cui non prova che il messaggio sia stato firmato mentre lo era"}, nil})
	}
	return told, clean
}

// authorityName is what to call who made a stamp that verified.
func authorityName(r *timestamp.Result) string {
	if name := r.Signer.Subject.CommonName; name != "" {
		return name
	}
	return r.Signer.Subject.String()
}

// stampFinding gives the sentence of a finding about a stamp in both languages. It
// has a code of package timestamp, of package trust, or of a signature problem.
func stampFinding(f trust.Finding) (phrase, []any) {
	if c, ok := timestamp.CodeOf(f.Code); ok && italianStamps[f.Code] != "" {
		en, args := numbered(c.Sentence, c.Facts, f.Facts)
		it, _ := numbered(italianStamps[f.Code], c.Facts, f.Facts)
		return phrase{en, it}, args
	}
	if _, ok := trust.CodeOf(f.Code); ok {
		return trustWords(f)
	}
	return codeWords(f.Code, f.Facts, f.Detail)
}
