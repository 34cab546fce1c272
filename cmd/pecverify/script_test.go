package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what commands print into the scripts that compare it")

func init() {
	testMain = func(m cleaning) { testscript.Main(m, map[string]func(){"pecverify": mainAt}) }
}

// mainAt is main with another present time, if the script sets one.
func mainAt() {
	if at, err := time.Parse(time.RFC3339, os.Getenv("PECVERIFY_TEST_NOW")); err == nil {
		now = func() time.Time { return at }
	}
	main()
}

// TestScripts runs testdata/script. Each script says on its first line why it
// exists. In every one the folder messages holds the example messages, and
// test-ca.pem their authority.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               prepare,
		Condition:           condition,
		Cmds:                scriptCommands,
	})
}

func prepare(env *testscript.Env) error {
	for _, name := range []string{"LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "TERM"} {
		env.Setenv(name, "")
	}
	dir := filepath.Join(env.WorkDir, "messages")
	if err := os.CopyFS(dir, os.DirFS(filepath.FromSlash("../../examples/messages"))); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, "main.go")); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, "test-ca.pem"), filepath.Join(env.WorkDir, "test-ca.pem"))
}

// condition knows root, whom no file's mode keeps out, and dev-full, a device
// that takes nothing.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "dev-full":
		_, err := os.Stat("/dev/full")
		return err == nil, nil
	}
	return false, errors.New("no such condition: " + name)
}

var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":  cmdExits,
	"bytes":  cmdBytes,
	"copy":   cmdCopy,
	"join":   cmdJoin,
	"cut":    cmdCut,
	"sparse": cmdSparse,
	"zip":    cmdZip,
	"lines":  cmdLines,
	"json":   cmdJSON,
	"sent":   cmdSent,
	"plain":  cmdPlain,
	"mode":   cmdMode,
}

// cmdExits runs a command and wants an exit status, which "!" cannot tell: 1
// and 2 are different answers.
//
//	exits 1 pecverify a.eml
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 2, "exits STATUS COMMAND [ARGUMENT...]")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], unescapeAll(ts, args[2:])...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, not %d", got, want)
	}
}

// cmdBytes writes a file.
//
//	bytes NAME 'go:\xd0\xcf\x11\xe0'
func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 1, "bytes NAME [BYTES...]")
	args = unescapeAll(ts, args)
	ts.Check(writeNew(ts.MkAbs(args[0]), []byte(strings.Join(args[1:], ""))))
}

// cmdCopy copies a file to a name that no shell would let through.
//
//	copy messages/accettazione.eml 'go:a\nb.eml'
func cmdCopy(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "copy FILE NAME")
	ts.Check(writeNew(ts.MkAbs(unescape(ts, args[1])), []byte(ts.ReadFile(args[0]))))
}

// cmdJoin puts files one behind the other.
//
//	join OUT 'go:From a\n' FILE 'go:\n\nFrom b\n' FILE
func cmdJoin(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 2, "join NAME FILE|go:BYTES...")
	var out strings.Builder
	for _, a := range args[1:] {
		if strings.HasPrefix(a, escaped) {
			out.WriteString(unescape(ts, a))
		} else {
			out.WriteString(ts.ReadFile(a))
		}
	}
	ts.Check(writeNew(ts.MkAbs(args[0]), []byte(out.String())))
}

// cmdCut leaves the first bytes of a file.
func cmdCut(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "cut FILE BYTES")
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// cmdSparse writes a file of so many MiB that takes no room.
func cmdSparse(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "sparse NAME MIB")
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(writeNew(ts.MkAbs(args[0]), nil))
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n<<20))
}

// cmdMode wants the mode of files, in octal.
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 2, "mode MODE FILE...")
	for _, f := range args[1:] {
		info, err := os.Stat(ts.MkAbs(f))
		ts.Check(err)
		if got := strconv.FormatInt(int64(info.Mode()&fs.ModePerm), 8); got != args[0] {
			ts.Fatalf("%s has mode %s, not %s", f, got, args[0])
		}
	}
}

// writeNew writes a file and the folders it stands in.
func writeNew(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o666)
}

// escaped starts an argument with the escapes of a Go string.
const escaped = "go:"

func unescape(ts *testscript.TestScript, arg string) string {
	text, ok := strings.CutPrefix(arg, escaped)
	if !ok {
		return arg
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	ts.Check(err)
	return text
}

func unescapeAll(ts *testscript.TestScript, args []string) []string {
	args = slices.Clone(args)
	for i := range args {
		args[i] = unescape(ts, args[i])
	}
	return args
}

func need(ts *testscript.TestScript, neg, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}
