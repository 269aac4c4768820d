package doctest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

var (
	inline = regexp.MustCompile("`([^`]+)`")
	// called is the program where a line runs it, not where a sentence speaks of plugins.
	called = regexp.MustCompile(`(?:^|[\s(/;&|"'=])plugins((?: +[^\s#|;&>)"'` + "`" + `]+)+)`)
)

// checkMentions demands that the commands and flags which the text names are there.
func (p *page) checkMentions(t *testing.T) {
	t.Helper()
	inBlock := map[int]bool{}
	for _, x := range p.parts {
		for i, line := range x.block.text {
			inBlock[x.line+i] = true
			if x.isConsole() && !strings.HasPrefix(line, prompt) {
				continue // what is printed
			}
			for _, m := range called.FindAllStringSubmatch(line, -1) {
				// In what is no command line, "plugins that…" is a sentence.
				if args := strings.Fields(m[1]); x.runs() || isCommand(args) {
					p.checkMention(t, x.line+i, args)
				}
			}
		}
	}
	for i, line := range p.lines {
		if inBlock[i] {
			continue
		}
		for _, m := range inline.FindAllStringSubmatch(line, -1) {
			if c := called.FindStringSubmatch(m[1]); c != nil && strings.HasPrefix(m[1], "plugins ") {
				p.checkMention(t, i, strings.Fields(c[1]))
			}
		}
	}
}

func isCommand(args []string) bool {
	cmd, _, err := cli.Command().Find(args)
	return err == nil && cmd.HasParent()
}

func (p *page) checkMention(t *testing.T, line int, args []string) {
	t.Helper()
	if err := mention(args); err != nil {
		t.Errorf("%s: plugins %s: %v", p.at(line), strings.Join(args, " "), err)
	}
}

// mention says what is wrong with a command line whose values may be placeholders.
func mention(args []string) error {
	root := cli.Command()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var words []string
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			words = append(words, arg)
		}
	}
	cmd := root
	for _, word := range words {
		sub, _, err := cmd.Find([]string{word})
		if err == nil && sub != cmd {
			cmd = sub
		}
	}
	if cmd == root && len(words) > 0 && placeholder.MatchString(words[0]) {
		return nil
	}
	if cmd == root && len(words) > 0 && !strings.HasPrefix(args[0], "-") {
		return fmt.Errorf("there is no such command")
	}
	for _, arg := range args {
		if name := flagName.FindString(arg); name != "" && flagOf(cmd, name) == nil {
			return fmt.Errorf("%s has no flag %s", cmd.CommandPath(), name)
		}
	}
	return nil
}

var (
	placeholder = regexp.MustCompile(`^[A-Z[…]`)
	flagName    = regexp.MustCompile(`^-[a-zA-Z]\b|--[a-z][a-z-]*`)
)

func flagOf(cmd *cobra.Command, name string) *pflag.Flag {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags()} {
		long, isLong := strings.CutPrefix(name, "--")
		if isLong {
			if f := set.Lookup(long); f != nil {
				return f
			}
		} else if f := set.ShorthandLookup(name[1:2]); f != nil {
			return f
		}
	}
	return nil
}

func TestMention(t *testing.T) {
	t.Parallel()
	for line, good := range map[string]bool{
		"lock --upgrade=NAME,…":            true,
		"plan --detailed-exitcode":         true,
		"COMMAND --help":                   true,
		"-C examples/quickstart apply":     true,
		"--plugin-dir X verify NAME…":      true,
		"cache clean --unused 30d":         true,
		"upgrade":                          false,
		"plan --detailed-exit":             false,
		"apply --upgrade":                  false,
		"completion bash":                  true,
		"lock [--upgrade[=N,…]] --check":   true,
		"rollback --to ID --download -q":   true,
		"rollback --to ID --download -Q":   false,
		"history --since":                  false,
		"mirror DIR\\|oci://…":             true,
		"diff [REV\\|FILE] [--markdown]":   true,
		"image oci://…":                    true,
		"--version":                        true,
		"lock --platform linux/arm64 -v":   true,
		"validate --file conf/plugins.hcl": true,
	} {
		if err := mention(strings.Fields(line)); (err == nil) != good {
			t.Errorf("plugins %s: %v", line, err)
		}
	}
}
