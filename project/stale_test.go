package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/project"
)

// planned is a project with one plugin to install, and the plan to do so.
func planned(t *testing.T) (dir string, p *project.Project, made *plan.Plan) {
	t.Helper()
	dir, err := exampleProject()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if p, err = project.Open(dir, project.Options{CacheDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lock(t.Context(), project.LockOptions{}); err != nil {
		t.Fatal(err)
	}
	if made, err = p.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir, p, made
}

// Whatever changed since a plan was made, nobody gets something else than what was
// approved: neither a folder that somebody made meanwhile, nor another lock.
func TestApprovedPlanGoesStale(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(dir string) error{
		"a folder of somebody's": func(dir string) error {
			return os.CopyFS(filepath.Join(dir, "plugins", "billing"), os.DirFS(filepath.Join(dir, "src")))
		},
		"one that nobody asks about": func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, "plugins", "other"), 0o755)
		},
		"another lock": func(dir string) error {
			path := filepath.Join(dir, "plugins.lock.hcl")
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, append(text, []byte("\nplugin \"more\" {\n  version = \"1.0.0\"\n  source = \"a/b\"\n  required_by = [\"billing\"]\n\n  package \"any\" {\n    path = \"./more\"\n    digest = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\n  }\n}\n")...), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, p, made := planned(t)
			if err := change(dir); err != nil {
				t.Fatal(err)
			}
			result, err := p.Apply(t.Context(), made, project.ApplyOptions{})
			var stale *plan.StaleError
			if result != nil || !errors.As(err, &stale) {
				t.Fatalf("Apply = %+v, %v: want that the plan is stale", result, err)
			}
			if _, err := os.Lstat(filepath.Join(dir, "plugins", ".plugins", "records", "billing.json")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was installed: %v", err)
			}
		})
	}
}

// What was planned and is still to be done is done, also where the plan was saved.
func TestApprovedPlanIsDone(t *testing.T) {
	t.Parallel()
	dir, p, made := planned(t)
	path := filepath.Join(dir, "saved.json")
	if err := p.SavePlan(made, path); err != nil {
		t.Fatal(err)
	}
	saved, err := project.LoadPlan(path)
	if err != nil {
		t.Fatal(err)
	}
	result, err := p.Apply(t.Context(), saved, project.ApplyOptions{})
	if err != nil || len(result.Done) != 1 {
		t.Fatalf("Apply = %+v, %v", result, err)
	}
	if _, err := p.Apply(t.Context(), saved, project.ApplyOptions{}); !errors.As(err, new(*plan.StaleError)) {
		t.Errorf("the same again: %v", err)
	}
	if err := p.SavePlan(made, filepath.Join(dir, "plugins", "plan.json")); err == nil {
		t.Error("a plan is saved into the plugin directory")
	}
	back, err := p.PlanRollback(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Rollback(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Rollback(t.Context(), back); !errors.As(err, new(*plan.StaleError)) {
		t.Errorf("a rollback that was done already: %v", err)
	}
}
