package crashtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An apply is killed while it undoes a commit that failed.
func TestKillUndoing(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.undoing(t, s, p)
		w.every = stride(t, 25)
		w.run(t)
	})
}

// undoing is a sweep over an apply whose first sync after the last swap fails, so
// that all is undone. At syncs there is no kill: they have their answer.
func (y way) undoing(t testing.TB, s *scenario, p programs) *sweep {
	t.Helper()
	w := y.kills(s, programs{pinned: p.pinned}, y.from(t, s.template), "apply")
	var swapped bool
	var synced int
	for _, on := range w.targets(t) {
		switch {
		case strings.HasPrefix(on.id, "rename") && strings.HasSuffix(on.to, "/gone.json.old"):
			swapped = true
		case swapped && on.call == "fsync":
			swapped, synced = false, on.index // of the last attempt, where there are two
		}
	}
	w.always = append(slices.Clip(w.always), "-e", fmt.Sprintf("inject=fsync:error=EIO:when=%d", synced))
	w.fails = true
	kills := w.picks
	w.picks = func(o *operation) bool { return kills(o) && o.call != "fsync" }
	w.name += ", undoing"
	return w
}
