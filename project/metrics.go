package project

import (
	"context"
	"fmt"
	"time"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/metrics"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
)

// Measured is what is to be told of a command by its metrics, besides what can be seen.
type Measured struct {
	Report *Report  // of a verify, whose rehashing sees more drift than a plan does
	Apply  *Applied // an apply that has ended
}

// Applied is when an apply ended, and whether it did all that there was to do.
type Applied struct {
	At time.Time
	OK bool
}

// WriteMetrics writes to path what monitoring asks of the plugin directory, in the text
// format of Prometheus: the lock's digest, pending changes, drift, whether an apply was
// interrupted, how it stands with the host, and when the last one ended, and how. What cannot be found out is left
// out. The last apply is that of m, else the one that path tells of already, so that
// each command keeps up what the others wrote. See [Project.CheckMetrics].
func (p *Project) WriteMetrics(ctx context.Context, path string, m Measured) error {
	before, err := metrics.Load(path)
	if err != nil {
		return aboutMetrics(err)
	}
	s := p.measure(ctx)
	if before.IsAbout(p.PluginDir) {
		s.LastApply = before.LastApply
	}
	return saveMetrics(path, s, m)
}

// WriteUnknownMetrics is [Project.WriteMetrics] where the configuration cannot be read:
// of what path tells, the last apply alone is still known. Where path tells nothing,
// neither is which directory it is about, and nothing is written.
func WriteUnknownMetrics(path string, m Measured) error {
	before, err := metrics.Load(path)
	if err != nil {
		return aboutMetrics(err)
	}
	if before.PluginDir == "" {
		return nil
	}
	return saveMetrics(path, metrics.Set{PluginDir: before.PluginDir, LastApply: before.LastApply}, m)
}

// CheckMetrics tells beforehand what would keep WriteMetrics from writing to path:
// something else than metrics is there, the folder is missing, or it is in the plugin
// directory, which only apply changes.
func (p *Project) CheckMetrics(path string) error {
	if err := p.checkOut(path); err != nil {
		return aboutMetrics(err)
	}
	if _, err := metrics.Load(path); err != nil {
		return aboutMetrics(err)
	}
	return nil
}

func aboutMetrics(err error) error { return fmt.Errorf("writing the metrics: %w", err) }

func saveMetrics(path string, s metrics.Set, m Measured) error {
	if m.Report != nil {
		s.Drifted = &m.Report.changed
	}
	if m.Apply != nil {
		s.LastApply = &metrics.LastApply{At: m.Apply.At, OK: m.Apply.OK}
	}
	if err := metrics.Save(path, &s); err != nil {
		return aboutMetrics(err)
	}
	return nil
}

// measure finds out what can be found out.
func (p *Project) measure(ctx context.Context) metrics.Set {
	s := metrics.Set{PluginDir: p.PluginDir}
	l, err := lock.Load(p.LockPath)
	if err == nil {
		s.Lock = l.Digest()
	} else {
		l = &lock.File{}
	}
	p.measureHost(&s)
	snap, err := p.scan(ctx, l, false)
	if err != nil {
		return s
	}
	changed := len(snap.Changed())
	s.Drifted, s.Interrupted = &changed, &snap.Interrupted
	if made, err := p.planOf(ctx, snap); err == nil {
		s.Pending = pending(made)
	}
	return s
}

// measureHost finds out how it stands with the host, where it is told of changes.
func (p *Project) measureHost(s *metrics.Set) {
	h, err := apply.ReadHost(p.PluginDir)
	if err != nil || h.IsZero() && !p.owes() {
		return
	}
	owed, refused := h.Owed != nil, h.Refuses(s.Lock)
	s.HostOwed, s.Refused = &owed, &refused
}

func (p *Project) planOf(ctx context.Context, snap *installed.Snapshot) (*plan.Plan, error) {
	in, err := p.planInput(ctx)
	if err != nil {
		return nil, err
	}
	in.Snapshot = snap
	return plan.Build(in)
}

// pending counts what a plan does, and the plugins that it can do nothing about.
func pending(made *plan.Plan) []metrics.Pending {
	s := made.Summary
	return []metrics.Pending{
		{Action: string(plan.Install), Count: s.Install},
		{Action: string(plan.Upgrade), Count: s.Upgrade},
		{Action: string(plan.Downgrade), Count: s.Downgrade},
		{Action: string(plan.Repair), Count: s.Repair},
		{Action: string(plan.Remove), Count: s.Remove},
		{Action: "failed", Count: len(made.Failed)},
	}
}
