package ui

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/plan"
)

// Rollback renders what a rollback would put back.
func Rollback(dir string, changes []plan.Change, width int, c Palette) string {
	all := make([]row, len(changes))
	for i, ch := range changes {
		r := row{mark: symbol(ch.Action), paint: actionColor(ch.Action), name: string(ch.Name), version: fromTo(ch)}
		switch ch.Action {
		case plan.Upgrade, plan.Downgrade:
			r.lead = strings.TrimSpace(ch.From.Step(ch.To) + " " + string(ch.Action))
		case plan.Install:
			r.note = "comes back"
		case plan.Remove:
			r.note = "was not there"
		case plan.Repair:
			r.lead = "puts back"
		}
		for _, line := range returns(ch) {
			r.below = append(r.below, detail{Line(line), Palette.Faint})
		}
		r.below = append(r.below, deleted(ch.Deletes, false)...)
		all[i] = r
	}
	return fmt.Sprintf("In %s, this puts back what the last apply or rollback replaced:\n\n", Line(dir)) + rows(all, width, c)
}

// returns tells what a rollback puts back that is not as a plan would install it.
func returns(ch plan.Change) []string {
	var lines []string
	for _, r := range ch.Reasons {
		switch r {
		case plan.Files:
			lines = append(lines, "the copy whose files had changed")
			for _, f := range ch.Files {
				lines = append(lines, "  "+f)
			}
		case plan.Foreign:
			lines = append(lines, "the folder that plugins had not installed")
		case plan.Digest:
			lines = append(lines, "the copy from another package of this version")
		}
	}
	return lines
}

// PutBack is [Done] for a rollback, which repairs nothing.
func PutBack(a string) string {
	if plan.Action(a) == plan.Repair {
		return "put back"
	}
	return Done(a)
}
