package installed

import (
	"io/fs"
	"syscall"
)

// StatOf reads from info what stands for the inode's facts. A copy keeps the time of
// the last change, and has a time of creation of its own.
func StatOf(info fs.FileInfo) Stat {
	s := Stat{MTime: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		s.CTime = sys.CreationTime.Nanoseconds()
	}
	return s
}
