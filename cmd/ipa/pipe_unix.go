//go:build unix

package main

import (
	"errors"
	"os/signal"
	"syscall"
)

// keepPipeErrors makes a write to a closed standard output return an error.
// By default the Go runtime ends the process with SIGPIPE, and the exit status
// would not be ours.
func keepPipeErrors() { signal.Ignore(syscall.SIGPIPE) }

func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
