package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// The keys of a line of JSON, which programs rely on.
var (
	reportKeys = []string{"schema", "file", "kind", "certified", "proves", "verdict", "subIndication", "policy",
		"proofOfExistence", "referenceTime", "signer", "data", "checks", "layers"}
	errorKeys  = []string{"schema", "file", "error"}
	signerKeys = []string{"email", "commonName", "organization", "issuer", "serial", "sha256", "notBefore", "notAfter"}
	dataKeys   = []string{"tipo", "errore", "mittente", "destinatari", "risposte", "oggetto", "gestoreEmittente", "data",
		"identificativo", "msgid", "ricevuta", "consegna", "ricezione", "erroreEsteso"}
	checkKeys = []string{"id", "status", "clause", "detail"}
	sentKeys  = []string{"file", "sha256", "match", "parts"}
	partKeys  = []string{"path", "name", "mediaType", "status"}
)

// cmdSent is like lines, of a run with -sent: every line has one more key.
func cmdSent(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 1, "sent NUMBER")
	all := jsonLines(ts)
	if strconv.Itoa(len(all)) != args[0] {
		ts.Fatalf("%d lines, not %s", len(all), args[0])
	}
	for _, line := range all {
		sent, ok := line["sent"].(map[string]any)
		if !ok {
			ts.Fatalf("sent is %v", line["sent"])
		}
		checkKeysOf(ts, "sent", sent, sentKeys)
		for _, part := range sent["parts"].([]any) {
			checkKeysOf(ts, "part", part.(map[string]any), partKeys)
		}
		delete(line, "sent")
		checkLine(ts, line)
	}
}

// cmdLines wants standard output to be so many lines of JSON and nothing else,
// each with every key of the contract. Files, if given, are those of the lines
// in order.
//
//	lines 2 a.eml b.eml
func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 1, "lines NUMBER [FILE...]")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	all := jsonLines(ts)
	if len(all) != want {
		ts.Fatalf("%d lines, not %d", len(all), want)
	}
	files := unescapeAll(ts, args[1:])
	for i, line := range all {
		checkLine(ts, line)
		if len(files) > 0 && (i >= len(files) || line["file"] != files[i]) {
			ts.Fatalf("line %d is about %q", i+1, line["file"])
		}
	}
}

func jsonLines(ts *testscript.TestScript) []map[string]any {
	out := ts.ReadFile("stdout")
	if out != "" && !strings.HasSuffix(out, "\n") {
		ts.Fatalf("the last line has no end")
	}
	var all []map[string]any
	for line := range strings.Lines(out) {
		var v map[string]any
		ts.Check(json.Unmarshal([]byte(line), &v))
		all = append(all, v)
	}
	return all
}

func checkLine(ts *testscript.TestScript, line map[string]any) {
	if line["schema"] != "pecverify/1" {
		ts.Fatalf("schema %v", line["schema"])
	}
	if e, ok := line["error"].(map[string]any); ok {
		checkKeysOf(ts, "line", line, errorKeys)
		checkKeysOf(ts, "error", e, []string{"code", "message"})
		return
	}
	checkKeysOf(ts, "line", line, reportKeys)
	if s, ok := line["signer"].(map[string]any); ok {
		checkKeysOf(ts, "signer", s, signerKeys)
	}
	if d, ok := line["data"].(map[string]any); ok {
		checkKeysOf(ts, "data", d, dataKeys)
	}
	for _, c := range line["checks"].([]any) {
		checkKeysOf(ts, "check", c.(map[string]any), checkKeys)
	}
}

// checkKeysOf wants the keys of a line, all of them and, so that none slips in
// without the contract, no other.
func checkKeysOf(ts *testscript.TestScript, what string, got map[string]any, want []string) {
	var keys []string
	for k := range got {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(keys, want) {
		ts.Fatalf("%s has keys %q, not %q", what, keys, want)
	}
}

// cmdJSON wants a value of one line, or of one check of it.
//
//	json 1 data.destinatari.0.tipo '"certificato"'
//	json 1 checks.header.reply-to.status '"warn"'
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, false, len(args) == 3, "json LINE PATH VALUE")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	all := jsonLines(ts)
	if n < 1 || n > len(all) {
		ts.Fatalf("no line %d", n)
	}
	var want any
	ts.Check(json.Unmarshal([]byte(args[2]), &want))
	got := at(ts, all[n-1], args[1])
	if reflect.DeepEqual(got, want) == neg {
		shown, _ := json.Marshal(got)
		ts.Fatalf("%s is %s", args[1], shown)
	}
}

func at(ts *testscript.TestScript, v any, path string) any {
	if line, ok := v.(map[string]any); ok && strings.HasPrefix(path, "checks.") {
		dot := strings.LastIndexByte(path, '.')
		for _, c := range line["checks"].([]any) {
			if check := c.(map[string]any); check["id"] == path[len("checks."):dot] {
				return check[path[dot+1:]]
			}
		}
		ts.Fatalf("no check of %s", path)
	}
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(x) {
				ts.Fatalf("no element %s of %s", key, path)
			}
			v = x[i]
		default:
			ts.Fatalf("nothing at %s of %s", key, path)
		}
	}
	return v
}

// cmdPlain wants standard output and standard error to be harmless.
func cmdPlain(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 0, "plain")
	for _, name := range []string{"stdout", "stderr"} {
		if bad := harmful(ts.ReadFile(name)); bad != "" {
			ts.Fatalf("%s holds %s", name, bad)
		}
	}
}

// cmdZip writes an archive; what -encrypted and -stored say holds for the
// entries behind them.
//
//	zip OUT [-stored] [-encrypted] NAME=FILE|NAME=text:TEXT...
func cmdZip(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 1, "zip OUT [-stored] [-encrypted] NAME=FILE...")
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	method, flags := zip.Deflate, uint16(0)
	for _, a := range args[1:] {
		switch a {
		case "-stored":
			method = zip.Store
			continue
		case "-encrypted":
			flags |= 1
			continue
		}
		name, file, _ := strings.Cut(unescape(ts, a), "=")
		text, isText := strings.CutPrefix(file, "text:")
		content := []byte(text)
		if !isText {
			content = []byte(ts.ReadFile(file))
		}
		e, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method, Flags: flags})
		ts.Check(err)
		_, err = e.Write(content)
		ts.Check(err)
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o666))
}
