package main

import (
	"errors"
	"syscall"
)

// keepPipeErrors does nothing: Windows has no SIGPIPE.
func keepPipeErrors() {}

// brokenPipe reports whether the other end of a pipe has gone.
func brokenPipe(err error) bool {
	const errorBrokenPipe, errorNoData = syscall.Errno(109), syscall.Errno(232)
	e, ok := errors.AsType[syscall.Errno](err)
	return ok && (e == errorBrokenPipe || e == errorNoData)
}
