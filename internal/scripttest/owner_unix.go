//go:build unix

package scripttest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdOwners prints the owner and group of everything in a folder.
func cmdOwners(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: owners DIR")
	}
	root := ts.MkAbs(args[0])
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		s := info.Sys().(*syscall.Stat_t)
		rel := filepath.ToSlash(filepath.Join(args[0], strings.TrimPrefix(path, root)))
		_, err = fmt.Fprintf(ts.Stdout(), "%d:%d %s\n", s.Uid, s.Gid, rel)
		return err
	})
}

// cmdChown changes the owner and group of a file or folder alone.
func cmdChown(ts *testscript.TestScript, args []string) error {
	var uid, gid int
	if len(args) != 2 {
		return fmt.Errorf("usage: chown UID:GID PATH")
	}
	if _, err := fmt.Sscanf(args[0], "%d:%d", &uid, &gid); err != nil {
		return err
	}
	return os.Chown(ts.MkAbs(args[1]), uid, gid)
}
