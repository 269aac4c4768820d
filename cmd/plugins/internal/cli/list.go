package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the plugins that are declared, locked and installed",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.list(cmd.Context()) },
	}
}

// listReport is what list --json prints.
type listReport struct {
	FormatVersion string       `json:"format_version"`
	PluginDir     string       `json:"plugin_dir"`
	Platform      string       `json:"platform"`
	Plugins       []listResult `json:"plugins"`
	Unmanaged     []string     `json:"unmanaged"`
	Interrupted   bool         `json:"interrupted"`
}

// listResult is one plugin of it.
type listResult struct {
	Name      plugin.Name    `json:"name"`
	Installed plugin.Version `json:"installed,omitzero"`
	Locked    plugin.Version `json:"locked,omitzero"`
	Source    string         `json:"source"`
	Declared  bool           `json:"declared"`
	Managed   bool           `json:"managed"` // installed by this program
}

func (a *app) list(ctx context.Context) error {
	p, err := a.open()
	if err != nil {
		return err
	}
	l, err := p.lock()
	if errors.Is(err, fs.ErrNotExist) {
		l, err = &lock.File{}, nil
	}
	if err != nil {
		return err
	}
	snap, err := p.scan(ctx, l, false)
	if err != nil {
		return err
	}
	report := listReport{
		FormatVersion: plan.FormatVersion, PluginDir: p.shownDir, Platform: p.platform.String(),
		Plugins: p.listed(l, snap), Unmanaged: append([]string{}, snap.Unmanaged...), Interrupted: snap.Interrupted,
	}
	if a.flags.json {
		return a.document(report)
	}
	return a.showListed(report)
}

// listed joins what is declared, locked and installed.
func (p *project) listed(l *lock.File, snap *installed.Snapshot) []listResult {
	byName := map[plugin.Name]*listResult{}
	at := func(name plugin.Name) *listResult {
		if byName[name] == nil {
			byName[name] = &listResult{Name: name}
		}
		return byName[name]
	}
	for _, now := range snap.Plugins {
		if !now.Present {
			continue
		}
		r := at(now.Name)
		r.Installed, r.Managed = now.Version, now.Record != nil
		if now.Record != nil {
			r.Source = plugin.Redact(now.Record.Source)
		}
	}
	for _, locked := range l.Plugins {
		r := at(locked.Name)
		r.Locked, r.Source = locked.Version, plugin.Redact(locked.Source)
	}
	for _, declared := range p.config.Plugins {
		r := at(declared.Name)
		r.Declared, r.Source = true, plugin.Redact(declared.Source.Text)
	}
	results := make([]listResult, 0, len(byName))
	for _, r := range byName {
		results = append(results, *r)
	}
	slices.SortFunc(results, func(a, b listResult) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return results
}

func (a *app) showListed(r listReport) error {
	rows := [][]string{{"NAME", "INSTALLED", "LOCKED", "SOURCE"}}
	dash := func(v plugin.Version) string {
		if v.IsZero() {
			return "-"
		}
		return v.String()
	}
	for _, p := range r.Plugins {
		rows = append(rows, []string{string(p.Name), dash(p.Installed), dash(p.Locked), ui.Line(p.Source)})
	}
	var b strings.Builder
	for i, line := range ui.Columns(rows) {
		if i == 0 {
			line = a.out.Bold(line)
		}
		b.WriteString(line + "\n")
	}
	if len(r.Unmanaged) > 0 {
		fmt.Fprintf(&b, "\n%s %s\n", a.out.Faint("Unmanaged, left alone:"), ui.Line(strings.Join(r.Unmanaged, ", ")))
	}
	if r.Interrupted {
		b.WriteString("\n" + a.out.Yellow("An interrupted apply was found") + "; the next apply finishes or undoes it.\n")
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
