package pec

import (
	"errors"
	"fmt"
	"time"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// Policy names a set of rules. The names are stable; the number changes if a
// policy ever decides otherwise.
type Policy string

// The policies.
const (
	// PolicyDefault believes the time in the signed daticert.xml. A signer
	// whose certificate has expired since is a warning.
	PolicyDefault Policy = "gopec/pec-time/1"
	// PolicyStrict wants a proof of existence for a signer that has expired
	// and for a SHA-1 digest, and revocation data.
	PolicyStrict Policy = "gopec/strict/1"
	// PolicyLegacy makes RSA keys of 1024 to 2047 bits and certificates signed
	// with SHA-1 a warning: all there was until 2017.
	PolicyLegacy Policy = "gopec/legacy/1"
)

// VerifyOptions change what Verify believes. The zero value, and nil, mean
// AgID's authority at the time the message certifies under PolicyDefault.
type VerifyOptions struct {
	// Trust is the set of anchors; nil means trust.AgID().
	Trust *trust.Store
	// At is the time to judge the signer at; the caller vouches that the
	// message existed then. Zero means the time in the signed daticert.xml.
	At time.Time
	// AtNow judges the signer at the time of Clock.
	AtNow bool
	// Policy is "" for PolicyDefault.
	Policy Policy
	// Clock gives the present time; nil means time.Now.
	Clock func() time.Time
	// Revocation holds revocation lists and status responses; what in them covers
	// the reference time is judged. Nil: revocation is not checked.
	Revocation *revocation.Data
	// Directory is the providers' directory. It can fail a signer whom it does not
	// know or whose provider does not manage the domain, if it is signed and of the
	// time of the message; it never replaces an anchor. Nil: the authority's
	// constraints alone say who is a provider.
	Directory *directory.Directory
	// Timestamps are time-stamps over the message file. The earliest that verifies
	// and falls into the validity of the signer's certificate is a proof of
	// existence: the signer is judged at its time, unless At or AtNow is set. One
	// before 2018-01-15 makes RSA keys of 1024 to 2047 bits and certificates signed
	// with SHA-1 a warning.
	Timestamps Timestamps
	// SecondOpinion asks another library about the signature too. It can only
	// lower a verdict.
	SecondOpinion bool

	stamps []*timestamp.Result // of Timestamps, for the message at hand
}

// ErrOptions says that VerifyOptions contradict themselves.
var ErrOptions = errors.New("pec: contradictory options")

// ErrChanged says that the bytes behind a Message changed after it was read.
var ErrChanged = mime.ErrChanged

func (o *VerifyOptions) withDefaults() (VerifyOptions, error) {
	var v VerifyOptions
	if o != nil {
		v = *o
	}
	if v.AtNow && !v.At.IsZero() {
		return v, fmt.Errorf("%w: At and AtNow", ErrOptions)
	}
	if err := v.Timestamps.check(); err != nil {
		return v, err
	}
	switch v.Policy {
	case "":
		v.Policy = PolicyDefault
	case PolicyDefault, PolicyStrict, PolicyLegacy:
	default:
		return v, fmt.Errorf("%w: unknown policy %q", ErrOptions, v.Policy)
	}
	if v.Trust == nil {
		v.Trust = trust.AgID()
	}
	if v.Clock == nil {
		v.Clock = time.Now
	}
	return v, nil
}

// Verify verifies a message and its inner layers. The error is nil if, and
// only if, the message is certified. A message that is not gives a
// [*NotCertifiedError] together with the report; any other error (a
// [*LimitError], [ErrOptions], a message that can no longer be read or has
// changed) means that there is no verdict, and the report is nil.
//
// Verify may be called for one Message from several goroutines.
func Verify(m *Message, o *VerifyOptions) (*Report, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	now := opts.Clock()
	defer m.Release()
	if opts.stamps, err = opts.Timestamps.judge(m, now); err != nil {
		return nil, err
	}
	r, err := verifyLayer(m, &opts, now)
	if err != nil {
		return nil, err
	}
	if !r.Certified {
		return r, &NotCertifiedError{Report: r}
	}
	return r, nil
}

// Release lets go of what is held of the message's bytes to make reading cheap,
// up to 128 KiB. Whoever keeps many messages without verifying them calls it;
// Verify has done so when it returns. The Message can be used as before: it reads
// again, and checks what it reads.
func (m *Message) Release() {
	if m.entity != nil {
		m.entity.Source().Release()
	}
}

// verifyLayer verifies one layer and those inside it.
func verifyLayer(m *Message, o *VerifyOptions, now time.Time) (*Report, error) {
	if m.limit != nil {
		return nil, m.limit
	}
	v := &verifier{
		Report: &Report{Kind: m.Kind, Path: m.Path, Policy: o.Policy, ProofOfExistence: POENone,
			Data: m.Data, Message: m, findings: make([]*finding, len(checks)), Timestamps: o.stamps},
		m: m, o: o, now: now,
	}
	if err := v.run(); err != nil {
		return nil, err
	}
	for _, inner := range m.Layers {
		r, err := verifyLayer(inner, o, now)
		if le := limitError(err); le != nil {
			r, err = notRead(inner, o, le), nil
		}
		if err != nil {
			return nil, err
		}
		v.Layers = append(v.Layers, r)
	}
	v.close()
	return v.Report, nil
}

// notRead is the report of an inner layer that passed a limit: no verdict, and
// no reason to withhold the one on the layer around it.
func notRead(m *Message, o *VerifyOptions, le *LimitError) *Report {
	r := &Report{Kind: m.Kind, Path: m.Path, Policy: o.Policy, ProofOfExistence: POENone, Proves: ProvesNothing, Message: m}
	v := &verifier{Report: r, m: m}
	r.findings = make([]*finding, len(checks))
	v.skipRest(phrase{"not checked: a limit was passed (%s)", "non verificato: superato un limite (%s)"}, error(le))
	r.close()
	return r
}

// verifier carries one layer through its checks. Each check writes its own
// entry of the report and reads what earlier ones found.
type verifier struct {
	*Report
	m   *Message
	o   *VerifyOptions
	now time.Time

	next  int // place of the check that is probably made next
	found foundSoFar

	result *smime.Result
	trust  *trust.Result
	at     time.Time // certified time; zero if the signed data have none

	stamp    *timestamp.Result // the proof of existence; nil without one
	oldStamp *timestamp.Result // one that makes old algorithms a warning; nil without one
}

// run is the verification of one layer, in the order of the report.
func (v *verifier) run() error {
	if v.m.signed == nil {
		v.noSignature()
		v.Proves = ProvesNothing
		return nil
	}
	var err error
	if v.result, err = v.m.signed.Verify(); err != nil {
		return fmt.Errorf("pec: %w", err)
	}
	if err := v.reread(); err != nil {
		return err
	}
	if err := v.checkSignature(); err != nil {
		return err
	}
	v.readCertifiedTime()
	v.checkTimestamp()
	v.checkReferenceTime()
	v.checkTrust()
	v.checkTime()
	v.checkData()
	v.checkHeader()
	v.checkOriginal()
	v.complete()
	v.decide()
	return nil
}

// noSignature is the report of a layer that carries none: nothing to judge.
func (v *verifier) noSignature() {
	v.fail(CheckSignature, row2, phrase{
		"there is no signature on this layer: nothing in it is certified",
		"questo livello non è firmato: nulla di ciò che contiene è certificato"})
	if v.m.Claims.IsPEC() {
		v.fail(CheckSignature, row2, phrase{
			"the header calls the message PEC, but there is no signature on this layer: nothing in it is certified",
			"l'intestazione presenta il messaggio come PEC, ma questo livello non è firmato: nulla di ciò che contiene è certificato"})
	}
	v.skipRest(phrase{"not checked: no signature", "non verificato: manca la firma"})
}

// reread reads the certification data again if the form of the bytes that was
// signed is not the one they were first read in. What is reported as certified
// is then read from the signed form.
func (v *verifier) reread() error {
	if v.m.parts.daticert == nil || v.result.Form == v.m.signed.ReadingForm() {
		return nil
	}
	data, err := parseDaticert(v.m.parts.daticert, v.result.Form, v.m.limits.Daticert)
	if le := limitError(err); le != nil {
		return le
	}
	if errors.Is(err, mime.ErrChanged) {
		return fmt.Errorf("pec: %w", err)
	}
	m := *v.m // the Message keeps what was read; the report has what was signed
	m.Data, m.DataErr = data, err
	m.Kind = m.kind()
	b := newBuilder(m.limits)
	m.Transport, m.Anomaly, m.Notice = nil, nil, nil
	b.views(&m, v.result.Form)
	v.m, v.Message, v.Data, v.Kind = &m, &m, data, m.Kind
	return nil
}

func (v *verifier) set(id CheckID, s Status, r row, words phrase, args []any) {
	i := v.positionOf(id)
	v.findings[i] = v.found.take(i, finding{words: words, args: args, status: s, row: r})
}

// positionOf is position, for checks that are made in the order of the list.
func (v *verifier) positionOf(id CheckID) int {
	if v.next < len(checks) && checks[v.next].ID == id {
		v.next++
		return v.next - 1
	}
	i := position[id]
	v.next = i + 1
	return i
}

func (v *verifier) pass(id CheckID, words phrase, args ...any) { v.set(id, Pass, rowNone, words, args) }
func (v *verifier) warn(id CheckID, words phrase, args ...any) { v.set(id, Warn, rowNone, words, args) }
func (v *verifier) skip(id CheckID, words phrase, args ...any) { v.set(id, Skip, rowNone, words, args) }
func (v *verifier) fail(id CheckID, r row, words phrase, args ...any) {
	v.set(id, Fail, r, words, args)
}

func (v *verifier) failed(id CheckID) bool { return v.has(id, Fail) }

// has reports whether a check was made and has that outcome.
func (v *verifier) has(id CheckID, s Status) bool {
	f := v.findings[position[id]]
	return f != nil && f.status == s
}

// skipRest marks every check that has no outcome yet.
func (v *verifier) skipRest(words phrase, args ...any) {
	for i, c := range checks {
		if v.findings[i] == nil {
			v.skip(c.ID, words, args...)
		}
	}
}

// complete makes sure that no check is left without an outcome. A check that
// was never made must not look like one that passed, so this is a failure.
func (v *verifier) complete() {
	for i, c := range checks {
		if v.findings[i] == nil {
			v.fail(c.ID, row15, phrase{"internal error: the check was not made", "errore interno: la verifica non è stata eseguita"})
		}
	}
}
