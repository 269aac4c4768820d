//go:build !unix

package apply

import (
	"io/fs"
	"os"

	"github.com/plugins-hcl/plugins/installed"
)

const noFollow = 0

func checkOwner(installed.State) error { return nil }

func adopt(installed.State, ...string) error { return nil }

func chmodFolder(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }
