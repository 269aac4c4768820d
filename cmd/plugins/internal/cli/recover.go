package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
)

func (a *app) recoverCommand() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Finish or undo what a killed apply left",
		Long: `After a crash the plugin directory may hold some of an apply's changes and not the
others. This makes it the whole old set or the whole new one. Apply and rollback do so
by themselves before anything else. An on_change that is owed since then is run, and
health behind it, as apply would. There is nothing to choose, and nothing is asked.
Where --plugin-dir says which directory is meant, no configuration is needed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.begin()
			return a.recover(cmd.Context(), timeout)
		},
	}
	lockTimeoutFlag(cmd.Flags(), &timeout)
	return cmd
}

func (a *app) recover(ctx context.Context, timeout time.Duration) error {
	p, err := a.openDir(timeout)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(p.PluginDir); errors.Is(err, fs.ErrNotExist) {
		return a.showNotRecovered("There is nothing to recover: %s does not exist.", p.ShownDir)
	}
	recovered, err := p.Recover(ctx)
	defer a.afterwards(err)
	if err != nil {
		a.recovering = a.host != (hostSummary{})
		return err
	}
	if recovered == nil && a.host == (hostSummary{}) {
		return a.showNotRecovered("There is nothing to recover in %s.", p.ShownDir)
	}
	if a.stream != nil {
		a.stream.Write(recoverSummary{Type: "summary", Recovered: recovered != nil, hostSummary: a.host})
	}
	return a.stream.Err()
}

func (a *app) showNotRecovered(format, dir string) error {
	if a.stream != nil {
		a.stream.Write(recoverSummary{Type: "summary"})
		return a.stream.Err()
	}
	if a.flags.quiet {
		return nil
	}
	_, err := fmt.Fprintf(a.stdout, format+"\n", ui.Line(dir))
	return err
}

// recoveredObject tells in a stream what was done about an interrupted apply.
type recoveredObject struct {
	Type    string        `json:"type"`
	Action  string        `json:"action"` // "finished" or "undone"
	Plugins []plugin.Name `json:"plugins"`
}

// recoverSummary is the last object of recover's stream.
type recoverSummary struct {
	Type      string `json:"type"`
	Recovered bool   `json:"recovered"`
	hostSummary
}

// showRecovered tells what was done about an interrupted apply.
func (a *app) showRecovered(r plugin.RecoverEvent) {
	did := "finished"
	if r.Undone {
		did = "undone"
	}
	text := fmt.Sprintf("%s an interrupted apply was found and %s (%s).", a.err.Yellow("Recovered:"), did, nameList(r.Plugins))
	if a.summary != nil {
		a.summary.Changed = true
	}
	a.left = "Apart from that, nothing was changed in " + a.shownDir + "."
	if a.stream == nil {
		a.say("%s", text)
		return
	}
	a.stream.Write(recoveredObject{Type: "recovered", Action: did, Plugins: append([]plugin.Name{}, r.Plugins...)})
	if a.stream.Err() != nil {
		a.left = text
	}
}
