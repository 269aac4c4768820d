//go:build unix

package store

import (
	"io/fs"
	"os"
	"syscall"
)

// isPrivate reports whether a file or folder is ours, and nobody else can write or read it.
func isPrivate(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0
}
