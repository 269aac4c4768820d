package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// What is run after a change, what counts where nothing is said, and what of it may be
// shown.
func TestAfter(t *testing.T) {
	t.Parallel()
	f := parse(t, `
on_change {
  command = ["systemctl", "reload", "workflow"]
}
health {
  command  = ["curl", "-f", "https://u:p@localhost/health", env("TOKEN")]
  retries  = 3
  interval = "500ms"
}
`)
	want := &config.OnChange{
		Command: plugin.Command{
			Args: []string{"systemctl", "reload", "workflow"}, Sensitive: []bool{false, false, false},
			Dir: f.Dir, Timeout: 30 * time.Second,
		},
		Pos: f.OnChange.Pos,
	}
	if diff := cmp.Diff(want, f.OnChange); diff != "" {
		t.Errorf("on_change (-want +got):\n%s", diff)
	}
	h := f.Health
	if h.Retries != 3 || h.Interval != 500*time.Millisecond || h.Command.Timeout != 10*time.Second {
		t.Errorf("health: %+v", h)
	}
	shown := []string{"curl", "-f", "https://(sensitive)@localhost/health", "(sensitive)"}
	if diff := cmp.Diff(shown, h.Command.Shown()); diff != "" {
		t.Errorf("health, as it is shown (-want +got):\n%s", diff)
	}
	if got := h.Command.Hide("curl: bad token " + h.Command.Args[3]); got != "curl: bad token (sensitive)" {
		t.Errorf("what it printed is shown as %q", got)
	}
	if f.OnChange.Pos.String() != "plugins.hcl:2" || h.Pos.String() != "plugins.hcl:5" {
		t.Errorf("they are at %s and %s", f.OnChange.Pos, h.Pos)
	}
}

// Where a command is null, there is none: so a build of an image does without.
func TestNoCommand(t *testing.T) {
	t.Parallel()
	f := parse(t, `
on_change { command = env("NO_SUCH_VARIABLE") == null ? null : ["true"] }
health { command = null }
`)
	if f.OnChange != nil || f.Health != nil {
		t.Errorf("on_change %+v, health %+v", f.OnChange, f.Health)
	}
}
