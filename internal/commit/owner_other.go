//go:build !unix

package commit

import (
	"io/fs"
	"os"
)

const noFollow = 0

func (l layout) checkOwner() error { return nil }

func (l layout) adopt(...string) error { return nil }

func chmodFolder(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }
