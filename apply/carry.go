package apply

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/plugin"
)

// carryOver copies what the patterns keep of the folder old into the folder fresh,
// over what the package brought, and digests the result.
func carryOver(ctx context.Context, old, fresh string, keep []string) (digest plugin.Digest, err error) {
	from, err := os.OpenRoot(old)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.OpenRoot(fresh)
	if err != nil {
		return "", err
	}
	defer to.Close()
	err = fs.WalkDir(from.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !installed.Kept(keep, p) {
			return nil
		}
		return carry(from, to, p, d)
	})
	if err != nil {
		return "", err
	}
	return archive.DigestAt(ctx, fresh)
}

// carry copies one entry. What is neither file, folder nor link (a socket, say)
// has no contents to keep.
func carry(from, to *os.Root, p string, d fs.DirEntry) error {
	if p == "." {
		return nil
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	switch {
	case d.IsDir():
		if err := to.MkdirAll(p, 0o755); err != nil {
			return err
		}
		return to.Chmod(p, info.Mode().Perm())
	case d.Type().IsRegular():
		return carryFile(from, to, p, info)
	case d.Type()&fs.ModeSymlink != 0:
		target, err := from.Readlink(p)
		if err != nil {
			return err
		}
		return errors.Join(makeParent(to, p), removeFile(to, p), to.Symlink(target, p))
	}
	return nil
}

func removeFile(from *os.Root, p string) error {
	if err := from.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func makeParent(to *os.Root, p string) error { return to.MkdirAll(path.Dir(p), 0o755) }

func carryFile(from, to *os.Root, p string, info fs.FileInfo) error {
	if err := makeParent(to, p); err != nil {
		return err
	}
	if err := removeFile(to, p); err != nil {
		return err
	}
	in, err := from.Open(p)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := to.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Chmod(info.Mode().Perm()), out.Close()); err != nil {
		return err
	}
	return to.Chtimes(p, info.ModTime(), info.ModTime())
}
