package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/pec"
)

// result is what came of one message.
type result struct {
	file    string
	text    []byte // for standard output
	status  int
	err     *failure // no verdict, and why
	warning []string // for standard error
	hints   []string
}

// failure says why there is no verdict.
type failure struct {
	code pec.ErrorCode
	text string // in the language of the run
}

// verify verifies one message. Whatever goes wrong with it, a crash of ours
// included, is its own result and stops no other.
func (p *program) verify(ctx context.Context, t task) (r result) {
	r.file = t.item.File
	defer t.item.Close()
	defer func() {
		if crash := recover(); crash != nil {
			r.fail(pec.ErrorInternal, fmt.Sprintf(p.say("internal error: %v", "errore interno: %v"), crash))
			if p.c.lang != "" {
				r.hints = append(r.hints, firstFrame(debug.Stack()))
			}
		}
		if r.err != nil {
			p.finishFailure(&r)
		}
	}()
	src, size, err := t.item.Open(ctx)
	if err != nil {
		p.notOpened(&r, err)
		return r
	}
	m, err := p.limits.Read(src, size)
	if err != nil {
		p.notRead(&r, err)
		return r
	}
	report, err := pec.Verify(m, &p.options)
	if report == nil {
		p.notRead(&r, err)
		return r
	}
	if ctx.Err() != nil {
		r.fail(pec.ErrorCanceled, p.say("canceled", "interrotto"))
		return r
	}
	p.finish(&r, report)
	if p.extract != nil {
		p.extractMessage(ctx, &r, t.number, report)
	}
	return r
}

func (r *result) fail(code pec.ErrorCode, text string) {
	r.err, r.status = &failure{code, text}, exitNoVerdict
}

// finish writes the report and answers the questions of -kind and -to.
func (p *program) finish(r *result, report *pec.Report) {
	r.text = p.render(r.file, report)
	r.status = exitCertified
	if !report.Certified {
		r.status = exitNotCertified
		r.hints = p.hints(report)
		return
	}
	if len(p.c.kinds) > 0 && !slices.Contains(p.c.kinds, report.Kind) {
		r.status = exitNotCertified
		r.warning = append(r.warning, fmt.Sprintf(p.say("is of kind %s, not of the one asked for", "è di tipo %s, non di quello richiesto"), report.Kind))
	}
	if to := p.c.to; to != "" && !strings.EqualFold(report.Data.Delivery, to) {
		r.status = exitNotCertified
		r.warning = append(r.warning, fmt.Sprintf(p.say("is about the recipient %q, not %s", "riguarda il destinatario %q, non %s"), report.Data.Delivery, to))
	}
}

func (p *program) render(file string, report *pec.Report) []byte {
	switch {
	case p.c.quiet:
		return nil
	case p.c.json:
		line, err := report.JSON(file, p.jsonLang())
		if err != nil {
			panic(err) // a report always has a form
		}
		return append(line, '\n')
	}
	var b bytes.Buffer
	t := textReport{w: &b, lang: p.c.lang, colour: p.colour}
	t.write(show(file), report)
	return b.Bytes()
}

// jsonLang is the language of details in JSON: English for programs, unless
// the command line says otherwise.
func (p *program) jsonLang() pec.Lang {
	if p.c.langGiven {
		return p.c.lang
	}
	return pec.English
}

// notOpened reports a message that the mailbox could not give.
func (p *program) notOpened(r *result, err error) {
	e, ok := errors.AsType[*mailbox.Error](err)
	if !ok {
		r.fail(pec.ErrorUnreadable, err.Error())
		return
	}
	r.fail(pec.ErrorCode(e.Code), e.Text(string(p.c.lang)))
	if e.Reason == mailbox.ReasonFormat {
		// People hold these files in either language's mail program.
		r.hints = append(r.hints, e.Format.Hint("it"), e.Format.Hint("en"))
	}
}

// notRead reports a message that could not be read, or not to its end.
func (p *program) notRead(r *result, err error) {
	if e, ok := errors.AsType[*pec.LimitError](err); ok {
		r.fail(pec.ErrorLimit, p.limitText(e))
		return
	}
	if e, ok := errors.AsType[*mailbox.Error](err); ok {
		r.fail(pec.ErrorCode(e.Code), e.Text(string(p.c.lang)))
		return
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, pec.ErrChanged) {
		r.fail(pec.ErrorUnreadable, p.say("changed while it was read", "modificato durante la lettura"))
		return
	}
	r.fail(pec.ErrorUnreadable, err.Error())
}

func (p *program) limitText(e *pec.LimitError) string {
	where := ""
	if e.Path != "" {
		where = fmt.Sprintf(p.say(", part %s", ", parte %s"), e.Path)
	}
	return fmt.Sprintf(p.say("limit passed: %s, %d%s", "superato il limite %s, %d%s"), e.Limit, e.Max, where)
}

// finishFailure gives a message without verdict its line of JSON.
func (p *program) finishFailure(r *result) {
	r.text = nil
	if !p.c.json {
		return
	}
	line, err := pec.ErrorJSON(r.file, r.err.code, r.err.text)
	if err != nil {
		panic(err) // two strings always have a form
	}
	r.text = append(line, '\n')
}

// print writes one result and returns its exit status.
func (p *program) print(r result) int {
	if _, err := p.out.Write(r.text); err != nil {
		return exitNoVerdict
	}
	if r.err != nil {
		p.diag.errorf("%s: %s", r.file, r.err.text)
	}
	for _, w := range r.warning {
		p.diag.warningf("%s: %s", r.file, w)
	}
	for _, h := range r.hints {
		p.diag.hintf("%s: %s", r.file, h)
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

// firstFrame names the place of a crash, for whoever reports it.
func firstFrame(stack []byte) string {
	for line := range strings.Lines(string(stack)) {
		if strings.HasPrefix(line, "github.com/gopec/gopec/") && !strings.Contains(line, "cmd/pecverify.(*program).verify") {
			return strings.TrimSpace(line)
		}
	}
	return "github.com/gopec/gopec"
}
