package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/internal/wfctl"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// patience is how long registries are asked, all together: what they would tell can be
// guessed, too.
const patience = time.Minute

// ask finds the source of each plugin as wfctl does: the registries in turn, first by
// the name that is written, then without, or with, "workflow-plugin-" before it.
func (m *moving) ask(ctx context.Context, path string) (err error) {
	m.sources = make([]string, len(m.setup.Plugins))
	if len(m.sources) == 0 {
		return nil
	}
	text, err := config.Draft{PluginDir: m.pluginDir, Registries: m.registries}.Text()
	if err != nil {
		return fmt.Errorf("the registries that %s asks for are none: %w", m.from, err)
	}
	p := m.project
	home, _ := os.UserHomeDir() // config explains where a "~" needs it
	load := config.Options{Env: p.env, Home: home}
	load.UserConfig, load.UserConfigRequired = p.userConfig()
	if p.Config, err = config.Parse(text, path, load); err != nil {
		return err
	}
	reach, err := p.access()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a := &asker{set: &source.Set{Registries: p.Config.Registries, Documents: reach, Abs: p.Config.Abs, Platform: p.Platform}, silent: map[string]error{}}
	found := make([]found, len(m.sources))
	_ = parallel.Each(len(found), 8, func(i int) error {
		found[i] = a.find(patient, m.setup.Plugins[i], m.registries)
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, r := range m.registries {
		if err := a.silent[r.Name]; err != nil {
			m.note(plugin.Pos{}, "registry %q could not be asked: what it calls the plugins is guessed, and \"plugins lock\" tells where that is wrong: %s", r.Name, plugin.Redact(err.Error()))
		}
	}
	for i, f := range found {
		m.sources[i] = m.source(m.setup.Plugins[i], f)
	}
	return nil
}

// asker asks registries, each until it fails to answer.
type asker struct {
	set *source.Set

	mu     sync.Mutex
	silent map[string]error // by the registry's name
}

// found is what registries told of one plugin.
type found struct {
	registry, folder string // "": none has it
	version          bool   // it has the version that is wanted
	builtin          bool
	unsure           bool // not all could be asked
}

// better reports whether f is to be taken for g.
func (f found) better(g found) bool {
	rank := func(f found) int {
		switch {
		case f.registry == "":
			return 0
		case f.builtin:
			return 1
		case !f.version:
			return 2
		}
		return 3
	}
	return rank(f) > rank(g)
}

func (a *asker) find(ctx context.Context, p wfctl.Plugin, registries []config.DraftRegistry) (best found) {
	unsure := false
	for _, name := range p.Names {
		for _, r := range registries {
			f := a.question(ctx, p, r.Name, name)
			unsure = unsure || f.unsure
			if f.better(best) {
				best = f
			}
			if best.version && !best.builtin {
				return best
			}
		}
	}
	best.unsure = unsure
	return best
}

// question asks one registry for one name. One that does not know it tells whether it
// knows another way to write it.
func (a *asker) question(ctx context.Context, p wfctl.Plugin, registry, name string) found {
	if _, err := plugin.ParseName(name); err != nil {
		return found{}
	}
	versions, err := a.versions(ctx, p, registry, name)
	var unknown *source.UnknownPluginError
	if errors.As(err, &unknown) && plugin.SameName(unknown.Near, name) {
		name = unknown.Near
		versions, err = a.versions(ctx, p, registry, name)
	}
	f := found{registry: registry, folder: name}
	var builtin *source.BuiltinError
	switch {
	case errors.As(err, &builtin):
		f.builtin = true
	case errors.As(err, &unknown):
		return found{}
	case err != nil:
		return found{unsure: true}
	}
	f.version = has(versions, p)
	return f
}

func (a *asker) versions(ctx context.Context, p wfctl.Plugin, registry, name string) ([]source.Candidate, error) {
	a.mu.Lock()
	err := a.silent[registry]
	a.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s, err := a.set.For(plugin.Requirement{
		Name: p.Name, Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Registry: registry, Plugin: name},
	})
	if err != nil {
		return nil, err
	}
	versions, err := s.Candidates(ctx)
	var document *source.DocumentError // of one plugin: the others' may be well
	if err != nil && !errors.Is(err, source.ErrNoRelease) && !errors.As(err, &document) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.silent[registry] == nil {
			a.silent[registry] = err
		}
	}
	return versions, err
}

// has reports whether the version that a plugin had is among those that there are.
func has(versions []source.Candidate, p wfctl.Plugin) bool {
	for _, text := range []string{p.Version, p.Locked} {
		want, err := plugin.ParseVersion(text)
		if err != nil {
			continue
		}
		for _, c := range versions {
			if c.Version.Equal(want) {
				return true
			}
		}
		return false
	}
	return len(versions) > 0
}

// source is where a plugin comes from: the registry that has its version, else its
// repository, whose releases have them all, else what is likeliest.
func (m *moving) source(p wfctl.Plugin, f found) string {
	known := f.registry != "" && !f.builtin
	switch {
	case known && (f.version || p.Repository == ""):
		return m.reference(p, f.registry, f.folder)
	case p.Repository != "" && !(f.unsure && m.likelyListed(p)):
		return "github.com/" + p.Repository
	case f.registry != "":
		return m.reference(p, f.registry, f.folder)
	}
	for _, r := range m.registries {
		if r.Name == registryName(p.Registry) {
			return m.reference(p, r.Name, plugin.ShortName(string(p.Name)))
		}
	}
	if !f.unsure {
		m.note(p.Pos, "plugin %q: no registry has it: write in its block where it comes from", p.Name)
	}
	return m.reference(p, m.registries[0].Name, plugin.ShortName(string(p.Name)))
}

// likelyListed reports whether a registry that could not be asked has a plugin with a
// known repository: GoCodeAlone's has those of GoCodeAlone.
func (m *moving) likelyListed(p wfctl.Plugin) bool {
	owner, _, _ := strings.Cut(p.Repository, "/")
	return strings.EqualFold(owner, "GoCodeAlone")
}

// reference is REGISTRY/PLUGIN; "" where that goes without saying.
func (m *moving) reference(p wfctl.Plugin, registry, folder string) string {
	if registry == m.registries[0].Name && folder == string(p.Name) {
		return ""
	}
	return registry + "/" + folder
}
