package staging

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

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
		return "", tooLarge(err, s.Limits.Packed)
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
		return tooLarge(err, s.Limits.Packed)
	}
	return errors.Join(read(blob.File), blob.Close())
}
