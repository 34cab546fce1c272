package dossier_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/gopec/gopec/pec"
)

func TestLook(t *testing.T) {
	c := circuit(t)
	mail := submit(t, c, letter{to: []string{one, broken, external}})
	submit(t, c, letter{to: []string{two}, id: "altro@example.it"})
	c.Clock().Advance(2 * time.Hour)
	d := of(t, c, mail, input{"atto.eml", mail})
	d2 := of(t, c, letter{to: []string{one, broken, external}, act: "altro\n", quoted: true}.bytes())
	dir := "/tmp/dossier-look/"
	os.MkdirAll(dir, 0o755)
	for _, l := range []pec.Lang{"it", "en"} {
		var a, b, e, f bytes.Buffer
		d.WriteText(&a, l)
		d.WriteHTML(&b, l)
		d.WriteJSON(&e, l)
		d2.WriteText(&f, l)
		os.WriteFile(dir+string(l)+".txt", a.Bytes(), 0o644)
		os.WriteFile(dir+string(l)+".html", b.Bytes(), 0o644)
		os.WriteFile(dir+string(l)+".json", e.Bytes(), 0o644)
		os.WriteFile(dir+string(l)+"-2.txt", f.Bytes(), 0o644)
	}
}
