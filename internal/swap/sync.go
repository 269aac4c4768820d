package swap

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// SyncTree makes the folder at path durable: every file in it, then every folder
// from the bottom up, the folder itself included. A failed sync is not tried
// again: after one, the kernel may have dropped the data and call the next a
// success. Source: Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020.
func SyncTree(ctx context.Context, path string) error {
	files, dirs, err := list(path)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4 * runtime.GOMAXPROCS(0))
	for _, f := range files {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return syncFile(f)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := SyncDir(dirs[i]); err != nil {
			return err
		}
	}
	return nil
}

// list is every regular file and every folder of a tree; a folder comes before
// those in it.
func list(root string) (files, dirs []string, err error) {
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, path)
		case d.Type().IsRegular():
			files = append(files, path)
		}
		return nil
	})
	return files, dirs, err
}

func syncFile(path string) error {
	f, err := openForSync(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
