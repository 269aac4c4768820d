package archive

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// Copy copies the folder src into root, which is an empty folder, by the rules
// for archives, and says what lies there now. Nothing was compressed, so the
// limits on that do not count. What git keeps for itself is left out. After an error
// root holds a part of the tree.
func Copy(ctx context.Context, src, root *os.Root, limits plugin.Limits, options ...Option) (Tree, error) {
	b := newBuilder(ctx, root, limits, options...)
	err := walk(ctx, src, limits.Entries, b.copyEntry)
	if closeErr := b.close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	return b.sorted(), nil
}

func (b *builder) copyEntry(dir *os.Root, p string, info fs.FileInfo) error {
	mode := info.Mode()
	switch {
	case isGit(info):
		return fs.SkipDir
	case mode.IsDir():
		return b.addFolder(p)
	case !mode.IsRegular():
		return refuse(p, "it is %s; only files and folders can be installed", typeText(mode))
	}
	f, err := openRegular(dir, info)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	err = b.addFile(p, sourceBit(mode, head[:n]), info.Size(), f)
	var failed *contentsError
	if errors.As(err, &failed) {
		return failed.err
	}
	return err
}

// isGit tells git's own folder, or the file or link in its place that a worktree or a
// submodule has: it is no part of a plugin that is developed in a repository, and each
// commit changes it.
func isGit(info fs.FileInfo) bool { return info.Name() == ".git" }

func typeText(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeSymlink:
		return "a symbolic link"
	case fs.ModeNamedPipe:
		return "a fifo"
	case fs.ModeSocket:
		return "a socket"
	case fs.ModeDevice, fs.ModeDevice | fs.ModeCharDevice:
		return "a device"
	}
	return "neither a file nor a folder"
}
