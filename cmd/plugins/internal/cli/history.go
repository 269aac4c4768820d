package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
)

func (a *app) historyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "List which sets were applied, when, by whom and from which lock",
		Long: fmt.Sprintf(`Each apply and rollback that changed something is an entry, the newest first: when it
was, who did it on which machine, the digest of the lock file (of its text as plugins
lock writes it), and what changed. One that was killed is told once a recovery has
finished or undone it. The newest %d are kept, in .plugins/history of the plugin
directory. plugins rollback --to ID goes back to a set, as long as its packages are
cached.

Nothing is changed. Where --plugin-dir says which directory is meant, no configuration
is needed.`, apply.MaxHistory),
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.history(cmd.Context()) },
	}
}

func (a *app) history(ctx context.Context) error {
	p, err := a.openDir(0)
	if err != nil {
		return err
	}
	h, err := p.History(ctx)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.document(h)
	}
	entries := make([]ui.HistoryEntry, len(h.Entries))
	for i, e := range h.Entries {
		entries[i] = ui.HistoryEntry{
			ID: e.ID, Time: e.Time, Command: e.Command, User: e.User, Host: e.Host, Outcome: string(e.Outcome), Lock: e.Lock,
		}
		for _, c := range e.Changes {
			entries[i].Changes = append(entries[i].Changes, ui.HistoryChange{Name: c.Name, Action: c.Action, From: c.From, To: c.To})
		}
	}
	_, err = fmt.Fprint(a.stdout, ui.History(h.PluginDir, entries, h.Interrupted, a.out))
	return err
}
