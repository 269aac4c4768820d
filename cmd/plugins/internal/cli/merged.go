package cli

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// mergedObject tells in a stream what was taken of a lock file with merge conflict
// markers.
type mergedObject struct {
	Type  string         `json:"type"`
	Name  plugin.Name    `json:"name"`
	Taken plugin.Version `json:"taken"`
	Left  plugin.Version `json:"left,omitzero"`
	Side  string         `json:"side"` // "ours" or "theirs"
	Why   lock.Why       `json:"why"`
}

// showMerged tells what was taken of either side of a merge conflict, if there was one.
func (a *app) showMerged(p *project.Project, locked *project.Locked) {
	if locked.Conflict == nil {
		return
	}
	name := ui.Line(filepath.Base(p.LockPath))
	a.say("%s had merge conflict markers; the pins of both sides were taken:", name)
	if len(locked.Taken) == 0 {
		a.say("  they agree on every plugin")
	}
	for _, t := range locked.Taken {
		side, other := sideNames(locked.Conflict, t.Ours)
		a.say("  %s %s: %s", t.Name, t.Taken, takenBecause(t, side, other))
		if a.stream != nil {
			a.stream.Write(mergedObject{Type: "merged", Name: t.Name, Taken: t.Taken, Left: t.Left, Side: sideWord(t.Ours), Why: t.Why})
		}
	}
	a.say("To end the merge: git add %s\n", name)
}

func sideWord(ours bool) string {
	if ours {
		return "ours"
	}
	return "theirs"
}

// sideNames are the names of the side that was taken and of the other.
func sideNames(c *lock.Conflict, ours bool) (side, other string) {
	side, other = cmp.Or(ui.Line(c.OursName), "ours"), cmp.Or(ui.Line(c.TheirsName), "theirs")
	if !ours {
		side, other = other, side
	}
	return side, other
}

func takenBecause(t lock.Taken, side, other string) string {
	switch t.Why {
	case lock.OnlySide:
		return fmt.Sprintf("from %s; %s does not lock it", side, other)
	case lock.OnlyAllowed:
		return fmt.Sprintf("from %s; the configuration does not allow %s, from %s", side, t.Left, other)
	case lock.Neither:
		return fmt.Sprintf("from %s; the configuration allows neither that nor %s, from %s", side, t.Left, other)
	case lock.OtherSource:
		return fmt.Sprintf("from %s; %s has it from another source", side, other)
	case lock.Newer:
		return fmt.Sprintf("from %s; %s, from %s, is older", side, t.Left, other)
	}
	return fmt.Sprintf("from both %s and %s", side, other)
}
