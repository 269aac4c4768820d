package crashtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A recovery can itself be cut off, whether it finishes an apply or undoes it; and
// what it reports stays.
func TestReorderedRecovery(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), buildPinned(t, nil)
	// The first exchange is the probe's, the eight from the second on are the commit's.
	for k := 2; k <= 9; k += howMany(1, 4) {
		for _, back := range []bool{false, true} {
			t.Run(fmt.Sprintf("killed at exchange %d, to be undone: %t", k, back), func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "project")
				s.copyTo(t, dir)
				want, report := s.new, "was found and finished"
				if r := killAt(t, bin, dir, operation{call: "renameat2", index: k}, true); r.exit != -1 {
					t.Fatalf("not killed: %s", r.out)
				}
				if back {
					// So does an apply that met an error.
					journal := filepath.Join(dir, "plugins", ".plugins", "journal")
					if err := os.Rename(journal+".undo", journal); err != nil {
						t.Fatal(err)
					}
					want, report = s.old, "was found and undone"
				}
				h := replay(t, bin, dir, report, nil, "recover")
				h.checkAll(t, 25, func(dir string, reported bool) error {
					if !reported {
						return s.checkCrash(dir, false)
					}
					return s.checkDecided(dir, want)
				})
			})
		}
	}
}
