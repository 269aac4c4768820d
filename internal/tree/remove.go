package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// RemoveAll removes what lies at path. A folder that its plugin made read-only is not
// to keep us from it: what lies in our state must be removable, or no later apply could
// finish.
func RemoveAll(path string) error {
	err := os.RemoveAll(path)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	root, openErr := os.OpenRoot(filepath.Dir(path))
	if openErr != nil {
		return err
	}
	defer root.Close()
	_ = fs.WalkDir(root.FS(), filepath.Base(path), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if d.IsDir() {
			_ = root.Chmod(p, 0o700) // what it was not enough for, removing tells
		}
		return nil
	})
	return os.RemoveAll(path)
}
