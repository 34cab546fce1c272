//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// usage is what a process took.
type usage struct {
	Wall, CPU time.Duration
	Resident  int64 // most of it at one time, bytes
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

// launched is the launcher.
func launched(args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	start := time.Now()
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	u := usage{Wall: time.Since(start), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Exit: cmd.ProcessState.ExitCode()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Resident = int64(r.Maxrss)
		if runtime.GOOS != "darwin" {
			u.Resident <<= 10
		}
	}
	json.NewEncoder(os.Stdout).Encode(u) // whoever reads it notices if it is not there
}
