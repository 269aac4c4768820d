package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) whyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "why NAME",
		Short: "Tell why a plugin is locked: who declares it, and who needs it",
		Long: `Each chain that leads from the configuration to the plugin is a line. It needs no
network: the lock file tells.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || blank(args[0]) {
				return usage(cmd, errors.New("why takes one argument, the name of a plugin"))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.why(args[0]) },
	}
}

func (a *app) why(name string) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	reasons, err := p.Why(plugin.Name(name))
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.document(reasons)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", a.out.Bold(string(reasons.Name)), reasons.Version)
	if reasons.Declared != "" {
		fmt.Fprintf(&b, "  declared in %s\n", ui.Line(reasons.Declared))
	}
	for _, chain := range reasons.Chains {
		b.WriteString("  " + a.chain(chain) + "\n")
	}
	if reasons.More {
		b.WriteString("  … and by more ways\n")
	}
	if reasons.Declared == "" && len(reasons.Chains) == 0 {
		b.WriteString("  nothing needs it any more: run plugins lock\n")
	}
	_, err = fmt.Fprint(a.stdout, b.String())
	return err
}

// chain is "billing 2.1.0 (plugins.hcl:3) → ledger 3.0.1".
func (a *app) chain(links []project.Link) string {
	words := make([]string, len(links))
	for i, l := range links {
		words[i] = fmt.Sprintf("%s %s", l.Name, l.Version)
		if i == 0 {
			words[i] += a.out.Faint(" (" + ui.Line(l.Declared) + ")")
		}
	}
	return strings.Join(words, " → ")
}
