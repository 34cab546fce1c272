//go:build !unix

package mailbox

const openNonblock = 0
