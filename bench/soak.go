package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/testsign"
)

// soakReports is how many times a soak tells how it goes.
const soakReports = 10

// runSoak verifies n changing messages with one goroutine and reports on
// memory, goroutines and rate. Memory that grows or a goroutine that is left is an
// error; the rate, which other work on the machine changes, is told.
func runSoak(c *circuit, n int, profile string) error {
	s, err := c.mixed("soak", 2000, testsign.CRLF)
	if err != nil {
		return err
	}
	lf, err := c.mixed("soak-lf", 500, testsign.LF)
	if err != nil {
		return err
	}
	broken, err := c.broken(s)
	if err != nil {
		return err
	}
	if profile != "" {
		stop, err := startProfile(profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	runtime.GOMAXPROCS(1)
	goroutines := runtime.NumGoroutine()
	var live, resident []int64
	var rates []float64
	fmt.Printf("%10s %12s %12s %12s %10s\n", "verified", "live heap", "resident", "messages/s", "cpu µs")
	for part := range soakReports {
		cpu, start := processorTime(), time.Now()
		for i := range n / soakReports {
			switch {
			case i%10 == 9:
				if c.verify(broken[i%len(broken)]) == nil {
					return fmt.Errorf("a changed message is certified: %s", broken[i%len(broken)])
				}
			case i%5 == 4:
				err = c.verify(lf.files[i%len(lf.files)])
			default:
				err = c.verify(s.files[i%len(s.files)])
			}
			if err != nil {
				return err
			}
		}
		spent, used := time.Since(start), processorTime()-cpu
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		rates = append(rates, float64(n/soakReports)/used.Seconds())
		live, resident = append(live, int64(m.HeapAlloc)), append(resident, residentNow())
		fmt.Printf("%10d %9.2f MB %9.2f MB %12.0f %10.1f\n", (part+1)*(n/soakReports), float64(m.HeapAlloc)/1e6, float64(resident[part])/1e6,
			float64(n/soakReports)/spent.Seconds(), float64(used.Microseconds())/float64(n/soakReports))
	}
	last := soakReports - 1
	switch {
	case runtime.NumGoroutine() > goroutines:
		return fmt.Errorf("%d goroutines are left over", runtime.NumGoroutine()-goroutines)
	case float64(live[last]) > 1.1*float64(live[0])+500_000:
		return fmt.Errorf("the live heap grew from %d to %d bytes", live[0], live[last])
	case resident[0] > 0 && float64(resident[last]) > 1.2*float64(resident[0]):
		return fmt.Errorf("resident memory grew from %d to %d bytes", resident[0], resident[last])
	}
	fmt.Printf("%d goroutines before and after; rate by processor time at the end %.2f of that at the beginning\n", goroutines, rates[last]/rates[0])
	return nil
}

// broken writes messages of which a byte of the signed part was changed, each
// at another place, and one cut short.
func (c *circuit) broken(s *set) ([]string, error) {
	b := &set{name: "broken"}
	for i, path := range s.files[:100] {
		mail, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		at := len(mail) / 2 // in the signed part, which all but fills the message
		if i%2 == 0 {
			at = len(mail)/4 + i
		}
		if mail[at] == 'x' {
			mail[at] = 'y'
		} else {
			mail[at] = 'x'
		}
		if i == 50 {
			mail = mail[:at]
		}
		if err := b.add(c, mail); err != nil {
			return nil, err
		}
	}
	return b.files, nil
}

// residentNow is the memory that this process has in use.
func residentNow() int64 { return residentOf(os.Getpid()) }

// residentOf is the memory that a process has in use, 0 where the system does
// not tell.
func residentOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var n int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &n); err == nil {
			return n << 10
		}
	}
	return 0
}
