package pec_test

import (
	"testing"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// Judging at another time than the certified one must not make a message out
// of a certified time at which the signer had no certificate.
func TestTimeCertifiedOutsideTheCertificate(t *testing.T) {
	t.Parallel()
	verdictRun(t, timeCertifiedOutsideTheCertificateCases())
}

func timeCertifiedOutsideTheCertificateCases() []verdictCase {
	at := func(d time.Duration) testsign.Message {
		return testsign.Message{Kind: daticert.TypeAcceptance, Time: testsign.Instant.Add(d)}
	}
	now := func(o *pec.VerifyOptions) {
		o.AtNow, o.Clock = true, verdictClock(testsign.Instant.Add(24*time.Hour))
	}
	refused := func(name, reason string, d time.Duration, o func(*pec.VerifyOptions)) verdictCase {
		return verdictCase{name: name, reason: reason, message: at(d), options: o,
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckGiven)}
	}
	return []verdictCase{
		refused("two years before, judged now", "the certificate did not exist when the message says it was signed", -2*verdictYear, now),
		refused("two years before, time given", "a given time vouches for existence then, not for the time certified", -2*verdictYear, verdictAt(testsign.Instant)),
		{name: "two years before", reason: "by default the certified time is the one that is judged at", message: at(-2 * verdictYear),
			verdict: pec.TotalFailed, sub: pec.NotYetValid, failed: verdictIDs(pec.CheckValidity)},
		{name: "a day before, judged now", reason: "the certificate covers both", message: at(-24 * time.Hour), options: now,
			verdict: pec.TotalPassed, proves: pec.ProvesAccepted},
	}
}
