//go:build unix

package installed

import (
	"io/fs"
	"syscall"
)

// StatOf reads the inode's facts from info.
func StatOf(info fs.FileInfo) Stat {
	s := Stat{MTime: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Inode, s.CTime = uint64(sys.Ino), changeTime(sys)
	}
	return s
}
