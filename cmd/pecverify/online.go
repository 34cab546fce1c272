package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/online"
	"github.com/gopec/gopec/trust/revocation"
)

// openOnline prepares -online: what is fetched is kept in the user's cache
// folder, if there is one.
func (p *program) openOnline() {
	if !p.c.online {
		return
	}
	p.online = &online.Client{Hosts: p.c.onlineHosts}
	if folder, err := os.UserCacheDir(); err == nil {
		p.online.Cache = filepath.Join(folder, "gopec", "revocation")
	}
}

// fetch asks the network about the signer of a message that has a path, and
// verifies the message again with what came back. What went wrong is told and
// changes nothing: without an answer, revocation is not checked.
//
// What a bundle keeps is no reason not to ask: whoever made the bundle chose it, and
// could have chosen a list from before a revocation. It counts beside the answers.
func (p *program) fetch(ctx context.Context, m *pec.Message, o pec.VerifyOptions, report *pec.Report, kept *keptMessage) (*pec.Report, []string, error) {
	if p.online == nil || !wantsAnswers(report) {
		return report, nil, nil
	}
	data := p.options.Revocation.Clone()
	told := p.collect(ctx, report, data)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	o.Revocation, _ = kept.joined(data) // what cannot be used was told before
	again, err := pec.Verify(m, &o)
	if again == nil {
		return nil, nil, err
	}
	return again, told, nil
}

// wantsAnswers reports whether a layer has a path that can be asked about.
func wantsAnswers(r *pec.Report) bool {
	if len(r.Links) > 0 {
		return true
	}
	for _, inner := range r.Layers {
		if wantsAnswers(inner) {
			return true
		}
	}
	return false
}

func (p *program) collect(ctx context.Context, r *pec.Report, data *revocation.Data) (told []string) {
	problems := p.online.Collect(ctx, r.Links, r.ReferenceTime.Time, p.options.Clock(), data)
	for _, problem := range problems {
		told = append(told, p.say("not learnt: ", "non appreso: ")+problem.Error())
	}
	for _, inner := range r.Layers {
		told = append(told, p.collect(ctx, inner, data)...)
	}
	return told
}
