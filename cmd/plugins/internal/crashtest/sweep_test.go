package crashtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sweep runs a command again and again, and does something to it at every one of
// its operations in turn.
type sweep struct {
	name    string
	bin     string // "" leaves out what is done at the same time as something else
	pinned  string // by buildPinned
	from    *origin
	command []string
	always  []string                                           // options of strace for every run
	inject  string                                             // what is done to an operation, in strace's words
	picks   func(o *operation) bool                            // the operations it is done to
	check   func(c *trial, r *traced, fired []operation) error // looks at what is left
	every   int                                                // only every so many operations
	fails   bool                                               // undisturbed, the command fails
	mutant  bool                                               // of the program: it is swept from the journal on, until it is caught
}

// inEachWay runs do once for each way of replacing plugins, at the same time.
func inEachWay(t *testing.T, do func(t *testing.T, y way)) {
	t.Helper()
	for _, y := range someWays(t) {
		t.Run(y.name, func(t *testing.T) {
			t.Parallel()
			do(t, y)
		})
	}
}

// swept prepares a test that sweeps: it runs beside others, and needs strace.
func swept(t *testing.T) (*scenario, programs) {
	t.Helper()
	t.Parallel()
	needStrace(t)
	return newScenario(t), newPrograms(t)
}

// inStates sweeps what w gives for each of some states in which the command of from
// was killed while it committed.
func inStates(t *testing.T, from *sweep, states int, w func(from *origin) *sweep) {
	t.Helper()
	for i, state := range from.interrupted(t, states) {
		again := w(state)
		again.name = fmt.Sprintf("%s, state %d", again.name, i+1)
		again.run(t)
	}
}

// figures are the outcome of a sweep.
type figures struct {
	operations int // that could be picked, in a whole run
	points     int // that were to be hit
	hit        int // of these
	commit     int // of the operations, those while a journal lies there
	commitHit  int
	runs       int
	failures   int
	missed     []string
	took       time.Duration
}

func (f figures) String() string {
	s := fmt.Sprintf("%d operations, %d points, %d hit (%.1f %%), commit %d of %d; %d runs, %d failures, %.1f s",
		f.operations, f.points, f.hit, percent(f.hit, f.points), f.commitHit, f.commit, f.runs, f.failures, f.took.Seconds())
	if len(f.missed) > 0 {
		s += "\nnot hit: " + strings.Join(f.missed, "\n         ")
	}
	return s
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// stride is how many operations a sweep goes on by: CRASHTEST=full runs all of
// them, CRASHTEST_EVERY says how many; otherwise it is usual.
func stride(t testing.TB, usual int) int {
	t.Helper()
	if full() {
		return 1
	}
	if s := os.Getenv("CRASHTEST_EVERY"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("CRASHTEST_EVERY=%q: a number from 1 on is wanted", s)
		}
		return n
	}
	return 5 * usual
}

// tries is how often a sweep tries to hit one operation of those that are done at
// once: which thread does it, and so how strace counts it, differs between runs.
func tries() int { return howMany(24, 2) }

// indices remembers by which index each operation was seen, how often.
type indices map[string]map[int]int

func (in indices) learn(r *traced) {
	for _, o := range r.ops {
		if in[o.id] == nil {
			in[o.id] = map[int]int{}
		}
		in[o.id][o.index]++
	}
}

// best is the likeliest index of an operation, but for those that were tried.
func (in indices) best(id string, tried map[int]int) int {
	best, most := 0, -1.0
	for index, seen := range in[id] {
		if score := float64(seen) / float64(1+4*tried[index]); score > most || score == most && index < best {
			best, most = index, score
		}
	}
	return best
}

// target is an operation that something is to be done to.
type target struct {
	operation
	main       bool // the main thread does it
	committing bool // it is part of the commit
}

// targets lists the operations of an undisturbed run that are to be picked.
func (w *sweep) targets(t testing.TB) (picked []target) {
	t.Helper()
	r := w.undisturbed(t, w.pinned)
	in := committing(r.ops)
	began := slices.Index(in, true)
	for i, o := range r.ops {
		on := target{operation: o, main: o.thread == r.all[0].thread, committing: in[i]}
		if w.picks(&o) && (on.main || w.bin != "") && (i >= began || !w.mutant) {
			picked = append(picked, on)
		}
	}
	return picked
}

// undisturbed traces a run to which nothing is done but what is always done.
func (w *sweep) undisturbed(t testing.TB, bin string) *traced {
	t.Helper()
	c := w.copy(t)
	defer c.remove(t)
	look := trace
	if w.bin == "" {
		look = traceMain
	}
	r := look(t, bin, c.dir, w.always, w.command...)
	if (r.exit != 0) != w.fails {
		t.Fatalf("%s: undisturbed, exit %d\n%s", w.name, r.exit, r.out)
	}
	return r
}

