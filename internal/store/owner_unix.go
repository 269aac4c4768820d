//go:build unix

package store

import (
	"io/fs"
	"os"
	"syscall"
)

// nofollow opens no link, and waits for no other end of a pipe.
const nofollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// isOurs reports whether info is of a regular file that is ours, that nobody else can
// write, and that has no other name.
func isOurs(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && isOwn(info) && s.Nlink == 1 && info.Mode().Perm()&0o022 == 0
}

// isOwn reports whether a file is ours.
func isOwn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}

// isSteady reports whether nobody can change a file while we read it, but us and root.
func isSteady(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && (s.Uid == 0 || isOwn(info)) && info.Mode().Perm()&0o022 == 0
}

// isPrivate reports whether a file or folder is ours, and nobody else can write or read it.
func isPrivate(info fs.FileInfo) bool {
	return isOwn(info) && info.Mode().Perm()&0o077 == 0
}
