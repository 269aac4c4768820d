package project

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// Info is what there is to know of a plugin, in the form that --json prints. What people
// wrote is their own words: bounded, but not made fit for a terminal.
type Info struct {
	FormatVersion string         `json:"format_version"`
	Name          plugin.Name    `json:"name"`
	Source        string         `json:"source"`
	Kind          string         `json:"kind"` // of the source: "registry", "github", …
	Builtin       bool           `json:"builtin"`
	Declared      bool           `json:"declared"`
	Constraint    string         `json:"constraint,omitempty"`
	Locked        plugin.Version `json:"locked,omitzero"`
	Installed     plugin.Version `json:"installed,omitzero"`

	Description string `json:"description,omitempty"`
	Author      string `json:"author,omitempty"`
	License     string `json:"license,omitempty"`
	Homepage    string `json:"homepage,omitempty"`
	Repository  string `json:"repository,omitempty"`
	Type        string `json:"type,omitempty"`
	Tier        string `json:"tier,omitempty"`
	Status      string `json:"status,omitempty"`
	Category    string `json:"category,omitempty"`

	Keywords     []string            `json:"keywords"`
	Capabilities []source.Capability `json:"capabilities"`

	Versions []InfoVersion `json:"versions"`          // the newest first
	Total    int           `json:"total"`             // versions that there are
	Release  *InfoRelease  `json:"release,omitempty"` // the one to look at; none where there is none
	Problem  string        `json:"problem,omitempty"` // why nothing can be told of it
}

// InfoVersion is a version that exists.
type InfoVersion struct {
	Version   plugin.Version `json:"version"`
	Released  string         `json:"released,omitempty"` // a date
	MinHost   plugin.Version `json:"min_host,omitzero"`
	Allowed   bool           `json:"allowed"` // by the constraint and the host
	Locked    bool           `json:"locked"`
	Installed bool           `json:"installed"`
}

// InfoRelease is more of one version: the one that is locked, else the newest allowed,
// else the newest.
type InfoRelease struct {
	Version      plugin.Version    `json:"version"`
	MinHost      plugin.Version    `json:"min_host,omitzero"`
	Platforms    []plugin.Platform `json:"platforms"`       // "any": it is the same for all
	Dependencies []InfoDependency  `json:"dependencies"`    // as far as its source tells
	Notes        string            `json:"notes,omitempty"` // the address of its release notes
}

// InfoDependency is a plugin that one needs, and in which versions.
type InfoDependency struct {
	Name       string `json:"name"`
	Constraint string `json:"constraint,omitempty"`
}

