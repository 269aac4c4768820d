package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// everyCommand calls do for each command that a user can see, but those that only say how
// to use others.
func everyCommand(cmd *cobra.Command, do func(*cobra.Command)) {
	if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
		return
	}
	do(cmd)
	for _, sub := range cmd.Commands() {
		everyCommand(sub, do)
	}
}

// Each command's help says how it is used and what its exit codes mean, and its examples
// have no command and no flag that there is not.
func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	root := Command()
	explained := map[string]bool{}
	code := regexp.MustCompile(`(?m)^  \d+ +\S`)
	everyCommand(root, func(cmd *cobra.Command) {
		explained[cmd.CommandPath()] = true
		if cmd.Example == "" {
			t.Errorf("%s: its help has no example", cmd.CommandPath())
		}
		_, table, ok := strings.Cut(cmd.Long, "\nExit status:\n")
		if !ok || len(code.FindAllString(table, -1)) < 2 || !strings.HasPrefix(table, "  0 ") {
			t.Errorf("%s: its help does not say what its exit codes mean:\n%s", cmd.CommandPath(), cmd.Long)
		}
		if strings.Count(cmd.Long, "Exit status") != 1 {
			t.Errorf("%s: its help says twice what its exit codes mean", cmd.CommandPath())
		}
		for _, line := range strings.Split(cmd.Example, "\n") {
			for _, part := range strings.Split(line, "&&") {
				checkExample(t, root, cmd, strings.TrimSpace(part))
			}
		}
	})
	for path := range manuals() {
		if !explained[path] {
			t.Errorf("there is a manual of %q, and no such command", path)
		}
	}
}

func checkExample(t *testing.T, root, of *cobra.Command, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " >> ")
	words := strings.Fields(strings.ReplaceAll(line, "'", ""))
	if len(words) == 0 || words[0] != "plugins" {
		if !strings.Contains(line, of.CommandPath()) {
			t.Errorf("%s: the example %q does not show it", of.CommandPath(), line)
		}
		return
	}
	cmd, rest, err := root.Find(words[1:])
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err != nil || cmd == root && len(words) > 1 {
		t.Errorf("%s: the example %q cannot be run: %v", of.CommandPath(), line, err)
	}
}
