package dossier_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
)

// browser opens pages in Chromium without a window. Whatever a page asks of the
// network ends at a proxy of its own, which notes the address.
type browser struct {
	program, dir string
	proxy        *httptest.Server
	mu           sync.Mutex
	asked        []string
}

func newBrowser(t *testing.T) *browser {
	b := &browser{program: counterpart.Look(t, "chromium"), dir: t.TempDir()}
	b.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.asked = append(b.asked, r.Method+" "+r.RequestURI)
		http.Error(w, "no network here", http.StatusForbidden)
	}))
	t.Cleanup(b.proxy.Close)
	return b
}

// open opens a page and returns what the browser writes: its answer, and what the
// page's console said.
func (b *browser) open(t *testing.T, page string, args ...string) (out, console string) {
	t.Helper()
	path := filepath.Join(b.dir, "dossier.html")
	require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-extensions", "--user-data-dir=" + filepath.Join(b.dir, "profile"),
		"--proxy-server=" + b.proxy.URL, "--proxy-bypass-list=<-loopback>", "--enable-logging=stderr"}, args...)
	cmd := exec.CommandContext(ctx, b.program, append(args, "file://"+path)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") || strings.Contains(line, "Content Security Policy") {
			console += line
		}
	}
	return stdout.String(), console
}

// requests are those for the hosts that pages of these tests name. The browser's
// own, which are not the page's, are left out.
func (b *browser) requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.asked), func(s string) bool { return !strings.Contains(s, "example") })
}

// print prints a page on A4 and returns how many sheets it takes.
func (b *browser) print(t *testing.T, page string) (sheets int) {
	t.Helper()
	path := filepath.Join(b.dir, "dossier.pdf")
	_, console := b.open(t, page, "--no-pdf-header-footer", "--print-to-pdf="+path)
	require.Empty(t, console)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	boxes := regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`).FindAllSubmatch(file, -1)
	require.NotEmpty(t, boxes)
	for _, box := range boxes {
		for i, want := range []float64{595.28, 841.89} { // A4 in points
			n, err := strconv.ParseFloat(string(box[i+1]), 64)
			require.NoError(t, err)
			require.InDelta(t, want, n, 1, "A4")
		}
	}
	return len(regexp.MustCompile(`/Type /Page\b`).FindAll(file, -1))
}

// TestChromium renders pages as a person sees them.
func TestChromium(t *testing.T) {
	b := newBrowser(t)
	_, plain, _ := written(t, exampleDossier(t, "accettazione.eml", "avvenuta-consegna.eml"), pec.Italian)

	t.Run("the tools find what is wrong", func(t *testing.T) {
		_, console := b.open(t, strings.Replace(plain, "size: A4", "size: A3", 1), "--dump-dom")
		require.Contains(t, console, "Content Security Policy", "a style that was changed is refused")
		_, console = b.open(t, strings.Replace(plain, "</body>", `<script>x()</script></body>`, 1), "--dump-dom")
		require.Contains(t, console, "Content Security Policy", "so is a script")
		image := `<img src="http://foto.example.com/x.png">`
		b.open(t, strings.Replace(plain, "</body>", image+"</body>", 1), "--dump-dom")
		require.Empty(t, b.requests(), "a picture is not fetched")
		b.open(t, "<!DOCTYPE html>"+image, "--dump-dom")
		require.NotEmpty(t, b.requests(), "without the policy it is")
		b.mu.Lock()
		defer b.mu.Unlock()
		b.asked = nil
	})
	t.Run("a page loads nothing and breaks no rule", func(t *testing.T) {
		dom, console := b.open(t, plain, "--dump-dom")
		require.Empty(t, console)
		require.Empty(t, b.requests())
		require.Contains(t, dom, "COMPLETO: consegnato al destinatario")
		require.InDelta(t, 2.5, b.print(t, plain), 0.5, "one recipient, three files: two sheets or three, as the fonts have it")
	})
	t.Run("hostile text is text", func(t *testing.T) {
		_, page, _ := written(t, hostileDossier(t), pec.English)
		dom, console := b.open(t, page, "--dump-dom")
		require.Empty(t, console)
		require.Empty(t, b.requests())
		for _, tag := range []string{"<script", "<img", "<a ", "<b>", "<i>"} {
			require.NotContains(t, dom, tag)
		}
		require.Contains(t, dom, "&lt;script&gt;alert(1)&lt;/script&gt;", "it is shown")
		require.NoError(t, onlyOurs(dom), "what the browser made of it is what was written")
		require.Positive(t, b.print(t, page))
	})
	t.Run("many recipients", func(t *testing.T) {
		_, page, _ := written(t, manyDossier(t, 60), pec.Italian)
		sheets := b.print(t, page)
		require.Greater(t, sheets, 15)
		require.Less(t, sheets, 60)
	})
}

// manyDossier is one about a message to n recipients, some with long addresses.
func manyDossier(t testing.TB, n int) *dossier.Dossier {
	t.Helper()
	var l letter
	for i := range n {
		l.to = append(l.to, fmt.Sprintf("ufficio.%03d%s@pec.example.com", i, strings.Repeat(".molto.lungo", i%5)))
	}
	x := exchange{l, "opec1@pec.example.it"}
	files := []input{x.accepted()}
	for i, a := range l.to {
		if i%7 == 3 {
			files = append(files, x.failed(a))
		} else {
			files = append(files, x.delivered(a))
		}
	}
	return signed(t, x.mail(), files...)
}

// TestLook writes pages for a person to look at, where PEC_LOOK names a folder.
func TestLook(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("PEC_LOOK")
	if dir == "" {
		t.Skip("PEC_LOOK names no folder")
	}
	for name, d := range map[string]*dossier.Dossier{"hostile": hostileDossier(t), "many": manyDossier(t, 60), "mixed": exampleDossier(t, mixed...)} {
		for _, l := range []pec.Lang{pec.English, pec.Italian} {
			text, page, object := written(t, d, l)
			for ending, content := range map[string]string{"txt": text, "html": page, "json": object} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name+"-"+string(l)+"."+ending), []byte(content), 0o644))
			}
		}
	}
}
