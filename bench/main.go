// Command bench measures gopec beside the arithmetic that no verifier can do
// without and beside the other tools, all in one run on one machine, and writes
// the page of figures docs/speed.md.
//
//	go run ./bench                  measure everything and write the page
//	go run ./bench -out -           measure, and print the page
//	go run ./bench -files 10000     fewer small files in the folder
//	go run ./bench -soak 1000000    verify so many changing messages, and nothing else
//
// Every figure is a ratio to the floor of the same run: reading each file,
// hashing it, and one RSA-2048 verification. Wall-clock times on a machine that
// does other work say little; processor time and allocations say more, and the
// page has them all with the load of the machine. The messages are made by the
// generator of the tests and are the same in every run, keys and signatures
// aside.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == launchArgument {
		launched(os.Args[2:])
		return
	}
	out := flag.String("out", filepath.FromSlash("docs/speed.md"), "where the page goes; - for standard output")
	rounds := flag.Int("rounds", 15, "rounds of each measurement, of which the best counts")
	files := flag.Int("files", 100_000, "small files in the folder")
	soak := flag.Int("soak", 0, "verify so many messages and report on memory and rate")
	quick := flag.Bool("quick", false, "measure the mixed messages, and nothing else")
	profile := flag.String("cpuprofile", "", "of -soak or -quick: write a profile of the processor time to this file")
	flag.Parse()
	if err := run(*out, *rounds, *files, *soak, *quick, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out string, rounds, files, soak int, quick bool, profile string) error {
	dir, err := os.MkdirTemp("", "gopec-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := newCircuit(dir)
	if err != nil {
		return err
	}
	if soak > 0 {
		return runSoak(c, soak, profile)
	}
	if quick {
		return runQuick(c, rounds, profile)
	}
	p := page{conditions: conditionsNow(), rounds: rounds}
	if err := p.sets(c, rounds); err != nil {
		return err
	}
	runtime.GC()
	if err := p.processes(c, rounds, files); err != nil {
		return err
	}
	p.conditions.after = loadAverage()
	if out == "-" {
		return p.write(os.Stdout)
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if err := p.write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// startProfile begins a profile and returns how to end it.
func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// progress tells whoever waits what is being measured.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
