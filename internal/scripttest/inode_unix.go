//go:build unix

package scripttest

import (
	"io/fs"
	"syscall"
)

// inode is the number of a file on its disk.
func inode(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}
