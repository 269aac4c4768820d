package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// Added is what [Project.Add] wrote.
type Added struct {
	Name    plugin.Name
	Source  string // as the block says it; "": it says none
	Version string // the constraint; "": none
	Pos     plugin.Pos
	Updated bool // the block was there, and has another version now
	Locked  *Locked
}

// DeclaredError says that a plugin is declared already.
type DeclaredError struct {
	Plugin plugin.Name
	Pos    plugin.Pos
	Other  string // the source that it is declared with, where another was asked for; else ""
}

func (e *DeclaredError) Error() string {
	if e.Other != "" {
		return fmt.Sprintf("plugin %q is declared already, at %s, from %s", e.Plugin, e.Pos, plugin.Redact(e.Other))
	}
	return fmt.Sprintf("plugin %q is declared already, at %s", e.Plugin, e.Pos)
}

// NeedsNameError says that nothing tells what a plugin is to be called.
type NeedsNameError struct {
	Source string
	Called string // what its plugin.json calls it, which is no name; "": not known
}

func (e *NeedsNameError) Error() string {
	if e.Called != "" {
		return fmt.Sprintf("the plugin.json of %s calls it %q, which no plugin can be called here", plugin.Redact(e.Source), e.Called)
	}
	return fmt.Sprintf("nothing tells what the plugin of %s is to be called", plugin.Redact(e.Source))
}

// Add declares a plugin and locks it: both, or neither. Without a version, it gets the
// newest, and what is compatible with it ("~> 0.6" for 0.6.3); a source of one
// version gets none. A plugin that is declared gets another version, where one is
// given; else it is a [*DeclaredError]. One that its registry does not have is a
// [*NotFoundError].
func (p *Project) Add(ctx context.Context, w Wanted) (*Added, error) {
	e, err := p.edit()
	if err != nil {
		return nil, err
	}
	block, err := p.block(ctx, w)
	if err != nil {
		return nil, err
	}
	_, declared := p.Config.Plugin(block.Name)
	change := func(version string) ([]byte, error) {
		if declared {
			return config.SetVersion(e.src, p.Config.Path, block.Name, version)
		}
		block.Version = version
		return config.AddPlugin(e.src, p.Config.Path, block)
	}
	text, err := change(block.Version)
	if err != nil {
		return nil, err
	}
	next, err := p.with(text)
	if err != nil {
		return nil, err
	}
	locked, err := next.relock(ctx, LockOptions{}, func(locked *Locked) error {
		if r, _ := next.Config.Plugin(block.Name); !declared && block.Version == "" && !r.Source.Kind.Addressed() {
			if text, err = change(compatible(locked, block.Name)); err != nil {
				return err
			}
			if next, err = p.with(text); err != nil {
				return err
			}
		}
		return e.write(text, locked)
	})
	if err != nil {
		return nil, p.notFound(ctx, block.Name, p.asWritten(err))
	}
	r, _ := next.Config.Plugin(block.Name)
	return &Added{
		Name: r.Name, Source: block.Source, Version: r.Constraint.String(), Pos: r.Pos, Updated: declared, Locked: locked,
	}, nil
}

// asWritten puts errors of the file as it would be where it is: of the blocks that it
// has.
func (p *Project) asWritten(err error) error {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range e.Unwrap() {
			all = append(all, p.asWritten(one))
		}
		return errors.Join(all...)
	case *plugin.Error:
		r, _ := p.Config.Plugin(e.Plugin)
		return &plugin.Error{Plugin: e.Plugin, Pos: r.Pos, Where: e.Where, Err: e.Err}
	}
	return err
}

// compatible is a constraint for what was locked without one, which the lock then says
// it was locked by.
func compatible(locked *Locked, name plugin.Name) string {
	for i, l := range locked.After.Plugins {
		if l.Name == name {
			numbers := strings.Split(l.Version.Release().String(), ".")
			locked.After.Plugins[i].Constraints = "~> " + numbers[0] + "." + numbers[1]
			return locked.After.Plugins[i].Constraints
		}
	}
	return ""
}

