package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/plugin"
)

// registry is one plugin of a registry of static files, the protocol of
// GoCodeAlone's workflow-registry.
type registry struct {
	set    *Set
	reg    plugin.Registry
	base   string // URL or absolute path, without a slash at its end
	plugin string // its folder's name
	name   plugin.Name
	limit  int64

	once sync.Once
	docs *documents
	err  error
}

func newRegistry(s *Set, r plugin.Requirement) (Source, error) {
	i := slices.IndexFunc(s.Registries, func(reg plugin.Registry) bool { return reg.Name == r.Source.Registry })
	if i < 0 {
		return nil, fmt.Errorf("no registry %q is declared", r.Source.Registry)
	}
	reg := s.Registries[i]
	base := reg.URL
	if reg.IsPath() {
		if s.Abs == nil {
			return nil, errNoAbs
		}
		base = s.Abs(reg.URL)
	}
	return &registry{
		set: s, reg: reg, base: strings.TrimRight(base, "/"),
		plugin: r.Source.Plugin, name: r.Name, limit: r.Limits.OrDefault().Document,
	}, nil
}

// BuiltinError says that a plugin is part of the host: there is nothing to install.
// It is [ErrNoRelease].
type BuiltinError struct{ Plugin, Registry string }

func (e *BuiltinError) Error() string {
	return fmt.Sprintf("%q is built into the host, says registry %q: there is nothing to install", e.Plugin, e.Registry)
}

// NoDownloadsError says that a registry lists a version, but no package of it. It is
// [ErrNoRelease].
type NoDownloadsError struct {
	Plugin, Registry string
	Version          plugin.Version
}

func (e *NoDownloadsError) Error() string {
	return fmt.Sprintf("registry %q knows %q %s, but lists no downloads for it: its publisher has released no package",
		e.Registry, e.Plugin, e.Version)
}

// UnknownPluginError says that a registry has no plugin of that name. It is
// fs.ErrNotExist, and [ErrNoRelease].
type UnknownPluginError struct {
	Plugin, Registry, URL string
	Near                  string // a name that it has and that may be meant; "" for none
	Err                   error
}

func (e *UnknownPluginError) Error() string {
	text := fmt.Sprintf("registry %q has no plugin %q", e.Registry, e.Plugin)
	if e.Near != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return text + " (" + e.Err.Error() + ")"
}

func (e *UnknownPluginError) Unwrap() error { return e.Err }

func (r *registry) unknownPlugin(ctx context.Context, err error) error {
	return &UnknownPluginError{Plugin: r.plugin, Registry: r.reg.Name, URL: r.base, Near: r.near(ctx), Err: err}
}

// near is the folder that may be meant: the name with, or without, what
// repositories put before it, else the name in the registry's index that is nearest.
// It is told, not taken: one day the registry may have both.
func (r *registry) near(ctx context.Context) string {
	for _, name := range []string{plugin.LongName(r.plugin), plugin.ShortName(r.plugin)} {
		var manifest manifestDocument
		if name == r.plugin || name == "" {
			continue
		}
		if _, err := r.document(ctx, "plugins/"+name+"/manifest.json", &manifest); err == nil {
			return name
		}
	}
	var index []struct {
		Name string `json:"name"`
	}
	if _, err := r.document(ctx, "index.json", &index); err != nil {
		return ""
	}
	names := make([]string, len(index))
	for i, entry := range index {
		names[i] = entry.Name
	}
	return plugin.Nearest(r.plugin, names)
}

func (r *registry) documents(ctx context.Context) (*documents, error) {
	r.once.Do(func() { r.docs, r.err = r.load(ctx) })
	if r.err != nil {
		return nil, r.err
	}
	if r.docs.manifest.Type == "builtin" {
		return nil, &BuiltinError{Plugin: r.plugin, Registry: r.reg.Name}
	}
	return r.docs, nil
}

