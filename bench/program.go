package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// program is something that installs what its files say, as ours does: it is measured
// beside the floor. In its commands and its environment stand {program}, {dir}, the
// folder of its files, {cache} for what may outlive that, {url}, the registry, and
// {names}, an argument for each plugin.
type program struct {
	name      string
	path      string // of its executable
	columns   []string
	files     func(context.Context, *world, *published, variant, string) (map[string]string, error)
	install   []string
	upgrade   []string // where that is another command
	plan      []string // that there is nothing to do; nil: install finds that out
	env       []string
	installed string // glob below {dir} of the manifests of what is installed
}

// prepare makes all that a run of the program needs.
func (p *program) prepare(ctx context.Context, w *world, c column) (*trial, error) {
	if !slices.Contains(p.columns, c.name) {
		return nil, nil
	}
	if c.none {
		return p.prepareNone(w)
	}
	s := w.sets[c.set]
	if c.idle {
		return p.standing(ctx, w, s, c.after)
	}
	dir, err := w.fresh(p.name)
	if err != nil {
		return nil, err
	}
	cache, err := w.fresh("cache")
	if err != nil {
		return nil, err
	}
	if c.warm {
		if cache, err = p.filled(ctx, w, s); err != nil {
			return nil, err
		}
	}
	base := w.base
	if c.far {
		base = w.far
	}
	command := p.install
	if c.before != "" {
		with, err := p.filled(ctx, w, s)
		if err != nil {
			return nil, err
		}
		if err := p.installAt(ctx, w, s, c.before, dir, with); err != nil {
			return nil, err
		}
		if p.upgrade != nil {
			command = p.upgrade
		}
	}
	if err := p.write(ctx, w, s, c.after, base, dir); err != nil {
		return nil, err
	}
	t := p.trial(command, dir, cache, base, s)
	t.releases = s.wanted(c.after)
	return t, nil
}

// standing is a folder in which all is installed, made once.
func (p *program) standing(ctx context.Context, w *world, s *published, v variant) (*trial, error) {
	dir := filepath.Join(w.dir, "standing", p.name, s.name)
	cache, err := p.filled(ctx, w, s)
	if err != nil {
		return nil, err
	}
	if !exists(dir) {
		if err := p.installAt(ctx, w, s, v, dir, cache); err != nil {
			return nil, err
		}
	}
	command := p.plan
	if command == nil {
		command = p.install
	}
	t := p.trial(command, dir, cache, w.base, s)
	t.releases = s.wanted(v)
	return t, nil
}

// filled is a cache that holds the first variant of a set, filled once by installing it
// somewhere.
func (p *program) filled(ctx context.Context, w *world, s *published) (string, error) {
	cache := filepath.Join(w.dir, "filled", p.name, s.name)
	if exists(cache) {
		return cache, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	dir, err := w.fresh("filling")
	if err != nil {
		return "", err
	}
	return cache, p.installAt(ctx, w, s, first, dir, cache)
}

func (p *program) installAt(ctx context.Context, w *world, s *published, v variant, dir, cache string) error {
	if err := p.write(ctx, w, s, v, w.base, dir); err != nil {
		return err
	}
	t := p.trial(p.install, dir, cache, w.base, s)
	t.releases = s.wanted(v)
	if err := w.run(ctx, *t); err != nil {
		return err
	}
	return t.check()
}

func (p *program) write(ctx context.Context, w *world, s *published, v variant, base, dir string) error {
	files, err := p.files(ctx, w, s, v, base)
	if err != nil {
		return err
	}
	return writeFiles(dir, files)
}

func writeFiles(dir string, files map[string]string) error {
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(path)), []byte(files[path])); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) trial(command []string, dir, cache, base string, s *published) *trial {
	expand := strings.NewReplacer("{program}", p.path, "{dir}", dir, "{cache}", cache, "{url}", s.url(base))
	t := &trial{dir: dir, installed: filepath.Join(dir, filepath.FromSlash(p.installed))}
	for _, arg := range command {
		if arg == "{names}" {
			for i := range s.count {
				t.argv = append(t.argv, s.plugin(i))
			}
			continue
		}
		t.argv = append(t.argv, expand.Replace(arg))
	}
	for _, v := range p.env {
		t.env = append(t.env, expand.Replace(v))
	}
	return t
}

