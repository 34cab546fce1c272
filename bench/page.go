package main

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// page is the page of figures.
type page struct {
	conditions conditions
	rounds     int
	openssl    string // version; "" if there is none
	rows       []setRow
	large      []largeRow
	folder     []folderRow
}

// write writes the page.
func (p *page) write(to io.Writer) error {
	w := bufio.NewWriter(to)
	c := p.conditions
	fmt.Fprintf(w, `# Speed

This page is written by `+"`go run ./bench`"+`, which measures everything side by side in one run. Do not edit it.

%s, %s, %s, %s, %d processors; load of the machine %s before and %s after: %s.
Best of %d rounds, in turns. Messages are those of the tests' generator, warm in the system's cache, RSA-2048 and SHA-256.

The **floor** is what no verifier can do without: opening and reading the file, one SHA-256 over it, one RSA-2048 verification with
Go's crypto. **gopec** is reading and verifying the file up to the report of every check. **net/mail + pkcs7** is a plain Go program that cuts
the parts out of the mail in memory and has go.mozilla.org/pkcs7 verify the signature and the path, and nothing else.

The collector runs as Go has it, but for the row with **ballast**: there the process holds 12 MB that nobody touches, as pecverify does
([decision 17](decisions/0017-read-once.md)), so that the collector runs after as much garbage and not after 4 MB.
`, c.date, c.goVersion, c.system, c.processor, c.processors, c.before, c.after, c.idle(), p.rounds)
	if p.openssl == "" {
		fmt.Fprintf(w, "\nThere is no openssl on this machine: its columns are empty.\n")
	} else {
		fmt.Fprintf(w, "**openssl** is one process of `openssl cms -verify` a message (%s).\n", p.openssl)
	}
	p.writeOne(w)
	p.writeAll(w)
	p.writeMemory(w)
	p.writeLarge(w)
	p.writeFolders(w)
	return w.Flush()
}

func (p *page) writeOne(w io.Writer) {
	fmt.Fprintf(w, `
## One goroutine

Processor time of a message, and how many times that of the floor.

| messages | size | floor | gopec | | net/mail + pkcs7 | | openssl | |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
`)
	for _, r := range p.rows {
		base := r.one[0].cpu
		fmt.Fprintf(w, "| %s | %s | %s |", r.label(), kilobytes(r.average), short(base))
		for _, f := range r.one[1:] {
			fmt.Fprintf(w, " %s | %s |", short(f.cpu), times(f.cpu, base))
		}
		if len(r.one) < 3 {
			fmt.Fprintf(w, " | |")
		}
		if r.openssl.CPU > 0 {
			fmt.Fprintf(w, " %s | %s |\n", short(r.openssl.CPU), times(r.openssl.CPU, base))
		} else {
			fmt.Fprintf(w, " | |\n")
		}
	}
}

func (p *page) writeAll(w io.Writer) {
	fmt.Fprintf(w, `
## All processors

Messages a second by the clock, and how many times that of one goroutine.

| messages | floor | | gopec | | net/mail + pkcs7 | |
|---|--:|--:|--:|--:|--:|--:|
`)
	for _, r := range p.rows {
		if r.all == nil {
			continue
		}
		fmt.Fprintf(w, "| %s |", r.label())
		for i, f := range r.all {
			fmt.Fprintf(w, " %.0f | %s |", float64(time.Second)/float64(f.wall), times(r.one[i].wall, f.wall))
		}
		if len(r.all) < 3 {
			fmt.Fprintf(w, " | |")
		}
		fmt.Fprintln(w)
	}
}

func (p *page) writeMemory(w io.Writer) {
	fmt.Fprintf(w, `
## Allocations

Of one message: bytes, and how many times.

| messages | floor | | gopec | | net/mail + pkcs7 | |
|---|--:|--:|--:|--:|--:|--:|
`)
	for _, r := range p.rows {
		fmt.Fprintf(w, "| %s |", r.label())
		for _, f := range r.one {
			fmt.Fprintf(w, " %d | %d |", f.bytes, f.allocs)
		}
		if len(r.one) < 3 {
			fmt.Fprintf(w, " | |")
		}
		fmt.Fprintln(w)
	}
}

func (p *page) writeLarge(w io.Writer) {
	fmt.Fprintf(w, `
## Large messages

The whole process of pecverify for one file, beside a program that reads the file and hashes it and does nothing else.
Resident is the most memory that the process had at one time.

| size | hash: processor time | pecverify | | resident | openssl | | resident |
|--:|--:|--:|--:|--:|--:|--:|--:|
`)
	for _, r := range p.large {
		base := r.floor.CPU
		fmt.Fprintf(w, "| %d MB | %s | %s | %s | %s |", r.size/1_000_000, short(base), short(r.pecverify.CPU), times(r.pecverify.CPU, base), megabytes(r.pecverify.Resident))
		if r.open.CPU > 0 {
			fmt.Fprintf(w, " %s | %s | %s |\n", short(r.open.CPU), times(r.open.CPU, base), megabytes(r.open.Resident))
		} else {
			fmt.Fprintf(w, " | | |\n")
		}
	}
}

func (p *page) writeFolders(w io.Writer) {
	fmt.Fprintf(w, `
## A folder of small files

`+"`pecverify -json FOLDER`"+`, %d processors: how much of them it used, the memory that it had
towards the end, and the most at one time, which depends on when the collector got to run.

| files | time | files a second | processor time over time and processors | at the end | most |
|--:|--:|--:|--:|--:|--:|
`, cores)
	for _, r := range p.folder {
		u := r.pecverify
		fmt.Fprintf(w, "| %d | %s | %.0f | %.2f | %s | %s |\n", r.files, short(u.Wall), float64(r.files)/u.Wall.Seconds(),
			u.CPU.Seconds()/u.Wall.Seconds()/float64(cores), megabytes(u.End), megabytes(u.Resident))
	}
}

func (r setRow) label() string {
	if r.messages == 1 {
		return r.name
	}
	return fmt.Sprintf("%s (%d)", r.name, r.messages)
}

func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f µs", float64(d)/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func times(d, base time.Duration) string {
	return fmt.Sprintf("%.2f×", float64(d)/float64(base))
}

func kilobytes(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
