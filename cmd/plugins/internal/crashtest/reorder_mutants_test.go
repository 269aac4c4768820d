package crashtest

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// unsynced is the program without something that makes an apply durable.
type unsynced struct {
	mutant
	really bool // ext4 and xfs lose it as well, not only the model
	// rollback says that it shows in a rollback, and not in an apply.
	rollback bool
}

var unsyncedPrograms = []unsynced{
	{mutant{
		name: "staged files are not synced", file: "internal/swap/sync.go",
		from: "errors.Join(f.Sync(), f.Close())",
		to:   "errors.Join(f.Close())", sample: true,
	}, true, false},
	{mutant{
		name: "staged folders are not synced", file: "internal/swap/sync.go",
		from: "if err := SyncDir(dirs[i]); err != nil {",
		to:   "if err := error(nil); err != nil {", sample: true,
	}, false, false},
	{mutant{
		name: "the journal's folder is not synced", file: "internal/swap/write.go",
		from: "os.Remove(temp))\n\t}\n\treturn SyncDir(filepath.Dir(path))\n",
		to:   "os.Remove(temp))\n\t}\n\treturn nil\n",
	}, false, false},
	{mutant{
		name: "the journal's file is not synced", file: "internal/swap/write.go",
		from: "err = f.Sync()",
		to:   "err = nil",
	}, true, false},
	{mutant{
		name: "the names in staging are not synced", file: "internal/commit/commit.go",
		from: "if err := t.syncStaging(); err != nil {",
		to:   "if err := error(nil); err != nil {",
	}, false, false},
	{mutant{
		name: "the exchanged names are not synced", file: "internal/commit/commit.go",
		from: "if err := swap.SyncDir(parent); err != nil {",
		to:   "if err := error(nil); err != nil {\n\t\t\t_ = swap.SyncDir(parent)",
	}, false, false},
	{mutant{
		name: "the journal is removed early", file: "internal/commit/commit.go",
		from: "if err := j.forward(ctx, t.moves); err != nil {",
		to:   "if err := errors.Join(removeJournal(t.layout), j.forward(ctx, t.moves)); err != nil {",
	}, false, false},
	{mutant{
		name: "what a rollback carries over is not synced", file: "internal/commit/back.go",
		from: "if err := swap.SyncTree(ctx, at); err != nil {",
		to:   "if err := error(nil); err != nil {",
	}, true, true},
}

func (u unsynced) build(t *testing.T) string {
	t.Helper()
	return buildPinned(t, map[string]string{u.file: u.mutated(t)})
}

// The model has teeth: it finds what is wrong with a program that leaves a sync out.
func TestReorderingFindsMissingSyncs(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s := newScenario(t)
	for _, u := range unsyncedPrograms {
		if !u.sample && !full() {
			continue
		}
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			dir := filepath.Join(t.TempDir(), "project")
			s.copyTo(t, dir)
			h, check := (*history)(nil), s.checkCrash
			if bin := u.build(t); u.rollback {
				mustRun(t, dir, "apply")
				h = replay(t, bin, dir, "Rollback complete", nil, "rollback", "--auto-approve")
				check = s.checkRollbackCrashed
			} else {
				h = replay(t, bin, dir, "Apply complete", nil, "apply")
			}
			states := h.states(0)
			rand.New(rand.NewPCG(3, 4)).Shuffle(len(states), func(i, j int) { states[i], states[j] = states[j], states[i] })
			checked, failed := h.find(t, states, 1, check)
			if len(failed) == 0 {
				t.Fatalf("not caught in %d states", checked)
			}
			t.Logf("caught by state %d of %d, %v: %v", checked, len(states), time.Since(start).Round(time.Millisecond), failed[0])
		})
	}
}
