package main

import (
	"fmt"
	"runtime"

	"github.com/gopec/gopec/internal/testsign"
)

// runQuick measures the mixed set, with one goroutine and with one for each
// processor, and prints what matters most while something is made faster. With a
// profile, it verifies with one goroutine and nothing else.
func runQuick(c *circuit, rounds int, profile string) error {
	s, err := c.mixed("mixed", 2000, testsign.CRLF)
	if err != nil {
		return err
	}
	contenders := []contender{floor, ours}
	if profile != "" {
		contenders = contenders[1:]
		stop, err := startProfile(profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	n := runtime.NumCPU()
	if profile != "" {
		n = 1
	}
	one, all, err := compare(c, s, n, rounds, contenders...)
	if err != nil {
		return err
	}
	for i, f := range one {
		fmt.Printf("%-6s %6.1f µs %6d B %4d allocs\n", contenders[i].name, float64(f.cpu.Nanoseconds())/1e3, f.bytes, f.allocs)
	}
	if len(one) > 1 {
		fmt.Printf("%.2f times the floor\n", float64(one[1].cpu)/float64(one[0].cpu))
	}
	for i, f := range all {
		fmt.Printf("%-6s %6.1f µs by the clock with one goroutine, %6.1f µs with %d: %.2f times as many\n", contenders[i].name,
			float64(one[i].wall.Nanoseconds())/1e3, float64(f.wall.Nanoseconds())/1e3, n, float64(one[i].wall)/float64(f.wall))
	}
	return nil
}