func (w *sweep) copy(t testing.TB) *trial {
	t.Helper()
	c, err := w.from.fresh()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inOrder puts what a mutant is to be swept by in an order that goes over the whole
// commit before it looks closer, since where a mistake shows, it shows along a stretch.
func (w *sweep) inOrder(targets []target) []target {
	if !w.mutant {
		return targets
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	return targets
}

// run sweeps.
func (w *sweep) run(t testing.TB) (f figures) {
	t.Helper()
	began := time.Now()
	known := indices{}
	done := map[string]bool{}
	for i, on := range w.inOrder(w.targets(t)) {
		f.operations++
		if on.committing {
			f.commit++
		}
		if i%w.every != w.every/2 || w.mutant && f.failures > 0 {
			continue
		}
		f.points++
		if on.main {
			w.hitMain(t, on, done, &f)
		} else {
			w.hitWorker(t, on, done, known, &f)
		}
		switch {
		case !done[on.id]:
			f.missed = append(f.missed, on.id)
		case on.committing:
			f.commitHit++
			fallthrough
		default:
			f.hit++
		}
	}
	f.took = time.Since(began)
	if w.every == 1 && f.commitHit < f.commit && !w.mutant {
		t.Errorf("%s: not every operation of the commit was hit", w.name)
	}
	t.Logf("%s: %s", w.name, f)
	return f
}

// hitMain hits an operation of the main thread: which one it is, is known.
func (w *sweep) hitMain(t testing.TB, on target, done map[string]bool, f *figures) {
	t.Helper()
	c := w.copy(t)
	defer c.remove(t)
	f.runs++
	r := traceMain(t, w.pinned, c.dir, w.options(on.call, on.index), w.command...)
	fired := whatFired(r, r.ops, on.call, on.index)
	if len(fired) != 1 || unnumbered(fired[0].id) != unnumbered(on.id) {
		return
	}
	done[on.id] = true
	w.judge(t, c, r, fired, f)
}

// hitWorker tries to hit an operation of any thread.
func (w *sweep) hitWorker(t testing.TB, on target, done map[string]bool, known indices, f *figures) {
	t.Helper()
	if len(known) == 0 {
		known.learn(w.undisturbed(t, w.bin))
	}
	tried := map[int]int{}
	for n := 0; n < tries() && !done[on.id]; n++ {
		index := known.best(on.id, tried)
		tried[index]++
		w.hitAny(t, on.call, index, done, known, f)
	}
}

func (w *sweep) hitAny(t testing.TB, call string, index int, done map[string]bool, known indices, f *figures) {
	t.Helper()
	c := w.copy(t)
	defer c.remove(t)
	f.runs++
	r := trace(t, w.bin, c.dir, w.options(call, index), w.command...)
	known.learn(r)
	fired := whatFired(r, r.ops, call, index)
	fresh := false
	for _, o := range fired {
		fresh = fresh || !done[o.id]
		done[o.id] = true
	}
	if fresh {
		w.judge(t, c, r, fired, f)
	}
}

func (w *sweep) options(call string, index int) []string {
	return append(slices.Clip(w.always), "-e", fmt.Sprintf("inject=%s:%s:when=%d", call, w.inject, index))
}

// judge looks at what a run left.
func (w *sweep) judge(t testing.TB, c *trial, r *traced, fired []operation, f *figures) {
	t.Helper()
	if err := w.check(c, r, fired); err != nil {
		f.failures++
		w.report(t, fired, r, err)
	}
}

func (w *sweep) report(t testing.TB, fired []operation, r *traced, err error) {
	t.Helper()
	var ids []string
	for _, o := range fired {
		ids = append(ids, o.id)
	}
	at := strings.Join(ids, ", ")
	if w.mutant { // that is what it is for
		t.Logf("%s: caught at %s: %v", w.name, at, err)
		return
	}
	t.Errorf("%s: %s at %s: %v\nthe program said (exit %d):\n%s", w.name, w.inject, at, err, r.exit, r.out)
}

// whatFired looks up, among ops, to what something was done in a run: strace counts
// for each thread, so it may be done several times, or to another operation than
// was meant.
func whatFired(r *traced, ops []operation, call string, index int) (fired []operation) {
	for _, o := range ops {
		if o.call == call && o.index == index && (r.exit == -1 || o.injected()) {
			fired = append(fired, o)
		}
	}
	return fired
}

// unnumbered is what an operation does, without which time it is.
func unnumbered(id string) string {
	id, _, _ = strings.Cut(id, " #")
	return id
}

// committing tells of each operation of a run whether it is part of a commit: from
// the first write of a journal, or the reading of one that was there, to its removal.
func committing(ops []operation) []bool {
	in := make([]bool, len(ops))
	now := false
	for i, o := range ops {
		what := unnumbered(o.id)
		switch {
		case strings.HasPrefix(what, "openat plugins/.plugins/.journal"),
			strings.HasPrefix(what, "openat plugins/.plugins/journal") && strings.HasSuffix(what, " to write"):
			now = true
		case what == "openat plugins/.plugins/journal" && !o.failed():
			now = true
		}
		in[i] = now
		if what == "unlinkat plugins/.plugins/journal.undo" {
			now = false
		}
	}
	return in
}
