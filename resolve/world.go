package resolve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// world tells the solver what exists: of the plugins that are declared, and of those
// that others need.
type world struct {
	*Input
	declared map[plugin.Name]*known
	failed   map[plugin.Name]bool // declared, and reported already: nothing more is said of them

	mu      sync.Mutex
	found   map[string]*lookup // by registry and name
	implied map[solve.Package]*known
	missing map[solve.Package]string // why there is no such plugin
}

// lookup is what became of looking for a plugin in a registry.
type lookup struct {
	once    sync.Once
	pkg     solve.Package
	builtin bool // the host has it
	err     error
}

// Versions implements [solve.Provider].
func (w *world) Versions(ctx context.Context, p solve.Package) (solve.Listing, error) {
	k, why := w.of(p)
	if k == nil {
		return solve.Listing{Missing: why}, nil
	}
	return w.listing(ctx, k)
}

// of is what is known of a package, or why there is none.
func (w *world) of(p solve.Package) (k *known, missing string) {
	if p.From == "" {
		return w.declared[p.Name], ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.implied[p], w.missing[p]
}

func (w *world) listing(ctx context.Context, k *known) (solve.Listing, error) {
	out := solve.Listing{Candidates: make([]solve.Candidate, len(k.candidates))}
	if k.isLocked {
		out.Locked = k.locked.Version
	}
	for i, c := range k.candidates {
		told := solve.Candidate{Version: c.Version, RuledOut: w.exclusions(k, c), Told: c.Told}
		if c.Told {
			dependencies, err := w.dependencies(ctx, k, c.Dependencies)
			var bad *DependencyError
			if errors.As(err, &bad) {
				told.RuledOut = append(told.RuledOut, solve.Exclusion{Why: bad.Error()})
				err = nil
			}
			if err != nil {
				return solve.Listing{}, err
			}
			told.Dependencies = dependencies
		}
		out.Candidates[i] = told
	}
	return out, nil
}

// exclusions are all that rules a version out, but for what is required of it.
func (w *world) exclusions(k *known, c source.Candidate) []solve.Exclusion {
	var out []solve.Exclusion
	for _, rule := range []Rule{ByPrerelease, ByHost, ByEvidence, ByAge, ByPolicy} {
		why := w.excludedBy(rule, k, c)
		switch {
		case why == "":
		case rule == ByHost:
			out = append(out, solve.Exclusion{MinHost: c.MinEngine, Rule: string(rule)})
		default:
			out = append(out, solve.Exclusion{Why: why, Rule: string(rule)})
		}
	}
	return out
}

// Dependencies implements [solve.Provider], for versions of which their source does not
// tell: their package is opened. What cannot be opened is said to need nothing here, since
// pinning opens it again and says why it cannot, or what was missed.
func (w *world) Dependencies(ctx context.Context, p solve.Package, v plugin.Version) ([]solve.Dependency, error) {
	k, _ := w.of(p)
	choice := k.choose(k.candidates[indexOf(k.candidates, v)])
	var m plugin.Manifest
	err := error(nil)
	if w.Manifest != nil {
		m, err = w.Manifest(ctx, choice)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return w.lockedDependencies(ctx, k, choice), nil
	}
	k.mu.Lock()
	if k.opened == nil {
		k.opened = map[string][]plugin.Dependency{}
	}
	k.opened[v.String()] = m.Dependencies
	k.mu.Unlock()
	return w.dependencies(ctx, k, m.Dependencies)
}

// lockedDependencies are those that the lock tells of, of a version that stays. Which
// versions they may have it does not tell, but for those that are locked with it.
func (w *world) lockedDependencies(ctx context.Context, k *known, c Choice) (out []solve.Dependency) {
	if !c.Kept {
		return nil
	}
	for _, p := range w.Previous.Plugins {
		if !slices.Contains(p.RequiredBy, k.r.Name) || w.failed[p.Name] {
			continue
		}
		pkg := solve.Package{Name: p.Name}
		if registry, folder, ok := strings.Cut(p.Source, "/"); ok && w.declared[p.Name] == nil {
			pkg = w.look(ctx, registry, folder).pkg
		}
		exact, err := plugin.ParseConstraint("= " + p.Version.String())
		if err == nil {
			out = append(out, solve.Dependency{Package: pkg, Range: solve.Range{Constraint: exact}})
		}
	}
	return out
}

// DependencyError says that what a plugin declares to need cannot be understood.
type DependencyError struct {
	Dependency plugin.Dependency
	Err        error
}

func (e *DependencyError) Error() string {
	return fmt.Sprintf("its dependency %q cannot be understood: %s", e.Dependency.Name, e.Err)
}

func (e *DependencyError) Unwrap() error { return e.Err }

// dependencies are the plugins that meet what k needs: the declared one of that name,
// else none if the host has it built in, else that of a registry.
func (w *world) dependencies(ctx context.Context, k *known, needed []plugin.Dependency) ([]solve.Dependency, error) {
	var out []solve.Dependency
	for _, d := range needed {
		c, err := d.Range()
		if err != nil {
			return nil, &DependencyError{Dependency: d, Err: err}
		}
		pkg, needless, err := w.meets(ctx, k, d)
		if err != nil {
			return nil, err
		}
		if !needless {
			out = append(out, solve.Dependency{Package: pkg, Range: solve.Range{Constraint: c}})
		}
	}
	return out, nil
}

// meets is the plugin that meets a dependency of k; needless where nothing needs to be
// installed for it.
func (w *world) meets(ctx context.Context, k *known, d plugin.Dependency) (pkg solve.Package, needless bool, err error) {
	if r, ok := DeclaredAs(w.Required, d.Name); ok {
		return solve.Package{Name: r.Name}, w.failed[r.Name], nil
	}
	if _, err := plugin.ParseName(plugin.ShortName(d.Name)); err != nil {
		return pkg, false, &DependencyError{Dependency: d, Err: err}
	}
	l := w.look(ctx, w.registryFor(k.r), d.Name)
	return l.pkg, l.builtin, l.err
}

// DeclaredAs is the declared plugin that a dependency of that name means.
func DeclaredAs(declared []plugin.Requirement, name string) (plugin.Requirement, bool) {
	for _, same := range []func(plugin.Requirement) bool{
		func(r plugin.Requirement) bool { return string(r.Name) == name },
		func(r plugin.Requirement) bool { return plugin.SameName(string(r.Name), name) },
		func(r plugin.Requirement) bool { return plugin.SameName(r.Source.Plugin, name) },
	} {
		if i := slices.IndexFunc(declared, same); i >= 0 {
			return declared[i], true
		}
	}
	return plugin.Requirement{}, false
}

// registryFor is where what r needs comes from: r's own registry, else the first; "" where
// none is declared.
func (w *world) registryFor(r plugin.Requirement) string {
	switch {
	case r.Source.Registry != "":
		return r.Source.Registry
	case len(w.Registries) > 0:
		return w.Registries[0].Name
	}
	return ""
}

// look finds a plugin in a registry, under the name given, else with or without what
// repositories put before it. It is installed without that.
func (w *world) look(ctx context.Context, registry, name string) *lookup {
	w.mu.Lock()
	l, ok := w.found[registry+"/"+name]
	if !ok {
		l = &lookup{}
		w.found[registry+"/"+name] = l
	}
	w.mu.Unlock()
	l.once.Do(func() {
		for _, folder := range []string{name, plugin.LongName(name), plugin.ShortName(name)} {
			if w.lookAt(ctx, l, registry, folder) {
				return
			}
		}
		l.pkg = packageIn(registry, name)
		why := fmt.Sprintf("registry %q has no plugin %q", registry, name)
		if registry == "" {
			why = fmt.Sprintf("no registry is declared that a plugin %q could come from", name)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.missing[l.pkg] = why
	})
	return l
}

// packageIn is the package of a registry's folder.
func packageIn(registry, folder string) solve.Package {
	return solve.Package{Name: plugin.Name(plugin.ShortName(folder)), From: registry + "/" + folder}
}

// lookAt fills a lookup in if the registry has that folder, or if that cannot be told.
func (w *world) lookAt(ctx context.Context, l *lookup, registry, folder string) bool {
	if registry == "" {
		return false
	}
	pkg := packageIn(registry, folder)
	k, err := w.know(ctx, Implied(pkg.Name, registry, folder, w.Registries))
	var builtin *source.BuiltinError
	var unknown *source.UnknownPluginError
	switch {
	case errors.As(err, &unknown) && errors.Is(err, fs.ErrNotExist):
		return false
	case errors.As(err, &builtin):
		l.builtin = true
	case err != nil:
		l.err = err
	default:
		w.mu.Lock()
		defer w.mu.Unlock()
		l.pkg, w.implied[pkg] = pkg, k
	}
	return true
}

// Implied is the requirement for a plugin that only others need: the folder of a registry.
func Implied(name plugin.Name, registry, folder string, registries []plugin.Registry) plugin.Requirement {
	ref := registry + "/" + folder
	r := plugin.Requirement{
		Name: name, Manifest: plugin.ManifestFromArchive, Limits: plugin.DefaultLimits(),
		Source: plugin.SourceSpec{
			Kind: plugin.SourceRegistry, Text: ref, Registry: registry, Plugin: folder,
			Locate: func(plugin.Version, plugin.Platform) (string, error) { return ref, nil },
		},
	}
	for _, reg := range registries {
		if reg.Name == registry {
			r.Source.Base, r.Verify, r.Pos = reg.URL, reg.Verify, reg.Pos
		}
	}
	return r
}
