package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"sync"

	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/plugin"
)

// Documents reads a small document whole, from a URL or an absolute path; at most
// max bytes. What does not exist is fs.ErrNotExist.
type Documents interface {
	Document(ctx context.Context, url string, max int64) ([]byte, error)
}

// Repositories reads from the repositories of OCI registries, of addresses like
// "oci://HOST/REPOSITORY". What does not exist is fs.ErrNotExist.
type Repositories interface {
	// OCITags are all tags of a repository; a page of them may be at most max bytes long.
	OCITags(ctx context.Context, repository string, max int64) ([]string, error)
	// OCIManifest reads the manifest or index that a tag or a digest names, of at most max
	// bytes, and gives its digest, which is the one asked for.
	OCIManifest(ctx context.Context, repository, reference string, max int64) ([]byte, plugin.Digest, error)
}

// Opener looks into a package for its plugin.json, where nothing else tells a
// plugin's version.
type Opener interface {
	Manifest(ctx context.Context, r plugin.Requirement, pkg plugin.Package) (plugin.Manifest, error)
}

// Requester sends the requests of an API.
type Requester interface {
	Transport() http.RoundTripper
	// Authorizes reports whether it has a token or a password for who has an address.
	Authorizes(url string) bool
}

// Set makes the sources of a configuration's plugins. It is used by its address.
type Set struct {
	Registries []plugin.Registry
	GitHub     []plugin.GitHub   // hosts besides GitHub's own
	Platforms  []plugin.Platform // those to lock for: what a template is asked about
	Documents  Documents
	// Repositories must be set where a source is one.
	Repositories Repositories
	Opener       Opener
	Requests     Requester // must be set where a source is one of GitHub's
	Observe      plugin.Observer
	// Abs makes a path as the configuration writes it absolute. It must be set
	// where one is used.
	Abs func(path string) string
	// Platform is the one to look at where one package must stand for all.
	Platform plugin.Platform

	once sync.Once
	api  *github.Client // see gitHub
}

// gitHub is the client of the API, which plugins of one repository share.
func (s *Set) gitHub() *github.Client {
	s.once.Do(func() { s.api = github.New(s.Requests.Transport(), s.Observe) })
	return s.api
}

// adapters make the source that a requirement names, by its kind.
func adapters() map[plugin.SourceKind]func(*Set, plugin.Requirement) (Source, error) {
	return map[plugin.SourceKind]func(*Set, plugin.Requirement) (Source, error){
		plugin.SourceRegistry: newRegistry,
		plugin.SourceURL:      newTemplate,
		plugin.SourceLocal:    newLocal,
		plugin.SourceOCI:      newOCI,
		plugin.SourceGitHub:   newGitHub,
	}
}

var (
	errNoRequests     = errors.New("source: Set.Requests is not set: how GitHub is asked is not known")
	errNoRepositories = errors.New("source: Set.Repositories is not set: how registries are asked is not known")
)

var errNoAbs = errors.New("source: Set.Abs is not set: what relative paths are relative to is not known")

// For is the source that r names.
func (s *Set) For(r plugin.Requirement) (Source, error) {
	if adapter, ok := adapters()[r.Source.Kind]; ok {
		return adapter(s, r)
	}
	return nil, fmt.Errorf("%q is no source of a kind that is known", r.Source.Text)
}

// platforms are those r is wanted on, each once; AnyPlatform alone where its source
// does not tell platforms apart.
func (s *Set) platforms(r plugin.Requirement) []plugin.Platform {
	switch {
	case !r.Source.PerPlatform:
		return []plugin.Platform{plugin.AnyPlatform}
	case r.Platforms != nil:
		return r.Platforms
	}
	var once []plugin.Platform
	for _, p := range s.Platforms {
		if !slices.Contains(once, p) {
			once = append(once, p)
		}
	}
	return once
}

// sample is the package to look into: this machine's, else the first.
func (s *Set) sample(pkgs []plugin.Package) plugin.Package {
	for _, pkg := range pkgs {
		if pkg.Platform == s.Platform || pkg.Platform == plugin.AnyPlatform {
			return pkg
		}
	}
	return pkgs[0]
}

// manifestOf reads the plugin.json of a folder without copying it: only the
// version is taken from it, and package pin judges a copy.
func manifestOf(dir string) (plugin.Manifest, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return plugin.Manifest{}, err
	}
	defer root.Close()
	data, err := plugin.ReadManifestBytes(root, plugin.DefaultLimits().Manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return plugin.Manifest{}, &plugin.RefusedError{Rule: "the folder has no plugin.json"}
	}
	if err != nil {
		return plugin.Manifest{}, err
	}
	m, err := plugin.ParseManifest(data)
	if err != nil {
		return plugin.Manifest{}, &plugin.RefusedError{Entry: plugin.ManifestFile, Rule: err.Error()}
	}
	return m, nil
}
