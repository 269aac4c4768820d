//go:build unix

package swap

import (
	"io/fs"
	"syscall"
)

// Inode is the number of the file that info is of; 0 where there is none.
func Inode(info fs.FileInfo) uint64 {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Ino)
	}
	return 0
}
