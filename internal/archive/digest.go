package archive

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// DigestAt is the digest of what stands at path now: of a folder's tree as [Read]
// finds it, or of a file's bytes. A link is not followed.
func DigestAt(ctx context.Context, path string) (plugin.Digest, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return "", fmt.Errorf("%s is a symbolic link", path)
	}
	return digestAt(path, func(root *os.Root) (Tree, error) { return Read(ctx, root) })
}

// DigestSource is the digest of a local folder as [Copy] would copy it, or of an
// archive's bytes, knowing what it is locked to; "" where it is not. See
// [Tree.WithBitsOf].
func DigestSource(ctx context.Context, path string, locked plugin.Digest) (plugin.Digest, error) {
	return digestAt(path, func(root *os.Root) (Tree, error) {
		tree, err := read(ctx, root, reading{exec: sourceBit, leftOut: isGit})
		return tree.WithBitsOf(locked), err
	})
}

func digestAt(path string, read func(*os.Root) (Tree, error)) (plugin.Digest, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return digestFile(path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return "", err
	}
	defer root.Close()
	tree, err := read(root)
	if err != nil {
		return "", err
	}
	return tree.Digest(), nil
}

func digestFile(path string) (plugin.Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return plugin.NewDigest(plugin.SHA256, h.Sum(nil)), nil
}
