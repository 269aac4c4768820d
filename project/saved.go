package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// maxPlan bounds a saved plan, in bytes.
const maxPlan = 64 << 20

// SavePlan writes a plan to path, for [LoadPlan]. It refuses to write over what the
// plan was made from, and into the plugin directory, which only apply changes.
func (p *Project) SavePlan(made *plan.Plan, path string) error {
	if err := p.checkOut(path); err != nil {
		return fmt.Errorf("saving the plan: %w", err)
	}
	data, err := made.Encode()
	if err == nil {
		err = swap.WriteFile(path, data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("saving the plan: %w", err)
	}
	return nil
}

// LoadPlan reads a saved plan, to be handed to [Project.Apply].
func LoadPlan(path string) (*plan.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	defer f.Close()
	data, err := plugin.ReadAtMost(f, maxPlan)
	if err != nil {
		return nil, fmt.Errorf("reading the plan %s: %w", path, err)
	}
	saved, err := plan.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading the plan %s: %w", path, err)
	}
	return saved, nil
}

func (p *Project) checkOut(out string) error {
	info, err := os.Stat(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", out)
	}
	for _, path := range []string{p.Config.Path, p.LockPath} {
		if other, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(info, other) {
			return fmt.Errorf("%s is what it was made from", out)
		}
	}
	abs, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(p.PluginDir, abs); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("%s is in the plugin directory, which only apply changes", out)
	}
	return nil
}
