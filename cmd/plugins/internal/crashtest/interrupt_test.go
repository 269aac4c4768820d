package crashtest

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// Ctrl-C once folders are being exchanged does not stop that: the apply finishes, says
// so, and ends with 0. Before it, at the probe, it ends with 130 and nothing changed.
func TestInterruptedWhileCommitting(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), buildPinned(t, nil)
	// The delay lets the program notice it while it is in the midst of that call.
	for when := 1; when <= 4; when++ {
		c, err := plain(t, s.template).fresh()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.remove(t) })
		r := traceMain(t, bin, c.dir, []string{"-e", fmt.Sprintf("inject=renameat2:signal=INT:delay_exit=300000:when=%d", when)}, "apply")
		want, code, says := s.new, 0, "Apply complete: 1 installed, 2 upgraded, 1 removed ("
		if when == 1 {
			want, code, says = s.old, 130, "Interrupted. Nothing was changed in plugins."
		}
		if got := installedSet(t, c.dir); r.exit != code || !maps.Equal(got, want) || !strings.Contains(r.out, says) {
			t.Errorf("at exchange %d: exit %d, want %d; the set is %v\n%s", when, r.exit, code, got, r.out)
		}
		if err := s.checkConverges(c.dir); err != nil {
			t.Error(err)
		}
	}
}
