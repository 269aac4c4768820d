package staging

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// Stager stages packages. All its fields but Observe must be set.
type Stager struct {
	Client  *fetch.Client
	Store   *store.Store
	Abs     func(path string) string // makes a path of the configuration absolute
	Observe plugin.Observer
}

// Spec is what to stage, and what it must turn out to be.
type Spec struct {
	Name     plugin.Name
	Platform plugin.Platform // to find its executable by; never AnyPlatform

	URL, Path string        // where the package is: one of the two
	Digest    plugin.Digest // that it must have; "" where none is known yet
	Size      int64         // that it must have, if it is a file; 0 where none is known
	Locked    plugin.Digest // that a folder had when it was locked; it need not have it still

	Version plugin.Version // that its plugin.json must say; zero: any
	Names   []string       // that it may say; nil: any
	Similar bool           // with or without "workflow-plugin-", too

	Binary   string   // see plugin.Requirement
	Aliases  []string // names the executable may have besides the plugin's and the manifest's
	Manifest string   // the plugin.json to write, whatever the package holds; "": the package's counts
	Limits   plugin.Limits
	Command  plugin.Verification // its command, if it has one, must accept the package before it is unpacked
}

// Tree is a plugin's tree, staged and checked.
type Tree struct {
	Files    archive.Tree    // as it stands
	Manifest plugin.Manifest // its plugin.json
	Digest   plugin.Digest   // of the package
}

// Stage makes the tree of s in dir, which must not exist, in a folder that exists.
// After an error dir may hold anything; it is the caller's to remove.
func (st *Stager) Stage(ctx context.Context, s Spec, dir string) (*Tree, error) {
	tree, err := st.stage(ctx, s, dir)
	var refused *plugin.RefusedError
	if where := plugin.RedactURL(s.URL) + s.Path; errors.As(err, &refused) && !strings.Contains(err.Error(), where) {
		err = fmt.Errorf("%s: %w", where, err)
	}
	return tree, err
}

// tooLarge adds how to raise the limit to a refusal of the download's size, the
// only one that fetching makes.
func tooLarge(err error, limit int64) error {
	var refused *plugin.RefusedError
	if errors.As(err, &refused) {
		err = fmt.Errorf("%w; %s", err, plugin.RaiseSize("packed", limit))
	}
	return err
}

