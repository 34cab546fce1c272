package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ipa": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "en_US.UTF-8")
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SERVER", serve(env))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "escaped": escaped},
	})
}

// exits runs a command and wants its exit status: exits 1 ipa whose …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: exits N command…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		status := err.Error() // "exit status 1"
		if got, err = strconv.Atoi(status[strings.LastIndexByte(status, ' ')+1:]); err != nil {
			ts.Fatalf("%s", status)
		}
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// escaped turns \xNN in a file into bytes, which txtar cannot hold.
func escaped(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	raw, err := os.ReadFile(path)
	ts.Check(err)
	var out strings.Builder
	for text := string(raw); text != ""; {
		if strings.HasPrefix(text, `\x`) {
			n, err := strconv.ParseUint(text[2:4], 16, 8)
			ts.Check(err)
			out.WriteByte(byte(n))
			text = text[4:]
			continue
		}
		out.WriteByte(text[0])
		text = text[1:]
	}
	ts.Check(os.WriteFile(path, []byte(out.String()), 0o600))
}

// serve offers generated dumps that are large enough for the checks of a
// download, under the ids of the real ones.
func serve(env *testscript.Env) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		switch {
		case strings.Contains(r.URL.Path, "/broken/"):
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<html>")
		case strings.HasSuffix(r.URL.Path, "d09adf99-dc10-4349-8c53-27b1e5aa97b6"):
			io.WriteString(w, "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,Tipo_Mail1\n")
			for i := range 20_000 {
				fmt.Fprintf(w, "c_%d,Comune di Luogo%d,,a%d@pec.example.it,Pec\n", i, i, i)
			}
		case strings.HasSuffix(r.URL.Path, "ef44cd11-74e2-457c-b425-4812dc102d18"):
			io.WriteString(w, "Codice_IPA,pec\n")
			for i := range 15_000 {
				fmt.Fprintf(w, "c_%d,a%d@pec.example.it\n", i, i)
			}
		case strings.HasSuffix(r.URL.Path, "cdaded04-f84e-4193-a720-47d6d5f422aa"):
			io.WriteString(w, "Codice_IPA,Codice_uni_aoo,Denominazione_aoo,Mail1\n")
			for i := range 20_000 {
				fmt.Fprintf(w, "c_%d,A%06d,Protocollo,\n", i, i)
			}
		case strings.HasSuffix(r.URL.Path, "b0aa1f6c-f135-4c8a-b416-396fed4e1a5d"):
			io.WriteString(w, "Codice_IPA,Codice_uni_uo,Descrizione_uo,Mail1\n")
			for i := range 100_000 {
				fmt.Fprintf(w, "c_%d,%06d,Ufficio,\n", i%20_000, i)
			}
		case strings.HasSuffix(r.URL.Path, "57bd2be0-4d3d-41cd-bdb8-2f0a60d6f490"):
			io.WriteString(w, "Codice_IPA,Codice_uni_uo,Codice_fiscale_sfe\n")
			for i := range 15_000 {
				fmt.Fprintf(w, "c_%d,%06d,\n", i, i)
			}
		default:
			io.WriteString(w, "Codice_categoria,Nome_categoria\n")
			for i := range 20 {
				fmt.Fprintf(w, "L%d,Categoria\n", i)
			}
		}
	}))
	env.Defer(server.Close)
	return server.URL
}
