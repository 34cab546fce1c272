package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/pec"
)

// result is what came of one message.
type result struct {
	file    string
	text    []byte // for standard output
	status  int
	entry   *dossier.Entry // for -dossier
	keep    *toKeep        // for -bundle
	err     *failure       // no verdict, and why
	refused []string       // what was asked for and not done although there is a verdict
	warning []string       // for standard error
	hints   []string
}

// failure says in both languages why there is no verdict: standard error speaks
// that of the locale, JSON does not.
type failure struct {
	code   pec.ErrorCode
	en, it string
}

func (f *failure) text(l pec.Lang) string {
	if l == pec.Italian {
		return f.it
	}
	return f.en
}

// failuref makes a failure. The arguments may be outside text.
func failuref(code pec.ErrorCode, en, it string, args ...any) *failure {
	return &failure{code, fmt.Sprintf(en, args...), fmt.Sprintf(it, args...)}
}

// verify verifies one message. Whatever goes wrong with it, a crash of ours
// included, is its own result and stops no other.
func (p *program) verify(ctx context.Context, t task) (r result) {
	if t.item == nil {
		r.file = t.file
		r.fail(notRead(t.broken))
		p.finishFailure(&r)
		return r
	}
	r.file = t.item.File
	defer func() {
		if r.keep == nil {
			t.item.Close()
		}
	}()
	defer func() {
		if crash := recover(); crash != nil {
			r.fail(failuref(pec.ErrorInternal, "internal error: %v", "errore interno: %v", crash))
			r.hints = append(r.hints, firstFrame(debug.Stack()))
		}
		if r.err != nil {
			p.finishFailure(&r)
		}
	}()
	src, size, err := t.item.Open(ctx)
	if err != nil {
		r.fail(notOpened(err))
		r.hints = append(r.hints, formatHints(err)...)
		return r
	}
	digest := ""
	if p.dossier != nil {
		if digest, err = digestOf(ctx, src, size); err != nil {
			r.fail(notRead(err))
			return r
		}
	}
	report, failed := p.report(ctx, &r, src, size, t.kept)
	if failed != nil {
		r.fail(failed)
		return r
	}
	if p.dossier != nil {
		if p.examined(ctx, &r, src, size, digest, report); r.err != nil {
			return r
		}
	}
	found := p.compare(report)
	if found != nil && found.failed != nil && found.failed.code == pec.ErrorCanceled {
		r.fail(found.failed)
		return r
	}
	p.finish(&r, report, found)
	if t.kept != nil {
		r.hints = append(r.hints, p.changed(t.kept, report)...)
	}
	if p.extract != nil {
		p.extractMessage(ctx, &r, t.number, report)
	}
	if p.keeping != nil {
		r.keep = &toKeep{bundle.Item{File: r.file, Content: src, Size: size, Report: report, Text: p.text(r.file, report)}, t.item.Close}
	}
	return r
}

