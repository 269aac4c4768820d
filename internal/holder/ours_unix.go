//go:build unix

package holder

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// noFollow keeps an open from following a link, and from waiting for a pipe's reader.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// isOurs reports whether an open file is nothing else than the file of a lock: it has no
// other name, and belongs to whom its folder does. Whoever owns the folder could have
// put somebody else's file there, for us, who may be root, to write to.
func isOurs(path string, file fs.FileInfo) bool {
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	of, at := file.Sys().(*syscall.Stat_t), dir.Sys().(*syscall.Stat_t)
	return of.Nlink == 1 && of.Uid == at.Uid
}