// ours is the program that all this is about.
func ours(w *world) *program {
	base := []string{"{program}", "-C", "{dir}", "--cache-dir", "{cache}"}
	return &program{
		name: oursName, path: w.plugins, files: project, installed: "plugins/*/plugin.json",
		columns: []string{"cold", "idle", "upgrade", "one", "large", "warm", "far", "plan"},
		install: append(slices.Clone(base), "apply", "--auto-approve"),
		plan:    append(slices.Clone(base), "plan"),
	}
}

// project is a plugins.hcl and its lock, which the program itself makes once.
func project(ctx context.Context, w *world, s *published, v variant, base string) (map[string]string, error) {
	files, known := s.projects[string(v)]
	if !known {
		files = map[string]string{"plugins.hcl": configuration(s, v, w.base)}
		dir, err := w.fresh("lock")
		if err != nil {
			return nil, err
		}
		if err := writeFiles(dir, files); err != nil {
			return nil, err
		}
		t := lockTrial(w, s, dir)
		if err := w.run(ctx, *t); err != nil {
			return nil, err
		}
		if files["plugins.lock.hcl"], err = readFile(filepath.Join(dir, "plugins.lock.hcl")); err != nil {
			return nil, err
		}
		s.projects[string(v)] = files
	}
	moved := map[string]string{}
	for path, text := range files {
		moved[path] = strings.ReplaceAll(text, w.base+"/", base+"/")
	}
	return moved, nil
}

// lockTrial has the program lock the plugins.hcl of a folder.
func lockTrial(w *world, s *published, dir string) *trial {
	return ours(w).trial([]string{"{program}", "-C", "{dir}", "--cache-dir", "{cache}", "lock"}, dir, filepath.Join(dir, "cache"), w.base, s)
}

func configuration(s *published, v variant, base string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "registry \"bench\" {\n  url = %q\n}\n", s.url(base))
	for _, r := range s.wanted(v) {
		fmt.Fprintf(&text, "\nplugin %q {\n  version = %q\n}\n", r.Name, r.Version)
	}
	return text.String()
}

// manyPlanned is how many plugins the column plan plans.
const manyPlanned = 10_000

// prepareNone is a project of more plugins than anybody publishes, whose lock is written
// here: what is measured gets no further than the plan.
func (p *program) prepareNone(w *world) (*trial, error) {
	dir, err := w.fresh(p.name)
	if err != nil {
		return nil, err
	}
	s := &published{set: set{name: "none", count: manyPlanned, versions: 1}}
	var text strings.Builder
	text.WriteString("version = 1\n")
	for i := range s.count {
		r := release{Name: s.plugin(i), Version: firstVersion, Path: "none/packages/" + s.plugin(i) + ".tar.gz", SHA256: fmt.Sprintf("%064x", i)}
		s.releases = append(s.releases, []release{r})
		fmt.Fprintf(&text, "\nplugin %q {\n  version     = %q\n  constraints = %q\n  source      = \"bench/%s\"\n\n  package \"%s/%s\" {\n    url    = %q\n    digest = \"sha256:%s\"\n  }\n}\n",
			r.Name, r.Version, r.Version, r.Name, runtime.GOOS, runtime.GOARCH, w.base+"/"+r.Path, r.SHA256)
	}
	files := map[string]string{"plugins.hcl": configuration(s, first, w.base), "plugins.lock.hcl": text.String()}
	return p.trial(p.plan, dir, dir, w.base, s), writeFiles(dir, files)
}
