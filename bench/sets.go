package main

import (
	"fmt"
	"runtime"
	"time"

	"github.com/gopec/gopec/internal/testsign"
)

// setRow is one set of messages: the contenders side by side, with one
// goroutine and with one for each processor.
type setRow struct {
	name     string
	messages int
	average  int64
	one, all []figure // floor, gopec, net/mail + pkcs7
	openssl  usage    // of one message
}

// sets measures in process.
func (p *page) sets(c *circuit, rounds int) error {
	p.openssl = opensslVersion()
	mixed, err := c.mixed("mixed", 2000, testsign.CRLF)
	if err != nil {
		return err
	}
	for _, make := range []func() (*set, error){
		func() (*set, error) { return mixed, nil },
		func() (*set, error) { return mixed.ballasted("mixed, ballast"), nil },
		func() (*set, error) { return c.mixed("mixed, LF", 2000, testsign.LF) },
		func() (*set, error) { return c.sized("6 KB", 6_000, 500) },
		func() (*set, error) { return c.sized("50 KB", 50_000, 200) },
		func() (*set, error) { return c.sized("1 MB", 1_000_000, 10) },
		func() (*set, error) { return c.sized("30 MB", 30_000_000, 1) },
	} {
		s, err := make()
		if err != nil {
			return err
		}
		progress("%s: %d messages of %d bytes on average", s.name, len(s.files), s.average())
		row := setRow{name: s.name, messages: len(s.files), average: s.average()}
		contenders := []contender{floor, ours, plain}
		if s.name == "mixed, LF" {
			contenders = contenders[:2] // the other would need to make CRLF of it first
		}
		n := runtime.NumCPU()
		if len(s.files) == 1 {
			n = 1 // nothing to do for a second one
		}
		if row.one, row.all, err = compare(c, s, n, rounds, contenders...); err != nil {
			return err
		}
		if p.openssl != "" && s.name != "mixed, LF" && s.ballast == 0 {
			if row.openssl, err = c.opensslEach(s); err != nil {
				return err
			}
		}
		p.rows = append(p.rows, row)
	}
	return nil
}

// maxProcesses is how many openssl processes an average is made of.
const maxProcesses = 100

// opensslEach is what one process for each message takes, on average.
func (c *circuit) opensslEach(s *set) (usage, error) {
	var sum usage
	step := max(1, len(s.files)/maxProcesses)
	n := 0
	for i := 0; i < len(s.files); i += step {
		u, err := c.openssl(s.files[i])
		if err != nil {
			return usage{}, err
		}
		if u.Exit != 0 {
			return usage{}, fmt.Errorf("openssl does not verify %s", s.files[i])
		}
		n++
		sum.Wall, sum.CPU, sum.Resident = sum.Wall+u.Wall, sum.CPU+u.CPU, max(sum.Resident, u.Resident)
	}
	sum.Wall, sum.CPU = sum.Wall/time.Duration(n), sum.CPU/time.Duration(n)
	return sum, nil
}
