package export

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plugin"
)

// Package is an archive to export, and the plugin that it is of.
type Package struct {
	Requirement plugin.Requirement
	Version     plugin.Version // that is locked
	plugin.Package
}

// Options says what to export, and how.
type Options struct {
	Packages []Package
	Access   *access.Access
	Jobs     int // packages at once; 0: 8
}

// Outcome counts packages; each counts once, whoever needs it.
type Outcome struct {
	Packages int
	Bytes    int64 // of those that are there
	Added    int   // were missing
	Present  int   // were there before
}

// place is where packages are exported to.
type place interface {
	// size is that of a package which is there and whole; -1 where it has to be put.
	size(ctx context.Context, p Package) (int64, error)
	// begin makes sure that something can be put there, before anything is fetched.
	begin() error
	// put writes a package as fill gives it; nothing is there if that fails.
	put(ctx context.Context, p Package, fill func(io.Writer) error) error
}

// to exports to a place. Every package that cannot be exported is reported: the error
// joins a [*plugin.Error] for each. The others are there all the same.
func (o Options) to(ctx context.Context, to place) (Outcome, error) {
	pkgs := unique(o.Packages)
	out := Outcome{Packages: len(pkgs)}
	var mu sync.Mutex
	var missing []Package
	unread := o.each(ctx, pkgs, func(i int) error {
		size, err := to.size(ctx, pkgs[i])
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			return err
		case size < 0:
			missing = append(missing, pkgs[i])
			return nil
		}
		out.Bytes += size
		out.Present++
		return nil
	})
	if len(missing) == 0 {
		return out, unread
	}
	if err := to.begin(); err != nil {
		return out, errors.Join(unread, err)
	}
	slices.SortFunc(missing, byName)
	err := o.each(ctx, missing, func(i int) error {
		size, err := o.add(ctx, to, missing[i])
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		out.Bytes += size
		out.Added++
		return nil
	})
	return out, errors.Join(unread, err)
}

// byName orders packages as a lock does.
func byName(a, b Package) int {
	return cmp.Or(strings.Compare(string(a.Requirement.Name), string(b.Requirement.Name)), plugin.ComparePlatforms(a.Platform, b.Platform))
}

// each does something for every package, and says which one an error is about.
func (o Options) each(ctx context.Context, pkgs []Package, do func(i int) error) error {
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = 8
	}
	return parallel.Each(len(pkgs), jobs, func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := pkgs[i].Requirement
		if err := do(i); err != nil {
			return &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err}
		}
		return nil
	})
}

func (o Options) add(ctx context.Context, to place, p Package) (size int64, err error) {
	err = o.Access.Read(ctx, p.Requirement, p.Package, func(r io.Reader) error {
		return to.put(ctx, p, func(w io.Writer) (err error) {
			size, err = copyChecked(ctx, w, r, p.Package)
			return err
		})
	})
	return size, err
}

// copyChecked copies a package, and makes sure that what was written is the package:
// what it is read from may have changed since it was judged.
func copyChecked(ctx context.Context, w io.Writer, r io.Reader, p plugin.Package) (int64, error) {
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, hash), reader{ctx, r})
	if err != nil {
		return 0, err
	}
	if got := plugin.NewDigest(plugin.SHA256, hash.Sum(nil)); got != p.Digest {
		return 0, &plugin.DigestError{Where: p.Shown(), Want: p.Digest, Got: got}
	}
	return n, nil
}

// reader ends when ctx does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// path is where a package is, seen from where packages are.
func (p Package) path() string { return access.PackagePath(p.Digest, p.Location()) }

// unique leaves out what has the path of an earlier one.
func unique(pkgs []Package) []Package {
	seen := map[string]bool{}
	var all []Package
	for _, p := range pkgs {
		if !seen[p.path()] {
			seen[p.path()] = true
			all = append(all, p)
		}
	}
	return all
}
