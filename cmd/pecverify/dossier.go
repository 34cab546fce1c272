package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/pec"
)

// dossierRun is what a run with -dossier holds.
type dossierRun struct {
	builder *dossier.Builder
	out     *outFile
}

// openDossier begins the dossier and its file.
func (p *program) openDossier() *usageError {
	if err := p.keepsInputs("-dossier", p.c.dossier); err != nil {
		return err
	}
	s := p.sent[0]
	b, err := dossier.New(dossier.File{Name: s.file, SHA256: s.sha256, Size: s.size}, s.mail, s.length,
		&dossier.Options{Clock: p.options.Clock, Program: "pecverify " + version()})
	if err != nil {
		return notRead(err).usage("-sent", p.c.sent[0])
	}
	out, err := newOutFile(p.c.dossier, p.c.force)
	if err != nil {
		return outError("-dossier", p.c.dossier, err)
	}
	p.dossier = &dossierRun{b, out}
	return nil
}

// keepsInputs refuses an OUT that is one of the files that are read, which -force
// would replace, or that lies in a folder that is read, where the next run would
// find it.
func (p *program) keepsInputs(flag, out string) *usageError {
	for _, f := range p.c.files {
		if f != "-" && lies(out, f) {
			return usagef("%s: %s lies in %s, which is read", "%s: %s è dentro %s, che viene letta", flag, out, f)
		}
	}
	info, err := os.Stat(out)
	if err != nil {
		return nil // there is nothing to replace
	}
	for _, f := range p.c.read() {
		if other, err := os.Stat(f); err == nil && os.SameFile(info, other) {
			return usagef("%s: %s is read, and cannot be written", "%s: %s viene letto, e non si può scrivere", flag, out)
		}
	}
	return nil
}

// digestOf hashes a message as it was given.
func digestOf(ctx context.Context, src io.ReaderAt, size int64) (string, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, cancelReader{ctx, io.NewSectionReader(src, 0, size)})
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return hex.EncodeToString(sum.Sum(nil)), err
}

// examined is the entry of a message with a verdict. The digest that stands beside
// it must be of the very bytes that the verdict is about: it is taken before they
// are read and again after that.
func (p *program) examined(ctx context.Context, r *result, src io.ReaderAt, size int64, digest string, report *pec.Report) {
	e := p.dossier.builder.Examine(dossier.File{Name: r.file, SHA256: digest, Size: size}, report)
	again, err := digestOf(ctx, src, size)
	switch {
	case err != nil:
		r.fail(notRead(err))
	case again != digest:
		r.fail(notRead(pec.ErrChanged))
	default:
		r.entry = e
	}
}

// notExamined is the entry of what has no verdict.
func notExamined(r *result) *dossier.Entry {
	return dossier.Failed(dossier.File{Name: r.file, Size: -1}, r.err.code, dossier.Words{English: r.err.en, Italian: r.err.it})
}

// writeDossier writes the dossier and says what it says. Its status is 0 if the
// dossier is complete, and 2 if it could not be written or a receipt not compared.
func (p *program) writeDossier(ctx context.Context, boxes []*input) int {
	for _, b := range boxes {
		p.dossier.builder.LeftOut(b.Others().Count)
	}
	d := p.dossier.builder.Dossier()
	err := p.dossier.out.publish(func(w io.Writer) error {
		if err := p.writeAs(formatOf(p.c.dossier), w, d); err != nil {
			return err
		}
		return ctx.Err()
	})
	switch {
	case errors.Is(err, context.Canceled):
		return p.noDossier()
	case err != nil:
		p.diag.errorf("%s", outError("-dossier", p.c.dossier, err).text(p.c.lang))
		return exitNoVerdict
	}
	status := exitNotCertified
	if d.Complete() {
		status = exitCertified
	}
	for _, reason := range d.Reasons {
		if reason.Code == dossier.ReasonNotCompared {
			status = exitNoVerdict
		}
	}
	if !p.c.json && !p.c.quiet {
		p.summary(d)
		if p.out.err != nil {
			return p.outputFailed()
		}
	}
	return status
}

// noDossier says that a run that was interrupted leaves no file.
func (p *program) noDossier() int {
	p.diag.errorf("%s", p.say("interrupted: no dossier was written", "interrotto: nessun dossier è stato scritto"))
	return exitNoVerdict
}

func (p *program) writeAs(f format, w io.Writer, d *dossier.Dossier) error {
	switch f {
	case formatHTML:
		return d.WriteHTML(w, p.c.lang)
	case formatJSON:
		return d.WriteJSON(w, p.c.jsonLang())
	}
	return d.WriteText(w, p.c.lang)
}

// summary is what standard output says in place of the verdicts, which stand in
// the dossier.
func (p *program) summary(d *dossier.Dossier) {
	t := textReport{w: p.out, lang: p.c.lang, colour: p.colour}
	if d.Complete() {
		t.line("%s", t.paint("32;1", t.words("complete: every recipient has a certified delivery of this mail",
			"completo: per ogni destinatario c'è la consegna certificata di questo messaggio")))
	} else {
		t.line("%s", t.paint("31;1", t.words("NOT complete", "NON completo")))
	}
	t.field("dossier", p.c.dossier)
	t.field(t.words("sent", "inviato"), d.Sent.Name)
	for i := range d.Messages {
		for _, r := range d.Messages[i].Recipients {
			if r.Complete() {
				t.point("32", "✓", t.words("delivered ", "consegnato ")+t.moment(r.Delivered)+": "+r.Address)
			}
		}
	}
	for _, reason := range d.Reasons {
		detail := reason.Detail.In(p.c.lang)
		if reason.Recipient != "" {
			detail += ": " + reason.Recipient
		}
		t.point("31", "✗", detail)
	}
}

// point writes one sentence under a mark; what is outside text in it comes last.
func (t *textReport) point(colour, mark, s string) {
	t.hanging("  "+t.paint(colour, mark)+" ", len("  x "), show(s))
}
