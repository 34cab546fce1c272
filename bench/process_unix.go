//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// usage is what a process took.
type usage struct {
	Wall, CPU time.Duration
	Resident  int64 // most memory at one time, bytes
	End       int64 // memory in the last fifth of its life; 0 where the system does not tell
	Exit      int
}

// processorTime is that of this process so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it has no reason to fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// launchArgument makes this program the launcher of another.
const launchArgument = "-launch"

// launch runs a program and says what it took. What the system tells of a
// child's memory begins at that of its parent, so that a parent of its own that
// is small stands between.
func launch(name string, args ...string) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	cmd := exec.Command(self, append([]string{launchArgument, name}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w", name, err)
	}
	var u usage
	if err := json.Unmarshal(out, &u); err != nil {
		return usage{}, fmt.Errorf("%s: %w", name, err)
	}
	return u, nil
}

// sampleMemory looks at the resident memory of a process until it is told to
// stop. The most that there was at one time depends on when the collector got
// to run; what matters over time is whether it grows.
func sampleMemory(pid int, stop <-chan struct{}) (samples []int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return samples
		case <-tick.C:
			if n := residentOf(pid); n > 0 {
				samples = append(samples, n)
			}
		}
	}
}

func median(samples []int64) int64 {
	if len(samples) == 0 {
		return 0
	}
	slices.Sort(samples)
	return samples[len(samples)/2]
}

// launched is the launcher.
func launched(args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	start := time.Now()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stop, sampled := make(chan struct{}), make(chan []int64)
	go func() { sampled <- sampleMemory(cmd.Process.Pid, stop) }()
	cmd.Wait() // its exit code says how it went
	close(stop)
	samples := <-sampled
	u := usage{End: median(samples[len(samples)*4/5:]), Wall: time.Since(start), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Exit: cmd.ProcessState.ExitCode()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Resident = int64(r.Maxrss)
		if runtime.GOOS != "darwin" {
			u.Resident <<= 10
		}
	}
	json.NewEncoder(os.Stdout).Encode(u) // whoever reads it notices if it is not there
}