func (st *Stager) stage(ctx context.Context, s Spec, dir string) (*Tree, error) {
	unpacked, digest, err := st.unpack(ctx, s, dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	tree := &Tree{Files: unpacked, Digest: digest}
	if s.Manifest != "" {
		if err := tree.writeManifest(root, s.Manifest); err != nil {
			return nil, err
		}
	}
	if err := tree.checkManifest(root, s); err != nil {
		return nil, err
	}
	if err := tree.placeExecutable(root, s); err != nil {
		return nil, err
	}
	return tree, nil
}

// unpack gets the package and makes its files dir.
func (st *Stager) unpack(ctx context.Context, s Spec, dir string) (archive.Tree, plugin.Digest, error) {
	if s.Path != "" {
		abs := st.Abs(s.Path)
		info, err := os.Stat(abs)
		// An archive that is gone may still be cached.
		if err != nil && !(isMissing(err) && s.Digest.Algorithm() == plugin.SHA256) {
			return nil, "", err
		}
		if err == nil && info.IsDir() {
			return copyFolder(ctx, s, abs, dir)
		}
		s.URL = abs
	}
	return st.unpackArchive(ctx, s, dir)
}

func (st *Stager) unpackArchive(ctx context.Context, s Spec, dir string) (archive.Tree, plugin.Digest, error) {
	if s.Digest != "" && s.Digest.Algorithm() != plugin.SHA256 {
		return nil, "", &plugin.RefusedError{Rule: fmt.Sprintf("%s is a file, but its digest, %s, is a folder's", plugin.RedactURL(s.URL), s.Digest.Short())}
	}
	blob, err := st.Store.Package(ctx, st.Client.WithIdle(s.Limits.Idle), store.Request{
		Plugin: s.Name, URL: s.URL, Want: s.Digest, Max: s.Limits.Packed,
	}, st.Observe)
	if err != nil {
		return nil, "", tooLarge(err, s.Limits.Packed)
	}
	defer blob.Close()
	if s.Size > 0 && blob.Size != s.Size {
		return nil, "", &plugin.RefusedError{Rule: fmt.Sprintf("it has %d bytes, and its publisher says %d", blob.Size, s.Size)}
	}
	if err := s.runCommand(ctx, blob.File); err != nil {
		return nil, "", err
	}
	tree, err := makeTree(dir, func(root *os.Root, disguise archive.Option) (archive.Tree, error) {
		return archive.Unpack(ctx, blob.File, root, s.Limits, disguise)
	})
	return tree, blob.Digest, err
}

// runCommand runs the verify command on a copy of the package that nobody else can
// change: what it judges is what is unpacked.
func (s Spec) runCommand(ctx context.Context, blob *os.File) (err error) {
	if s.Command.Command == nil {
		return nil
	}
	tmp, err := os.MkdirTemp("", "plugins-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	name := filepath.Join(tmp, fileName(s.URL))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.NewSectionReader(blob, 0, math.MaxInt64))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return trust.Run(ctx, s.Command, name)
}

// fileName is that of a package at an address: what its query holds is nobody's to see
// in a list of processes.
func fileName(address string) string {
	if !filepath.IsAbs(address) {
		address, _, _ = strings.Cut(address, "?")
		address, _, _ = strings.Cut(address, "#")
	}
	return path.Base(filepath.ToSlash(address))
}

// copyFolder copies a local folder and judges the copy: the folder may change
// while it is read.
func copyFolder(ctx context.Context, s Spec, from, dir string) (archive.Tree, plugin.Digest, error) {
	src, err := os.OpenRoot(from)
	if err != nil {
		return nil, "", err
	}
	defer src.Close()
	var digest plugin.Digest
	tree, err := makeTree(dir, func(root *os.Root, disguise archive.Option) (archive.Tree, error) {
		tree, err := archive.Copy(ctx, src, root, s.Limits, disguise)
		tree = tree.WithBitsOf(cmp.Or(s.Digest, s.Locked))
		digest = tree.Digest()
		return tree, err
	})
	if err != nil {
		return nil, "", err
	}
	if s.Digest != "" && digest != s.Digest {
		return nil, "", &plugin.DigestError{Where: s.Path, Want: s.Digest, Got: digest}
	}
	if s.Command.Command != nil {
		if err := trust.Run(ctx, s.Command, dir); err != nil {
			return nil, "", err
		}
	}
	return tree, digest, nil
}

// makeTree has fill fill a folder and puts it at dir, less a top-level folder that
// holds everything. Until then top-level folders have names that no file in them
// can have: none looks like a plugin at any instant.
func makeTree(dir string, fill func(*os.Root, archive.Option) (archive.Tree, error)) (archive.Tree, error) {
	unpacked := dir + ".unpacked"
	if err := os.Mkdir(unpacked, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(unpacked)
	if err != nil {
		return nil, err
	}
	names := disguises{}
	tree, err := fill(root, archive.Disguise(names.as))
	top, rest := strip(tree)
	if err == nil && top == "" {
		err = names.lift(root)
	}
	// Closed first: Windows renames no folder that is open.
	if err = errors.Join(err, root.Close()); err != nil {
		return nil, err
	}
	if top == "" {
		return tree, errors.Join(os.Chmod(unpacked, 0o755), swap.Rename(unpacked, dir))
	}
	if err := swap.Rename(filepath.Join(unpacked, names.as(top)), dir); err != nil {
		return nil, err
	}
	return rest, os.Remove(unpacked)
}

// disguises are unguessable names for top-level folders, by true name.
type disguises map[string]string

func (d disguises) as(name string) string {
	if d[name] == "" {
		d[name] = "." + rand.Text()
	}
	return d[name]
}

// lift gives the folders of root their true names.
func (d disguises) lift(root *os.Root) error {
	for name, as := range d {
		if err := swap.Patiently(func() error { return root.Rename(as, name) }); err != nil {
			return err
		}
	}
	return nil
}

// strip finds the folder that everything else lies in, and lists that without it.
func strip(tree archive.Tree) (top string, rest archive.Tree) {
	if len(tree) == 0 || !tree[0].Dir {
		return "", tree
	}
	top = tree[0].Path
	prefix := top + "/"
	for _, e := range tree[1:] {
		if len(e.Path) <= len(prefix) || e.Path[:len(prefix)] != prefix {
			return "", tree
		}
		e.Path = e.Path[len(prefix):]
		rest = append(rest, e)
	}
	return top, rest
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
