package crashtest

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// ran is a run of the program as a process of its own.
type ran struct {
	command string
	code    int
	out     string
}

// together runs commands in the project dir at once, each in a process of its own
// that starts so long after the one before.
func together(bin, dir string, pause time.Duration, commands ...string) []ran {
	out := make([]ran, len(commands))
	var wg sync.WaitGroup
	for i, c := range commands {
		wg.Go(func() {
			time.Sleep(time.Duration(i) * pause)
			cmd := exec.Command(bin, args(dir, strings.Fields(c)...)...)
			text, _ := cmd.CombinedOutput() // the exit code says it
			out[i] = ran{c, cmd.ProcessState.ExitCode(), string(text)}
		})
	}
	wg.Wait()
	return out
}

// Three applies at once: each succeeds and ends with a result, whichever comes first
// does the work.
func TestThreeAppliesAtOnce(t *testing.T) {
	t.Parallel()
	s, bin := newScenario(t), build(t, "")
	rounds := howMany(200, 4)
	for i := range rounds {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		s.copyTo(t, dir)
		for _, r := range together(bin, dir, 0, "apply", "apply", "apply") {
			if r.code != 0 || !strings.Contains(r.out, "Apply complete:") && !strings.Contains(r.out, "No changes.") {
				t.Errorf("round %d: exit %d\n%s", i, r.code, r.out)
			}
		}
		if got := installedSet(t, dir); !maps.Equal(got, s.new) {
			t.Errorf("round %d: there are %v", i, got)
		}
		if err := s.checkRecovers(dir, true); err != nil {
			t.Errorf("round %d: %v", i, err)
		}
		_ = os.RemoveAll(dir)
	}
	t.Logf("%d rounds", rounds)
}

// An apply and rollbacks at once: what comes out is what some order of them makes.
// The template is itself the outcome of an apply, to an empty directory; and a
// rollback that shows something else than it would do is refused.
func TestApplyAndRollbackAtOnce(t *testing.T) {
	t.Parallel()
	s, bin := newScenario(t), build(t, "")
	rounds, outcomes := howMany(200, 4), map[string]int{}
	for i := range rounds {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		s.copyTo(t, dir)
		for _, r := range together(bin, dir, time.Duration(i%16)*2*time.Millisecond, "apply", "rollback --auto-approve", "rollback --auto-approve", "apply", "rollback --auto-approve") {
			refused := r.code == 1 && strings.HasPrefix(r.command, "rollback") &&
				(strings.Contains(r.out, "the plan is stale") || strings.Contains(r.out, "nothing to roll back"))
			if refused {
				outcomes["a rollback refused"]++
			} else if r.code != 0 {
				t.Errorf("round %d: %s: exit %d\n%s", i, r.command, r.code, r.out)
			}
		}
		want := s.new
		switch got := installedSet(t, dir); {
		case maps.Equal(got, s.fresh): // an apply after a rollback to nothing
			outcomes["the new set, nothing kept"]++
			want = s.fresh
		case maps.Equal(got, s.old):
			outcomes["the old set"]++
		case maps.Equal(got, s.new):
			outcomes["the new set"]++
		case len(got) == 0:
			outcomes["nothing"]++
			want = s.fresh
		default:
			t.Errorf("round %d: there are %v", i, got)
		}
		if err := checkLeftovers(dir); err != nil {
			t.Errorf("round %d: %v", i, err)
		}
		if err := s.checkConvergesTo(dir, want); err != nil {
			t.Errorf("round %d: %v", i, err)
		}
		_ = os.RemoveAll(dir)
	}
	t.Logf("%d rounds: %v", rounds, outcomes)
}

// While another process is changing the directory, an apply waits as long as it was
// told, and those that only read do not wait at all.
func TestLockTimeout(t *testing.T) {
	t.Parallel()
	s, bin := newScenario(t), build(t, "")
	dir := filepath.Join(t.TempDir(), "project")
	s.copyTo(t, dir)
	lock := flock.New(filepath.Join(dir, "plugins", ".plugins", "lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	for _, r := range together(bin, dir, 0, "plan", "list", "verify") {
		if drifted := r.command == "verify" && r.code == 2; r.code != 0 && !drifted {
			t.Errorf("%s: exit %d\n%s", r.command, r.code, r.out)
		}
	}
	start := time.Now()
	for _, r := range together(bin, dir, 0, "apply --lock-timeout 300ms", "rollback --auto-approve --lock-timeout 300ms", "recover --lock-timeout 300ms") {
		if r.code != 1 || !strings.Contains(r.out, "another process is changing it") || !strings.Contains(r.out, "--lock-timeout") {
			t.Errorf("%s: exit %d\n%s", r.command, r.code, r.out)
		}
	}
	if waited := time.Since(start); waited < 300*time.Millisecond {
		t.Errorf("they waited for %v only", waited)
	}
	if got := installedSet(t, dir); !maps.Equal(got, s.old) {
		t.Error("something changed")
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.checkRecovers(dir, false); err != nil {
		t.Error(err)
	}
}
