//go:build !unix

package scripttest

import "io/fs"

// inode is not known here; the time of change must do.
func inode(fs.FileInfo) uint64 { return 0 }
