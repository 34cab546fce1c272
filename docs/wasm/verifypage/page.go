package verifypage

import (
	"html"
	"strings"
	"time"

	"github.com/gopec/gopec/pec"
)

// Page returns a view as a page of HTML to be printed or kept: one file, no
// script, no link, nothing to be loaded, which its own policy forbids besides.
// made is the time to be shown as that of the verification.
func (v *View) Page(l pec.Lang, made time.Time) string {
	p := page{words: func(en, it string) string { return phrase{en, it}.in(l) }}
	lang := string(pec.English)
	if l == pec.Italian {
		lang = string(pec.Italian)
	}
	p.raw(`<!doctype html><html lang="` + lang + `"><head><meta charset="utf-8">` +
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">` +
		`<meta name="viewport" content="width=device-width"><title>`)
	p.text(p.words("Verification of a PEC message", "Verifica di un messaggio PEC"))
	p.raw("</title><style>" + pageStyle + "</style></head><body>")
	p.view(v, 1)
	p.raw("<footer>")
	p.text(p.words("Verified with gopec on ", "Verificato con gopec il ") + moment(made, l) + p.words(", in the browser, offline. Not legal advice. To verify again the message itself is needed, not this page.",
		", nel browser, senza rete. Non è un parere legale. Per ripetere la verifica serve il messaggio, non questa pagina."))
	p.raw("</footer></body></html>\n")
	return p.out.String()
}

const pageStyle = `body{font:11pt/1.45 Georgia,serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111;background:#fff}` +
	`h1{font-size:1.5em}h2{font-size:1.15em;margin:1.4em 0 .3em}table{border-collapse:collapse;width:100%}` +
	`th,td{text-align:left;vertical-align:top;padding:.15em .6em .15em 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}` +
	`th{width:11em;font-weight:normal;color:#444}section{margin-left:1.2em;padding-left:1em;border-left:2px solid #bbb}` +
	`.c{font-size:.85em}footer{margin-top:2em;font-size:.85em;color:#444}@media print{tr{break-inside:avoid}}`

type page struct {
	out   strings.Builder
	words func(en, it string) string
}

// raw writes markup, which never comes from outside.
func (p *page) raw(s string) { p.out.WriteString(s) }

// text writes text.
func (p *page) text(s string) { p.out.WriteString(html.EscapeString(s)) }

func (p *page) element(name, text string) {
	p.raw("<" + name + ">")
	p.text(text)
	p.raw("</" + name + ">")
}

func (p *page) view(v *View, depth int) {
	heading := "h1"
	if depth > 1 {
		heading = "h2"
	}
	outcome := v.Outcome
	if v.Verdict != "" {
		outcome += " (" + v.Verdict + ")"
	}
	p.element(heading, outcome)
	p.element("p", v.File)
	for _, m := range v.Meaning {
		p.element("p", m)
	}
	p.section(v.Facts)
	p.notes(p.words("Why", "Perché"), v.Failures)
	p.notes(p.words("Needs attention", "Avvertenze"), v.Warnings)
	p.section(v.Outside)
	p.section(v.How)
	p.checks(v)
	for _, in := range v.Layers {
		p.raw("<section>")
		p.view(in, depth+1)
		p.raw("</section>")
	}
}

func (p *page) section(s *Section) {
	if s == nil {
		return
	}
	p.element("h2", s.Heading)
	if s.Lead != "" {
		p.element("p", s.Lead)
	}
	p.raw("<table>")
	for _, r := range s.Rows {
		p.raw("<tr><th scope=row>")
		p.text(r.Label)
		p.raw("</th><td>")
		for i, value := range r.Values {
			if i > 0 {
				p.raw("<br>")
			}
			p.element("bdi", value)
		}
		if r.Note != "" {
			p.raw("<br>")
			p.element("em", r.Note)
		}
		p.raw("</td></tr>")
	}
	p.raw("</table>")
}

func (p *page) notes(heading string, notes []Note) {
	if len(notes) == 0 {
		return
	}
	p.element("h2", heading)
	p.raw("<ul>")
	for _, n := range notes {
		p.element("li", n.Detail)
	}
	p.raw("</ul>")
}

func (p *page) checks(v *View) {
	if len(v.Checks) == 0 {
		return
	}
	p.element("h2", p.words("Checks: ", "Verifiche: ")+v.Counts)
	p.raw("<table class=c>")
	for _, c := range v.Checks {
		p.raw("<tr><td>")
		p.text(c.Word)
		p.raw("</td><td>")
		p.text(c.Title + " (" + c.ID + ", " + c.Clause + ")")
		p.raw("</td><td>")
		p.text(c.Detail)
		p.raw("</td></tr>")
	}
	p.raw("</table>")
}