// block is what is to be declared.
func (p *Project) block(ctx context.Context, w Wanted) (config.NewPlugin, error) {
	block := config.NewPlugin{Name: w.Name, Version: w.Version}
	var err error
	if block.Source, err = p.source(w); err != nil {
		return block, err
	}
	if block.Name == "" {
		if block.Name, err = p.name(ctx, block); err != nil {
			return block, err
		}
	}
	r, err := p.Config.Declare(block)
	if err != nil {
		return block, err
	}
	if was, ok := p.Config.Plugin(block.Name); ok {
		return block, mayChange(was, r, w)
	}
	if r.Source.Registry != "" && r.Source.Registry == p.Config.Registries[0].Name && r.Source.Plugin == string(r.Name) {
		block.Source = "" // goes without saying
	}
	return block, nil
}

// mayChange says why a declared plugin cannot get the version that is wanted.
func mayChange(was, r plugin.Requirement, w Wanted) error {
	same := w.Source == "" || was.Source.Text == r.Source.Text || r.Source.Registry != "" &&
		was.Source.Registry == r.Source.Registry && was.Source.Plugin == r.Source.Plugin
	switch {
	case !same:
		return &DeclaredError{Plugin: was.Name, Pos: was.Pos, Other: was.Source.Text}
	case w.Version == "":
		return &DeclaredError{Plugin: was.Name, Pos: was.Pos}
	}
	return nil
}

// name is what a source calls its plugin: the source's address where that lists
// versions, else the plugin.json of its package.
func (p *Project) name(ctx context.Context, block config.NewPlugin) (plugin.Name, error) {
	kind, err := p.Config.KindOf(block.Source)
	if err != nil {
		return "", err
	}
	called := nameOf(block.Source)
	if kind.Addressed() {
		if strings.Contains(block.Source, "${name}") {
			return "", &NeedsNameError{Source: block.Source}
		}
		block.Name = "unnamed"
		r, err := p.Config.Declare(block)
		if err != nil {
			return "", err
		}
		if called, err = p.packagedName(ctx, r); err != nil {
			return "", err
		}
	}
	name, err := plugin.ParseName(plugin.ShortName(called))
	if err != nil {
		return "", &NeedsNameError{Source: block.Source, Called: called}
	}
	return name, nil
}

// packagedName is what the plugin.json of a package says.
func (p *Project) packagedName(ctx context.Context, r plugin.Requirement) (name string, err error) {
	if err := p.allow(r, nil); err != nil {
		return "", err
	}
	reach, err := p.access()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	src, err := p.sources(reach).For(r)
	if err != nil {
		return "", err
	}
	versions, err := src.Candidates(ctx)
	if err != nil {
		return "", err
	}
	release, err := src.Release(ctx, versions[0].Version)
	if err != nil {
		return "", err
	}
	pkg := release.Packages[0]
	for _, other := range release.Packages {
		if other.Platform == p.Platform {
			pkg = other
		}
	}
	if pkg.Path != "" {
		if root, err := os.OpenRoot(p.Config.Abs(pkg.Path)); err == nil {
			defer root.Close()
			m, err := plugin.ReadManifest(root, plugin.DefaultLimits().Manifest)
			return m.Name, err
		}
	}
	m, err := reach.Manifest(ctx, r, pkg)
	return m.Name, err
}

// sources makes the sources of plugins, declared or not.
func (p *Project) sources(reach *access.Access) *source.Set {
	return &source.Set{
		Registries: p.Config.Registries, GitHub: p.Config.GitHub, Platforms: p.Config.Platforms,
		Documents: reach, Repositories: reach, Opener: reach, Requests: reach,
		Observe: p.options.Observe, Abs: p.Config.Abs, Platform: p.Platform,
	}
}
