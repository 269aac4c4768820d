package solve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/plugins-hcl/plugins/plugin"
)

// mostNames is how many of what exists is told.
const mostNames = 5

// Names lists what exists where something else was asked for: those most like it first;
// a few, the rest counted.
func Names(asked string, exist []string) string {
	names := slices.Clone(exist)
	slices.Sort(names)
	names = slices.Compact(names)
	like := func(name string) int {
		return levenshtein.Distance(plugin.ShortName(asked), plugin.ShortName(name), nil)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(like(a), like(b)) })
	if rest := len(names) - mostNames; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNames], ", "), rest)
	}
	return listed(names, "and")
}