// Info tells what the source of a plugin says of it: of a declared one, or of one that
// is only named. It changes nothing. A name that is not declared is looked for in the
// registries, in turn. most bounds the versions that are listed; 0: all.
func (p *Project) Info(ctx context.Context, w Wanted, most int) (info *Info, err error) {
	if p.blind {
		return nil, ErrNoConfig
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	asked, err := p.asked(ctx, w)
	if err != nil {
		return nil, err
	}
	var first error
	for _, r := range asked {
		if err := p.allow(r, nil); err != nil {
			return nil, &plugin.Error{Plugin: r.Name, Err: err}
		}
		src, err := p.sources(reach).For(r)
		if err != nil {
			return nil, err
		}
		if info, err = p.inform(ctx, r, src, most); err == nil {
			return info, nil
		}
		if first == nil {
			first = &plugin.Error{Plugin: r.Name, Err: err}
		}
		if !errors.As(err, new(*source.UnknownPluginError)) {
			break
		}
	}
	return nil, p.notFound(ctx, asked[0].Name, first)
}

// Versions are those that exist of a plugin, the newest first: of a declared one, or of one
// that is only named.
func (p *Project) Versions(ctx context.Context, w Wanted) (versions []plugin.Version, err error) {
	if p.blind {
		return nil, ErrNoConfig
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	asked, err := p.asked(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, r := range asked {
		if err := p.allow(r, nil); err != nil {
			return nil, &plugin.Error{Plugin: r.Name, Err: err}
		}
		src, err := p.sources(reach).For(r)
		if err != nil {
			return nil, err
		}
		candidates, err := src.Candidates(ctx)
		if errors.As(err, new(*source.UnknownPluginError)) {
			continue
		}
		for _, c := range slices.Backward(candidates) {
			versions = append(versions, c.Version)
		}
		return versions, err
	}
	return nil, nil
}

// asked are the plugins that may be meant: the declared one, or those that a block with
// what is given would declare.
func (p *Project) asked(ctx context.Context, w Wanted) ([]plugin.Requirement, error) {
	if r, ok := p.Config.Plugin(w.Name); ok && w.Source == "" {
		return []plugin.Requirement{r}, nil
	}
	block := config.NewPlugin{Name: w.Name, Version: w.Version}
	var err error
	if block.Source, err = p.source(w); err != nil {
		return nil, err
	}
	sources := []string{block.Source}
	if block.Source == "" {
		sources = nil
		for _, registry := range p.Config.Registries {
			sources = append(sources, registry.Name+"/"+string(w.Name))
		}
		if len(sources) == 0 {
			return nil, p.notDeclared(w.Name)
		}
	}
	if block.Name == "" {
		if block.Name, err = p.name(ctx, block); err != nil {
			return nil, err
		}
	}
	var all []plugin.Requirement
	for _, text := range sources {
		block.Source = text
		r, err := p.Config.Declare(block)
		if err != nil {
			return nil, err
		}
		for _, declared := range p.Config.Plugins {
			if declared.Source.Text == r.Source.Text && declared.Source.Resolved() == r.Source.Resolved() {
				r = declared // by whatever name
			}
		}
		all = append(all, r)
	}
	return all, nil
}

func (p *Project) inform(ctx context.Context, r plugin.Requirement, src source.Source, most int) (*Info, error) {
	info := &Info{
		FormatVersion: plan.FormatVersion, Name: r.Name, Source: plugin.Redact(r.Source.Text), Kind: r.Source.Kind.String(),
		Constraint: r.Constraint.String(), Versions: []InfoVersion{},
	}
	_, info.Declared = p.Config.Plugin(r.Name)
	if d, ok := src.(source.Describer); ok {
		about, err := d.About(ctx)
		if err != nil {
			return nil, err
		}
		info.tell(about)
	}
	info.Keywords = append([]string{}, info.Keywords...)
	info.Capabilities = append([]source.Capability{}, info.Capabilities...)
	if r.Source.Kind == plugin.SourceGitHub && info.Homepage == "" {
		info.Homepage = "https://" + r.Source.Text
	}
	if err := p.compare(ctx, info, r); err != nil || info.Builtin {
		return info, err
	}
	candidates, err := src.Candidates(ctx)
	if err != nil || len(candidates) == 0 {
		return nil, cmp.Or(err, source.ErrNoRelease)
	}
	shown := info.list(candidates, r, p.host(), most)
	release, err := src.Release(ctx, shown.Version)
	switch {
	case errors.Is(err, source.ErrNoRelease):
		info.Problem = err.Error()
	case err != nil:
		return nil, err
	default:
		info.Release = info.release(shown, release)
	}
	return info, nil
}

func (i *Info) tell(a *source.About) {
	i.Description, i.Author, i.License = a.Description, a.Author, a.License
	i.Homepage, i.Repository = a.Homepage, a.Repository
	i.Type, i.Tier, i.Status, i.Category = a.Type, a.Tier, a.Status, a.Category
	i.Keywords, i.Capabilities, i.Builtin = a.Keywords, a.Capabilities, a.Builtin
	if a.Builtin && !a.Newest.IsZero() {
		i.Versions, i.Total = append(i.Versions, InfoVersion{Version: a.Newest}), 1
	}
}

// compare tells what is locked and installed of a declared plugin.
func (p *Project) compare(ctx context.Context, info *Info, r plugin.Requirement) error {
	if !info.Declared {
		return nil
	}
	l, err := p.locked()
	if err != nil {
		return err
	}
	locked, _ := l.Plugin(r.Name)
	info.Locked = locked.Version
	snap, err := p.scan(ctx, l, false)
	if err != nil {
		return nil // another user's directory, say: what exists can be told all the same
	}
	if now, ok := snap.Plugin(r.Name); ok && now.Present {
		info.Installed = now.Version
	}
	return nil
}

// list lists the versions, and is the one to look at.
func (i *Info) list(candidates []source.Candidate, r plugin.Requirement, host plugin.Host, most int) source.Candidate {
	shown := candidates[len(candidates)-1]
	found := false
	i.Total = len(candidates)
	for _, c := range slices.Backward(candidates) {
		v := InfoVersion{
			Version: c.Version, MinHost: c.MinEngine,
			Allowed: host.TooOld(c.MinEngine) == "" && (r.Constraint.Allows(c.Version) || r.Source.Kind.Local() && r.Constraint.String() == ""),
			Locked:  !i.Locked.IsZero() && c.Version.Equal(i.Locked), Installed: !i.Installed.IsZero() && c.Version.Equal(i.Installed),
		}
		if !c.Released.IsZero() {
			v.Released = c.Released.Format(time.DateOnly)
		}
		if v.Locked || v.Allowed && !found {
			shown, found = c, true
		}
		if most == 0 || len(i.Versions) < most || v.Locked || v.Installed {
			i.Versions = append(i.Versions, v)
		}
	}
	return shown
}

func (i *Info) release(c source.Candidate, r *source.Release) *InfoRelease {
	out := &InfoRelease{Version: c.Version, MinHost: c.MinEngine, Platforms: []plugin.Platform{}, Dependencies: []InfoDependency{}}
	var urls []string
	for _, pkg := range r.Packages {
		if !slices.Contains(out.Platforms, pkg.Platform) {
			out.Platforms = append(out.Platforms, pkg.Platform)
		}
		urls = append(urls, pkg.URL)
	}
	slices.SortFunc(out.Platforms, plugin.ComparePlatforms)
	for _, d := range c.Dependencies {
		out.Dependencies = append(out.Dependencies, InfoDependency{Name: d.Name, Constraint: bounds(d)})
	}
	out.Notes = cmp.Or(r.Notes, notes(urls, []string{i.Repository, i.Homepage}))
	return out
}

// bounds is the constraint of a dependency, in either way to write one.
func bounds(d plugin.Dependency) string {
	parts := []string{d.Constraint}
	if d.MinVersion != "" {
		parts = append(parts, ">= "+d.MinVersion)
	}
	if d.MaxVersion != "" {
		parts = append(parts, "<= "+d.MaxVersion)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// notes is where a release is talked about: at GitHub, the page of its tag, which the
// address of a package names; else that of all releases of the repository.
func notes(packages, repositories []string) string {
	for _, address := range packages {
		u, err := url.Parse(address)
		if err != nil || u.Host != "github.com" {
			continue
		}
		if parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/"); len(parts) == 6 && parts[2] == "releases" && parts[3] == "download" {
			return "https://github.com/" + path.Join(parts[0], parts[1], "releases/tag", parts[4])
		}
	}
	for _, address := range repositories {
		if m := gitHubPage.FindStringSubmatch(address); m != nil {
			return "https://github.com/" + m[1] + "/releases"
		}
	}
	return ""
}
