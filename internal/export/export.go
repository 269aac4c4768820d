package export

import (
	"context"
	"crypto/sha256"
	"io"
	"sync"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plugin"
)

// Package is an archive to export, and the plugin that it is of.
type Package struct {
	Requirement plugin.Requirement
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
	Bytes    int64 // of all of them
	Added    int   // those that were missing
}

// place is where packages are exported to.
type place interface {
	// size is that of a package which is there and whole; -1 where it has to be put.
	size(ctx context.Context, p Package) (int64, error)
	// put writes a package that read gives; nothing is there if it fails.
	put(p Package, read func(io.Writer) error) error
}

// to exports to a place. Every package that cannot be exported is reported: the error
// joins a [*plugin.Error] for each. The others are there all the same.
func (o Options) to(ctx context.Context, to place) (Outcome, error) {
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = 8
	}
	pkgs := unique(o.Packages)
	out := Outcome{Packages: len(pkgs)}
	var mu sync.Mutex
	err := parallel.Each(len(pkgs), jobs, func(i int) error {
		p := pkgs[i]
		size, added, err := o.one(ctx, to, p)
		if err != nil {
			return &plugin.Error{Plugin: p.Requirement.Name, Pos: p.Requirement.Pos, Err: err}
		}
		mu.Lock()
		defer mu.Unlock()
		out.Bytes += size
		if added {
			out.Added++
		}
		return nil
	})
	return out, err
}

func (o Options) one(ctx context.Context, to place, p Package) (size int64, added bool, err error) {
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	if size, err := to.size(ctx, p); err != nil || size >= 0 {
		return size, false, err
	}
	err = o.Access.Read(ctx, p.Requirement, p.Package, func(r io.Reader) error {
		return to.put(p, func(w io.Writer) (err error) {
			size, err = copyChecked(ctx, w, r, p.Package)
			return err
		})
	})
	return size, true, err
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
