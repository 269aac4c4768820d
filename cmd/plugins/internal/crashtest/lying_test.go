package crashtest

import (
	"maps"
	"strings"
	"testing"
)

// A file system that ignores the flag and reports success all the same, as some FUSE
// file systems do, is found out by the probe: the first renameat2 of the main thread.
func TestExchangeThatLies(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), buildPinned(t, nil)
	c, err := plain(t, s.template).fresh()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.remove(t) })
	r := traceMain(t, bin, c.dir, []string{"-e", "inject=renameat2:retval=0:when=1"}, "apply")
	if r.exit != 0 || !strings.Contains(r.out, "cannot exchange two folders") {
		t.Errorf("exit %d, want 0 and a warning\n%s", r.exit, r.out)
	}
	if got := installedSet(t, c.dir); !maps.Equal(got, s.new) {
		t.Errorf("the set is %v, want %v", got, s.new)
	}
	if err := s.checkConverges(c.dir); err != nil {
		t.Error(err)
	}
}
