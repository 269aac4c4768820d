package archive

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"
)

// walk calls visit for everything below root, folders before what they hold,
// names in order; dir is the folder that info.Name() lies in and p its path from
// root. most bounds how many names one folder may have; visit is told of each, and
// leaves out what one stands for, and all below it, by [fs.SkipDir].
func walk(ctx context.Context, root *os.Root, most int64, visit visitor) error {
	return walkFolder(ctx, root, "", most, visit)
}

type visitor func(dir *os.Root, p string, info fs.FileInfo) error

func walkFolder(ctx context.Context, dir *os.Root, p string, most int64, visit visitor) error {
	names, err := readNames(ctx, dir, most)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := dir.Lstat(name)
		if err != nil {
			return err
		}
		child := path.Join(p, name)
		if err := visit(dir, child, info); err == fs.SkipDir {
			continue
		} else if err != nil {
			return err
		}
		if !info.IsDir() {
			continue
		}
		if err := walkChild(ctx, dir, child, info, most, visit); err != nil {
			return err
		}
	}
	return nil
}

func walkChild(ctx context.Context, dir *os.Root, p string, info fs.FileInfo, most int64, visit visitor) error {
	sub, err := dir.OpenRoot(info.Name())
	if err != nil {
		return err
	}
	defer sub.Close() // read only: nothing is lost
	// OpenRoot follows links: make sure that none was put there meanwhile.
	now, err := sub.Stat(".")
	if err != nil {
		return err
	}
	if !os.SameFile(info, now) {
		return fmt.Errorf("%s changed while it was read", p)
	}
	return walkFolder(ctx, sub, p, most, visit)
}

// readNames lists a folder in order, but not more than one name above most:
// whoever counts entries sees then that they are too many.
func readNames(ctx context.Context, dir *os.Root, most int64) ([]string, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	for int64(len(names)) <= most {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		more, err := f.Readdirnames(1024)
		names = append(names, more...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	return names, nil
}

// openRegular opens the regular file that Lstat found in dir. It does not block
// on a fifo, and not follow a link, that was put there meanwhile.
func openRegular(dir *os.Root, info fs.FileInfo) (*os.File, error) {
	f, err := dir.OpenFile(info.Name(), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	now, err := f.Stat()
	if err == nil && (!now.Mode().IsRegular() || !os.SameFile(info, now)) {
		err = fmt.Errorf("%s changed while it was read", f.Name())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