func (r *registry) Candidates(ctx context.Context) ([]Candidate, error) {
	d, err := r.documents(ctx)
	if err != nil {
		return nil, err
	}
	byVersion := map[string]*Candidate{}
	candidate := func(v, minEngine plugin.Version) *Candidate {
		c, ok := byVersion[v.String()]
		if !ok {
			c = &Candidate{Version: v}
			byVersion[v.String()] = c
		}
		if c.MinEngine.IsZero() {
			c.MinEngine = minEngine
		}
		return c
	}
	for _, e := range d.versions.Versions {
		c := candidate(e.Version, e.MinEngine)
		c.Released = parseTime(e.Released)
		c.tell(e.Dependencies)
	}
	for _, e := range d.compatibility.Versions {
		c := candidate(e.Version, e.MinEngine)
		for _, tried := range e.Compatibility {
			c.Evidence = append(c.Evidence, Evidence{
				Engine:   tried.Engine,
				Platform: plugin.Platform{OS: tried.OS, Arch: tried.Arch},
				Failed:   tried.Status == "fail",
			})
		}
	}
	candidate(d.manifest.Version, d.manifest.MinEngine).tell(d.manifest.Dependencies)
	delete(byVersion, "") // an entry without a version says nothing
	candidates := make([]Candidate, 0, len(byVersion))
	for _, c := range byVersion {
		candidates = append(candidates, *c)
	}
	slices.SortFunc(candidates, func(a, b Candidate) int { return a.Version.Compare(b.Version) })
	if len(candidates) == 0 {
		return nil, &DocumentError{URL: r.base + "/plugins/" + r.plugin + "/manifest.json", Err: errors.New(`it has no "version"`)}
	}
	return candidates, nil
}

func (r *registry) Release(ctx context.Context, v plugin.Version) (*Release, error) {
	d, err := r.documents(ctx)
	if err != nil {
		return nil, err
	}
	out := &Release{
		Version:    v,
		Names:      r.names(d),
		AssetNames: []string{r.plugin, d.manifest.Name},
		NoBinary:   d.manifest.Type == "ui",
		DigestsBy:  map[string]string{},
	}
	if !d.lists(v) {
		return nil, &UnlistedError{Plugin: r.plugin, Registry: r.reg.Name, Version: v}
	}
	downloads, err := d.downloads(v)
	if err != nil {
		return nil, err
	}
	if len(downloads) == 0 {
		return nil, &NoDownloadsError{Plugin: r.plugin, Registry: r.reg.Name, Version: v}
	}
	for _, dl := range downloads {
		if _, err := plugin.ParsePlatform(dl.OS + "/" + dl.Arch); err != nil && len(downloads) > 1 {
			continue // for a machine that we know nothing of
		}
		pkg, err := r.pkg(dl)
		if err != nil {
			return nil, err
		}
		out.Packages = append(out.Packages, pkg)
		if pkg.Digest != "" {
			out.DigestsBy[pkg.Location()] = r.documentOf(dl)
		}
	}
	out.Notes = notesOf(out.Packages)
	out.ManifestOf = d.manifest.Version
	if out.Manifest, err = pluginJSON(d.raw, v); err != nil {
		return nil, err
	}
	return out, nil
}

// names are those the protocol's manifests, folders and repositories give it.
func (r *registry) names(d *documents) []string {
	names := []string{r.plugin}
	repository := strings.TrimSuffix(path.Base(d.manifest.Repository), ".git")
	for _, n := range []string{d.manifest.Name, repository, path.Base(d.manifest.Source)} {
		if n != "" && n != "." && n != "/" {
			names = append(names, n)
		}
	}
	return names
}

// releaseFile is a file of a release at GitHub.
var releaseFile = regexp.MustCompile(`^(https://github\.com/[^/?#]+/[^/?#]+/releases)/download/([^/?#]+)/`)

// notesOf is the page of the release that packages are files of; "" where that is not seen.
func notesOf(pkgs []plugin.Package) string {
	for _, pkg := range pkgs {
		if m := releaseFile.FindStringSubmatch(pkg.URL); m != nil {
			return m[1] + "/tag/" + m[2]
		}
	}
	return ""
}

