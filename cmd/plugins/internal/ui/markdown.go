package ui

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/plan"
)

// Markdown renders a plan for a pull request's comment or a step summary.
func Markdown(p *plan.Plan) string {
	var b strings.Builder
	if p.Interrupted {
		b.WriteString("**An interrupted apply was found**" + interrupted(p))
	}
	if p.Empty() {
		b.WriteString("**No changes.** " + markdownText(kept(p)) + "\n")
	} else {
		fmt.Fprintf(&b, "**Plan** for `%s` on %s: %s.\n\n", code(p.PluginDir), p.Platform, counts(p.Summary))
		b.WriteString("| | plugin | action | version | reasons | source | digest |\n|---|---|---|---|---|---|---|\n")
		for _, ch := range p.Changes {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | `%s` | `%s` |\n", symbol(ch.Action), ch.Name, ch.Action,
				fromTo(ch), reasons(ch), code(ch.Source), ch.Digest.Short())
		}
		var files strings.Builder
		for _, ch := range p.Changes {
			for _, f := range differing(ch) {
				files.WriteString(fmt.Sprintf("- `%s/%s`\n", ch.Name, code(f)))
			}
			for _, d := range deleted(ch.Deletes, false) {
				fmt.Fprintf(&b, "\n- `%s` %s", ch.Name, markdownText(d.text))
			}
		}
		if files.Len() > 0 {
			b.WriteString("\n" + files.String())
		}
	}
	for _, f := range p.Failed {
		fmt.Fprintf(&b, "\n**Cannot be planned:** `%s`: %s\n", f.Name, markdownText(Line(f.Message)))
	}
	if len(p.Unmanaged) > 0 {
		fmt.Fprintf(&b, "\nUnmanaged, left alone: `%s`\n", code(strings.Join(p.Unmanaged, ", ")))
	}
	return b.String() + afterMarkdown(p)
}

// code is a text that can stand between backticks in a table's cell.
func code(s string) string {
	return strings.NewReplacer("`", "'", "|", `\|`, "\n", " ").Replace(Line(s))
}

func markdownText(s string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`).Replace(s)
}
