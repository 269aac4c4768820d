package staging

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

// Try stages s in a temporary folder, which is gone when it returns.
func (st *Stager) Try(ctx context.Context, s Spec) (tree *Tree, err error) {
	tmp, err := os.MkdirTemp("", "plugins-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	return st.Stage(ctx, s, filepath.Join(tmp, "tree"))
}

// Digest gets the package of s, an archive, anew and computes its digest.
func (st *Stager) Digest(ctx context.Context, s Spec) (plugin.Digest, error) {
	if s.Path != "" {
		s.URL = st.Abs(s.Path)
	}
	blob, err := st.Store.Package(ctx, st.Client.WithIdle(s.Limits.Idle), store.Request{Plugin: s.Name, URL: s.URL, Max: s.Limits.Packed}, st.Observe)
	if err != nil {
		return "", err
	}
	return blob.Digest, blob.Close()
}

// Read gets the package of s, an archive whose digest is known, and has read read it.
func (st *Stager) Read(ctx context.Context, s Spec, read func(io.Reader) error) error {
	if s.Path != "" {
		s.URL = st.Abs(s.Path)
	}
	blob, err := st.Store.Package(ctx, st.Client.WithIdle(s.Limits.Idle), store.Request{Plugin: s.Name, URL: s.URL, Want: s.Digest, Max: s.Limits.Packed}, st.Observe)
	if err != nil {
		return err
	}
	return errors.Join(read(blob.File), blob.Close())
}

// DigestLocal is the digest of the folder or the file at path as it is now.
func DigestLocal(ctx context.Context, path string) (plugin.Digest, error) {
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
	tree, err := archive.Read(ctx, root)
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
