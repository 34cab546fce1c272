//go:build !unix && !windows

package main

import (
	"errors"
	"io"
)

// keepPipeErrors does nothing: only Unix has SIGPIPE.
func keepPipeErrors() {}

func brokenPipe(err error) bool { return errors.Is(err, io.ErrClosedPipe) }