// report reads and verifies one message, and notes what could not be learnt about
// it.
func (p *program) report(ctx context.Context, r *result, src io.ReaderAt, size int64, kept *keptMessage) (report *pec.Report, failed *failure) {
	// What is in memory stays recognisable as such: nothing there can change.
	if _, inMemory := src.(*bytes.Reader); !inMemory {
		src = cancelReaderAt{ctx, src}
	}
	m, err := p.limits.Read(src, size)
	if err != nil {
		return nil, notRead(err)
	}
	options := p.options
	if kept != nil {
		if options, err = kept.with(options); err != nil {
			r.warning = append(r.warning, p.say("revocation data that the bundle keeps are not used: ", "dati di revoca del fascicolo non usati: ")+strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
	if report, err = pec.Verify(m, &options); report == nil {
		return nil, notRead(err)
	}
	report, told, err := p.fetch(ctx, m, options, report, kept)
	if report == nil {
		return nil, notRead(err)
	}
	r.hints = append(r.hints, told...)
	return report, nil
}

func (r *result) fail(f *failure) { r.err, r.status = f, exitNoVerdict }

// finish writes the report and answers the questions of -kind, -to and -sent.
func (p *program) finish(r *result, report *pec.Report, found *comparison) {
	r.text = p.render(r.file, report, found)
	r.status = exitCertified
	switch {
	case p.dossier != nil:
		return // it answers for all messages together
	case report.Certified:
		p.answer(r, report)
	default:
		r.status = exitNotCertified
		r.hints = append(r.hints, p.hints(report)...)
	}
	if found != nil {
		p.answerSent(r, report, found)
	}
}

// answer answers -kind and -to about a message that is certified.
func (p *program) answer(r *result, report *pec.Report) {
	if len(p.c.kinds) > 0 && !slices.Contains(p.c.kinds, report.Kind) {
		r.status = exitNotCertified
		r.warning = append(r.warning, fmt.Sprintf(p.say("is of kind %s, not of the one asked for", "è di tipo %s, non di quello richiesto"), report.Kind))
	}
	if w := p.otherRecipient(report); w != "" {
		r.status = exitNotCertified
		r.warning = append(r.warning, w)
	}
}

// otherRecipient says that a message is not about the address of -to; "" if it
// is, or if none is asked for.
func (p *program) otherRecipient(report *pec.Report) string {
	to, about := p.c.to, report.Data.Delivery
	switch {
	case to == "" || sameAddress(about, to):
		return ""
	case about == "":
		return fmt.Sprintf(p.say("names no single recipient (consegna), so not %s", "non indica un singolo destinatario (consegna), quindi non %s"), to)
	}
	return fmt.Sprintf(p.say("is about the recipient %s, not %s", "riguarda il destinatario %s, non %s"), show(about), to)
}

// sameAddress compares addresses without regard to the case of ASCII letters.
// Other letters have no case here: folded as Unicode does, a long s would be an
// s and a Kelvin sign a k, and one mailbox would pass for another.
func sameAddress(a, b string) bool { return foldASCII(a) == foldASCII(b) }

func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func (p *program) render(file string, report *pec.Report, found *comparison) []byte {
	switch {
	case p.c.quiet, p.dossier != nil && !p.c.json:
		return nil
	case p.c.json:
		line, err := report.JSON(file, p.c.jsonLang())
		if err != nil {
			panic(err) // a report always has a form
		}
		if found != nil {
			line = withSent(line, found)
		}
		return append(line, '\n')
	}
	var b bytes.Buffer
	t := textReport{w: &b, lang: p.c.lang, colour: p.colour}
	t.write(file, report, found)
	return b.Bytes()
}

// finishFailure gives a message without verdict its line of JSON.
func (p *program) finishFailure(r *result) {
	r.text = nil
	if p.dossier != nil {
		r.entry = notExamined(r)
	}
	if p.c.json {
		r.text = errorLine(r.file, r.err, p.c.jsonLang())
	}
}

func errorLine(file string, f *failure, l pec.Lang) []byte {
	line, err := pec.ErrorJSON(file, f.code, f.text(l))
	if err != nil {
		panic(err) // strings always have a form
	}
	return append(line, '\n')
}

// print writes one result and returns its exit status.
func (p *program) print(r result) int {
	if _, err := p.out.Write(r.text); err != nil {
		return exitNoVerdict
	}
	file := show(r.file) // cut if it is long: what follows must be seen
	if r.err != nil {
		p.diag.errorf("%s: %s", file, r.err.text(p.c.lang))
	}
	for _, why := range r.refused {
		p.diag.errorf("%s: %s", file, why)
	}
	for _, w := range r.warning {
		p.diag.warningf("%s: %s", file, w)
	}
	for _, h := range r.hints {
		p.diag.hintf("%s: %s", file, h)
	}
	return r.status
}

// hints are what a person may do about a message that is not certified.
func (p *program) hints(r *pec.Report) []string {
	var hints []string
	inner := slices.ContainsFunc(r.Layers, func(l *pec.Report) bool { return l.Certified })
	switch {
	case inner && r.Kind == pec.KindOrdinary:
		hints = append(hints, p.say("a certified message is inside; what is around it is ordinary mail, as a mailing list or a forward makes it",
			"all'interno c'è un messaggio certificato; ciò che lo racchiude è posta ordinaria, come quella di una mailing list o di un inoltro"))
	case inner:
		hints = append(hints, p.say("a certified message is inside; what is around it is not certified", "all'interno c'è un messaggio certificato; ciò che lo racchiude non lo è"))
	}
	if r.SubIndication == pec.CryptoConstraintsFailureNoPOE && r.Policy == pec.PolicyDefault {
		hints = append(hints, p.say("keys and signatures of the years until 2017 are accepted with -legacy", "chiavi e firme degli anni fino al 2017 sono accettate con -legacy"))
	}
	return hints
}
