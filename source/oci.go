package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plugin"
)

// oci is a repository of an OCI registry. Its versions are tags; what they name is an
// index of a manifest a platform, or a manifest whose layers are packages.
type oci struct {
	set   *Set
	r     plugin.Requirement
	ref   plugin.OCIRef
	limit int64

	tags func(context.Context) (map[string]*ociTags, error)

	mu       sync.Mutex
	releases map[string]func(context.Context) (*Release, error)
}

func newOCI(s *Set, r plugin.Requirement) (Source, error) {
	if s.Repositories == nil {
		return nil, errNoRepositories
	}
	address, err := r.Source.Locate(plugin.Version{}, plugin.AnyPlatform)
	if err != nil {
		return nil, err
	}
	ref, err := plugin.ParseOCI(address)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", plugin.RedactURL(address), err)
	}
	o := &oci{set: s, r: r, ref: ref, limit: r.Limits.OrDefault().Document, releases: map[string]func(context.Context) (*Release, error){}}
	o.tags = once(o.readTags)
	return o, nil
}

// once is f, whose first outcome counts.
func once[T any](f func(context.Context) (T, error)) func(context.Context) (T, error) {
	var run sync.Once
	var out T
	var err error
	return func(ctx context.Context) (T, error) {
		run.Do(func() { out, err = f(ctx) })
		return out, err
	}
}

// NoRepositoryError says that a registry has no such repository, or shows it to
// nobody who does not say who asks. It is [ErrNoRelease].
type NoRepositoryError struct {
	Repository string
	Err        error
}

func (e *NoRepositoryError) Error() string {
	return fmt.Sprintf("there is no repository %s (%s)", e.Repository, e.Err)
}

func (e *NoRepositoryError) Unwrap() error { return e.Err }

// Is makes it [ErrNoRelease].
func (e *NoRepositoryError) Is(target error) bool { return target == ErrNoRelease }

// UntaggedError says that a repository has no tag for a version, or not any more. It is
// [ErrNoRelease].
type UntaggedError struct {
	Repository string
	Version    plugin.Version
}

func (e *UntaggedError) Error() string {
	return fmt.Sprintf("%s has no tag for version %s", e.Repository, e.Version)
}

// Is makes it [ErrNoRelease].
func (e *UntaggedError) Is(target error) bool { return target == ErrNoRelease }

func (o *oci) readTags(ctx context.Context) (map[string]*ociTags, error) {
	tags, err := o.set.Repositories.OCITags(ctx, o.ref.Name(), o.limit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoRepositoryError{Repository: o.ref.Name(), Err: err}
	}
	if err != nil {
		return nil, o.document("its list of tags", err)
	}
	return byVersion(tags), nil
}

// document makes the error about a document's size one that refuses no package.
func (o *oci) document(what string, err error) error {
	var refused *plugin.RefusedError
	if errors.As(err, &refused) {
		return &DocumentError{URL: o.ref.Name(), Err: fmt.Errorf("%s: %s; %s", what, err, plugin.RaiseSize("document", o.limit))}
	}
	return err
}

func (o *oci) Candidates(ctx context.Context) ([]Candidate, error) {
	tags, err := o.tags(ctx)
	if err != nil {
		return nil, err
	}
	var candidates []Candidate
	for _, of := range tags {
		candidates = append(candidates, Candidate{Version: of.version})
	}
	slices.SortFunc(candidates, func(a, b Candidate) int { return a.Version.Compare(b.Version) })
	return candidates, nil
}

func (o *oci) Release(ctx context.Context, v plugin.Version) (*Release, error) {
	o.mu.Lock()
	release := o.releases[v.String()]
	if release == nil {
		release = once(func(ctx context.Context) (*Release, error) { return o.release(ctx, v) })
		o.releases[v.String()] = release
	}
	o.mu.Unlock()
	return release(ctx)
}

func (o *oci) release(ctx context.Context, v plugin.Version) (*Release, error) {
	tags, err := o.tags(ctx)
	if err != nil {
		return nil, err
	}
	of, ok := tags[v.String()]
	if !ok {
		return nil, &UntaggedError{Repository: o.ref.Name(), Version: v}
	}
	name := path.Base(o.ref.Repository)
	out := &Release{Version: v, Names: []string{name}, AssetNames: []string{name, string(o.r.Name)}}
	var found []ociPackage
	if of.all != "" {
		found, err = o.tagged(ctx, v, of.all)
	} else {
		found, err = o.perPlatform(ctx, v, of.platforms)
	}
	if err != nil {
		return nil, err
	}
	out.Sizes = map[plugin.Digest]int64{}
	for _, pkg := range found {
		out.Packages = append(out.Packages, pkg.Package)
		out.Sizes[pkg.Digest] = pkg.size
	}
	return out, nil
}

// ociPackage is a package, with the size that its manifest says it has.
type ociPackage struct {
	plugin.Package
	size int64
}

// tagged are the packages of what a tag names.
func (o *oci) tagged(ctx context.Context, v plugin.Version, tag string) ([]ociPackage, error) {
	m, err := o.manifest(ctx, tag)
	if err != nil {
		return nil, err
	}
	if !m.isIndex() {
		return o.packages(ctx, v, m, plugin.AnyPlatform)
	}
	entries, err := m.platforms()
	if err != nil {
		return nil, err
	}
	found := make([][]ociPackage, len(entries))
	err = parallel.Each(len(entries), 0, func(i int) error {
		m, err := o.entry(ctx, m, entries[i])
		if err == nil {
			found[i], err = o.packages(ctx, v, m, entries[i].platform)
		}
		return err
	})
	return slices.Concat(found...), err
}

// perPlatform are the packages of tags that are each for one platform.
func (o *oci) perPlatform(ctx context.Context, v plugin.Version, tags map[plugin.Platform]string) ([]ociPackage, error) {
	platforms := slices.SortedFunc(maps.Keys(tags), plugin.ComparePlatforms)
	found := make([][]ociPackage, len(platforms))
	err := parallel.Each(len(platforms), 0, func(i int) error {
		m, err := o.manifest(ctx, tags[platforms[i]])
		if err != nil {
			return err
		}
		if m.isIndex() {
			// What buildx makes of one platform, too: an index of it and its attestation.
			entries, err := m.platforms()
			if err != nil {
				return err
			}
			at := slices.IndexFunc(entries, func(e indexEntry) bool {
				return e.platform == platforms[i] || e.platform == plugin.AnyPlatform
			})
			if at < 0 {
				return m.fail("it has nothing for %s, which its tag names", platforms[i])
			}
			if m, err = o.entry(ctx, m, entries[at]); err != nil {
				return err
			}
		}
		found[i], err = o.packages(ctx, v, m, platforms[i])
		return err
	})
	return slices.Concat(found...), err
}
