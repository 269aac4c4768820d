//go:build !windows

package swap

import "syscall"

// nonblock keeps an open from waiting for the other end of a fifo.
const nonblock = syscall.O_NONBLOCK
