package lock

import (
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// The actions of a [Change].
const (
	Add    = "add"
	Update = "change"
	Remove = "remove"
	Keep   = "keep"
)

// Change is how one plugin differs between two locks. From is zero for Add, To
// for Remove; they are equal where something else than the version changed.
type Change struct {
	Name     plugin.Name
	Action   string
	From, To plugin.Version
}

// Diff lists how b differs from a, sorted by name, what is the same included.
func Diff(a, b *File) []Change {
	var changes []Change
	for _, old := range a.Plugins {
		if _, ok := b.Plugin(old.Name); !ok {
			changes = append(changes, Change{Name: old.Name, Action: Remove, From: old.Version})
		}
	}
	for _, p := range b.Plugins {
		old, ok := a.Plugin(p.Name)
		change := Change{Name: p.Name, Action: Update, From: old.Version, To: p.Version}
		switch {
		case !ok:
			change.Action = Add
		case equal(old, p):
			change.Action = Keep
		}
		changes = append(changes, change)
	}
	slices.SortFunc(changes, func(x, y Change) int {
		if x.Name < y.Name {
			return -1
		}
		return 1
	})
	return changes
}

func equal(a, b Plugin) bool {
	return a.Version.Equal(b.Version) && a.Constraints == b.Constraints && a.Source == b.Source && a.Resolved == b.Resolved &&
		a.ManifestName == b.ManifestName && a.Binary == b.Binary && a.MinHost.Equal(b.MinHost) && a.ForceCompat == b.ForceCompat && a.Manifest == b.Manifest && a.SignedBy == b.SignedBy &&
		slices.Equal(a.RequiredBy, b.RequiredBy) && slices.Equal(a.Packages, b.Packages)
}