// tell takes what a document says of the plugins that a version needs, if it says
// something.
func (c *Candidate) tell(dependencies []plugin.Dependency) {
	if dependencies != nil && !c.Told {
		c.Dependencies, c.Told = dependencies, true
	}
}

func (r *registry) pkg(dl download) (plugin.Package, error) {
	fail := func(format string, args ...any) (plugin.Package, error) {
		return plugin.Package{}, &DocumentError{URL: r.documentOf(dl), Err: fmt.Errorf(format, args...)}
	}
	platform, err := plugin.ParsePlatform(dl.OS + "/" + dl.Arch)
	if err != nil {
		return fail("a download is for %q", dl.OS+"/"+dl.Arch)
	}
	pkg := plugin.Package{Platform: platform}
	if dl.SHA256 != "" {
		if pkg.Digest, err = plugin.ParseDigest(plugin.SHA256 + ":" + strings.TrimPrefix(dl.SHA256, "sha256:")); err != nil {
			return fail("its sha256 for %s is none: %w", platform, err)
		}
	}
	u, err := url.Parse(dl.URL)
	if err != nil || dl.URL == "" {
		return fail("its url for %s, %q, is none", platform, plugin.RedactURL(dl.URL))
	}
	switch {
	case u.User != nil:
		return fail("its url for %s holds a user name or password", platform)
	case u.Scheme == "https" || u.Scheme == "http":
		if u.Host == "" {
			return fail("its url for %s, %q, names no host", platform, plugin.RedactURL(dl.URL))
		}
		pkg.URL = canonical(dl.URL, u)
	case u.Scheme == "" && u.Host == "" && !strings.HasPrefix(dl.URL, "/") && !strings.ContainsAny(dl.URL, "\\"):
		return r.relative(pkg, dl.URL)
	case u.Scheme == "file" && r.onThisMachine():
		pkg.URL = dl.URL
	default:
		return fail("its url for %s, %q, is refused: a registry names https:// addresses and ones relative to itself", platform, plugin.RedactURL(dl.URL))
	}
	return pkg, nil
}

// canonical is an address as the lock can hold it: HCL composes the characters of
// every text, and an address must not change by that.
func canonical(address string, u *url.URL) string {
	for i := range len(address) {
		if address[i] >= 0x80 {
			return u.String()
		}
	}
	return address
}

func (r *registry) onThisMachine() bool {
	return r.reg.Local
}

// relative resolves an address that is relative to the registry. A path stays as
// the configuration writes it, so that the lock is the same on every machine.
func (r *registry) relative(pkg plugin.Package, ref string) (plugin.Package, error) {
	if !r.reg.IsPath() {
		base, err := url.Parse(r.base + "/")
		if err == nil {
			var u *url.URL
			if u, err = base.Parse(ref); err == nil {
				pkg.URL = u.String()
				return pkg, nil
			}
		}
		// The cause quotes the address as it is.
		return pkg, &DocumentError{URL: r.base, Err: fmt.Errorf("the address %q is none", plugin.RedactURL(ref))}
	}
	unescaped, err := url.PathUnescape(ref)
	if err != nil || !fs.ValidPath(path.Clean(unescaped)) {
		return pkg, &DocumentError{URL: r.base, Err: fmt.Errorf("the address %q leaves the registry", plugin.RedactURL(ref))}
	}
	pkg.Path = strings.TrimRight(r.reg.URL, "/") + "/" + path.Clean(unescaped)
	return pkg, nil
}

// pluginJSON makes a plugin.json for version v from a registry's manifest: all
// that it says but the downloads, which no host needs. Equal manifests give equal
// bytes.
func pluginJSON(manifest []byte, v plugin.Version) ([]byte, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(manifest, &doc); err != nil {
		return nil, err
	}
	// In whatever case they are written, as encoding/json reads them.
	maps.DeleteFunc(doc, func(key string, _ json.RawMessage) bool {
		return slices.ContainsFunc([]string{"downloads", "checksums", "version"}, func(k string) bool { return strings.EqualFold(k, key) })
	})
	version, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	doc["version"] = version
	return json.Marshal(doc)
}
