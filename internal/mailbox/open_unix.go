//go:build unix

package mailbox

import "syscall"

// openNonblock keeps the opening of a pipe that took a file's place from
// waiting for a writer.
const openNonblock = syscall.O_NONBLOCK
