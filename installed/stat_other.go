//go:build !unix && !windows

package installed

import "io/fs"

// StatOf reads the inode's facts from info.
func StatOf(info fs.FileInfo) Stat { return Stat{MTime: info.ModTime().UnixNano()} }
