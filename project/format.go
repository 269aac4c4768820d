package project

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Format writes the configuration at path in its canonical format, or, with check, only
// tells whether it is not in it. Where a symbolic link stands there, what it leads to is
// written, if that is in the same folder or below. A file that has more wrong than its
// white space is an error.
func Format(path string, check bool) (changed bool, err error) {
	if strings.HasSuffix(path, ".json") {
		return false, fmt.Errorf("%s is JSON, which has no canonical format here", path)
	}
	src, mode, err := readFile(path)
	if err != nil {
		return false, err
	}
	if err := config.CheckSyntax(src, path); err != nil {
		return false, err
	}
	formatted := config.Format(src)
	if check || bytes.Equal(src, formatted) {
		return !bytes.Equal(src, formatted), nil
	}
	target, err := swap.Follow(path, filepath.Dir(path))
	if err != nil {
		return false, err
	}
	return true, swap.WriteFile(target, formatted, mode)
}

func readFile(path string) ([]byte, os.FileMode, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		err = &config.NotFoundError{Path: path}
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	data, err := plugin.ReadAtMost(f, config.MaxSize)
	if err != nil {
		err = fmt.Errorf("reading %s: %w", path, err)
	}
	return data, info.Mode().Perm(), err
}
