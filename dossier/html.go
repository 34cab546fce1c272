package dossier

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/gopec/gopec/pec"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

// WriteHTML writes the dossier as one page of HTML for screen and A4 paper. It
// refers to nothing outside itself, and a content security policy forbids all but
// its own style: no script, no link, no picture. The error is the writer's.
func (d *Dossier) WriteHTML(w io.Writer, l pec.Lang) error {
	style := d.style(l)
	sum := sha256.Sum256([]byte(style))
	var b bytes.Buffer
	err := htmlPage().Execute(&b, struct {
		*view
		Style template.CSS
		Hash  string
	}{d.view(l), template.CSS(style), base64.StdEncoding.EncodeToString(sum[:])})
	if err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// htmlPage is made when the first page is written: most programs write none.
var htmlPage = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageTemplate)) })

// style is the page's style sheet. The line on top of each printed page names the
// sent file by its hash, so that no sheet strays into another dossier; nothing but
// hex gets there, and no other outside text.
func (d *Dossier) style(l pec.Lang) string {
	p := pen{l}
	head := p.say("PEC dossier", "Dossier PEC")
	if sum, err := hex.DecodeString(d.Sent.SHA256); err == nil && len(sum) == sha256.Size {
		head += fmt.Sprintf(" · SHA-256 %x…", sum[:8])
	}
	return pageStyle + fmt.Sprintf(`
@page {
  @top-left { content: "%s"; }
  @top-right { content: "%s"; }
  @bottom-right { content: "%s " counter(page) " %s " counter(pages); }
}
`, head, p.time(d.Made), p.say("page", "pagina"), p.say("of", "di"))
}
