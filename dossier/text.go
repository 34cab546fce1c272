package dossier

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gopec/gopec/pec"
)

// columns is how wide the text is.
const columns = 80

// WriteText writes the dossier as UTF-8 text of at most 80 characters a line. The
// error is the writer's.
func (d *Dossier) WriteText(w io.Writer, l pec.Lang) error {
	var p page
	p.dossier(d.view(l))
	_, err := io.WriteString(w, p.b.String())
	return err
}

// page is text of bounded width. Line ends are its own: no text that is written
// has any.
type page struct{ b strings.Builder }

// paragraph writes text, its first line behind first, the others behind spaces as
// wide.
func (p *page) paragraph(first, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(first))
	prefix := first
	for _, line := range wrap(text, columns-len(indent)) {
		p.b.WriteString(strings.TrimRight(prefix+line, " ") + "\n")
		prefix = indent
	}
}

func (p *page) blank() { p.b.WriteString("\n") }

func (p *page) heading(text string) {
	p.blank()
	p.b.WriteString(strings.ToUpper(text) + "\n" + strings.Repeat("-", utf8.RuneCountInString(text)) + "\n")
}

func (p *page) items(title string, list []string) {
	if len(list) == 0 {
		return
	}
	p.heading(title)
	for _, s := range list {
		p.paragraph("- ", s)
	}
}

func (p *page) fields(indent string, list []field) {
	width := 0
	for _, f := range list {
		width = max(width, utf8.RuneCountInString(f.Label))
	}
	for _, f := range list {
		if f.Mono && len(indent)+width+2+len(f.Value) > columns {
			p.paragraph(indent, f.Label)
			p.paragraph(indent+"  ", f.Value)
			continue
		}
		p.paragraph(fmt.Sprintf("%s%-*s  ", indent, width, f.Label), f.Value)
	}
}

func (p *page) dossier(v *view) {
	p.paragraph("", v.say("DOSSIER OF A CERTIFIED E-MAIL MESSAGE (PEC)", "DOSSIER DI UN MESSAGGIO DI POSTA ELETTRONICA CERTIFICATA (PEC)"))
	p.blank()
	p.paragraph("", v.Headline)
	p.blank()
	p.paragraph("", v.say("Made on ", "Redatto il ")+v.Made)
	if v.Program != "" {
		p.paragraph("", v.say("Made with ", "Redatto con ")+v.Program)
	}
	p.items(v.say("Why it is not complete", "Perché non è completo"), v.Reasons)
	p.items(v.say("To be known", "Avvertenze"), v.Notes)
	p.heading(v.say("Sent file", "File inviato"))
	p.fields("", v.Sent)
	for i := range v.Messages {
		p.message(v, i)
	}
	p.heading(v.say("Files examined", "File esaminati"))
	for i := range v.Files {
		p.file(v, &v.Files[i])
	}
	if v.LeftOut > 0 {
		p.paragraph("", fmt.Sprintf(v.say("Files not examined, because they are no messages: %d", "File non esaminati, perché non sono messaggi: %d"), v.LeftOut))
	}
	if len(v.Verified) > 0 {
		p.heading(v.say("Verification", "Verifica"))
		p.fields("", v.Verified)
	}
	p.items(v.say("What was not checked", "Verifiche non effettuate"), v.Unchecked)
	p.items(v.say("What the checks warn of", "Avvisi delle verifiche"), v.Warnings)
	p.items(v.say("What this dossier is not", "Che cosa questo dossier non è"), v.Disclaimers)
}

func (p *page) message(v *view, i int) {
	m := &v.Messages[i]
	title := v.say("Certified message", "Messaggio certificato")
	if len(v.Messages) > 1 {
		title += fmt.Sprintf(v.say(" (%d of %d possible)", " (%d di %d possibili)"), i+1, len(v.Messages))
	}
	p.heading(title)
	p.fields("", m.Fields)
	for _, s := range m.Contradictions {
		p.paragraph("! ", s)
	}
	p.blank()
	p.steps(v, "", m.Steps)
	p.heading(v.say("Recipients", "Destinatari"))
	for i := range m.Recipients {
		if i > 0 {
			p.blank()
		}
		p.recipient(v, &m.Recipients[i])
	}
}

func (p *page) steps(v *view, indent string, list []viewStep) {
	for _, s := range list {
		p.paragraph(indent+s.Time+"  ", s.Event)
		p.paragraph(indent+"  ", strings.Join(s.Issuer, ", "))
		p.paragraph(indent+"  ", "file "+s.Files)
	}
}

func (p *page) recipient(v *view, r *viewRecipient) {
	const indent = "   "
	p.paragraph(fmt.Sprintf("%d. ", r.Number), r.Address)
	p.paragraph(indent, map[string]string{"good": "[OK] ", "bad": "[!!] ", "open": "[..] "}[r.Class]+r.Status)
	p.steps(v, indent, r.Steps)
	for _, s := range []string{r.Failure, r.Content} {
		if s != "" {
			p.paragraph(indent, s)
		}
	}
	for _, s := range r.Parts {
		p.paragraph(indent+"! ", s)
	}
	for _, s := range r.Headers {
		p.paragraph(indent+"~ ", s)
	}
	for _, s := range r.Problems {
		p.paragraph(indent+"! ", s)
	}
	for i, s := range r.Missing {
		if i == 0 {
			s = v.say("missing: ", "manca: ") + s
		}
		p.paragraph(indent, s)
	}
}

func (p *page) file(v *view, f *viewFile) {
	const indent = "   "
	p.paragraph(fmt.Sprintf("%d. ", f.Number), f.Name)
	p.paragraph(indent, "SHA-256 "+f.SHA256)
	p.paragraph(indent, f.Size)
	for _, s := range append(f.Remarks, f.Failure) {
		if s != "" {
			p.paragraph(indent, s)
		}
	}
	for _, x := range f.Verdicts {
		for i, s := range append([]string{x.Inside, x.Kind, x.Outcome, strings.Join(x.Issuer, ", "), x.Time, x.Use, x.Content}, x.Problems...) {
			if s != "" {
				p.paragraph(indent+map[bool]string{true: "! "}[i > 6], s)
			}
		}
	}
	p.blank()
}

// wrap cuts text into lines of at most width characters, at spaces where it can.
func wrap(text string, width int) []string {
	width = max(width, 20)
	var lines []string
	line, n := "", 0
	flush := func() {
		lines = append(lines, line)
		line, n = "", 0
	}
	for word := range strings.SplitSeq(text, " ") {
		size := utf8.RuneCountInString(word)
		if n > 0 && n+1+size > width {
			flush()
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		for size > width { // nothing but a cut helps
			runes := []rune(word)
			line += string(runes[:width-n])
			word = string(runes[width-n:])
			flush()
			size = utf8.RuneCountInString(word)
		}
		line, n = line+word, n+size
	}
	flush()
	return lines
}
