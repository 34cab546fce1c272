package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// conditions are what the figures were measured under.
type conditions struct {
	date          string
	goVersion     string
	system        string
	processor     string
	processors    int
	before, after string // load of the machine
}

func conditionsNow() conditions {
	return conditions{
		date:       time.Now().UTC().Format(time.DateOnly),
		goVersion:  runtime.Version(),
		system:     runtime.GOOS + "/" + runtime.GOARCH,
		processor:  processorName(),
		processors: runtime.NumCPU(),
		before:     loadAverage(),
	}
}

// loadAverage is that of the last minute, "unknown" where the system does not
// tell.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}

func processorName() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// idle says in words whether the figures can be taken at their word.
func (c conditions) idle() string {
	var load float64
	if _, err := fmt.Sscan(c.before, &load); err != nil {
		return "what else the machine did is unknown"
	}
	if load > 0.5 {
		return "the machine did other work at the same time: times by the clock, rates and the use of processors are worse than they would be, processor time and its ratios a little; allocations hold"
	}
	return "the machine was idle"
}
