package solve_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
)

// What is needed of each other is told with the choice.
func TestChoicesTellWhoNeedsThem(t *testing.T) {
	t.Parallel()
	f := parseWorld(t, `
		want billing
		want audit
		billing 1.0.0 -> ledger ^1; audit
		audit 1.0.0 -> ledger
		ledger 1.0.0 -> store; ledger
		ledger 2.0.0
		store 1.0.0
		nobody 1.0.0`)
	choices, err := solve.Solve(t.Context(), f.input())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range choices {
		got = append(got, fmt.Sprint(c.Package, " ", c.Version, " ", c.Required, " ", c.RequiredBy, " ", len(c.Dependencies)))
	}
	want := []string{
		"audit 1.0.0 true [billing] 1", "billing 1.0.0 true [] 2",
		"ledger 1.0.0 false [audit billing] 2", "store 1.0.0 false [ledger] 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the choices differ (-want +got):\n%s", diff)
	}
}

// Only what somebody may need is asked for, and of that only the versions in question.
func TestOnlyWhatIsNeededIsAsked(t *testing.T) {
	t.Parallel()
	f := parseWorld(t, `
		want billing ~> 2.0
		locked ledger 1.0.0
		billing 1.0.0 -> old
		billing 2.0.0 -> ledger
		billing 3.0.0 -> new
		ledger 1.0.0
		ledger 2.0.0 -> store
		old 1.0.0
		new 1.0.0
		store 1.0.0`)
	f.untold = true
	if _, err := solve.Solve(t.Context(), f.input()); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"billing": 1, "billing 2.0.0": 1, "ledger": 1, "ledger 1.0.0": 1}
	if diff := cmp.Diff(want, f.asked); diff != "" {
		t.Errorf("what was asked differs (-want +got):\n%s", diff)
	}
}

// Of everything required of which nothing is known, that is told, and nothing is made of it.
func TestNotKnowingIsNoConflict(t *testing.T) {
	t.Parallel()
	down := errors.New("the registry is down")
	f := parseWorld(t, `
		want billing
		want audit
		want ledger
		audit 1.0.0
		billing 1.0.0
		ledger 1.0.0 -> store; mailer; audit
		mailer 1.0.0
		store 1.0.0`)
	f.untold = true
	for _, test := range []struct {
		name  string
		fails []string
		want  string
	}{
		{"two required", []string{"billing", "audit", "store"}, "audit: the registry is down\nbilling: the registry is down"},
		{"two needed by one", []string{"store", "mailer"}, "store: the registry is down\nmailer: the registry is down"},
		{"the needs of one", []string{"ledger 1.0.0"}, "ledger 1.0.0: the registry is down"},
		{"nothing that matters", []string{"nobody"}, "<nil>"},
	} {
		f.fails = map[string]error{}
		for _, question := range test.fails {
			f.fails[question] = down
		}
		_, err := solve.Solve(t.Context(), f.input())
		if fmt.Sprint(err) != test.want || err != nil && !errors.Is(err, down) {
			t.Errorf("%s: the error is %v", test.name, err)
		}
	}
}

// What fails while proposals are tried leaves the conflict as it is.
func TestAFailureWhileProposingIsNoAnswer(t *testing.T) {
	t.Parallel()
	f := parseWorld(t, `
		want billing ~> 2.0
		billing 1.0.0 -> store
		billing 2.0.0 -> ledger >= 9
		ledger 1.0.0
		store 1.0.0`)
	f.fails["store"] = errors.New("the registry is down")
	_, err := solve.Solve(t.Context(), f.input())
	conflicts := conflictsOf(err)
	if len(conflicts) != 1 || len(conflicts[0].Proposals) != 0 {
		t.Errorf("the error is %v", err)
	}
}

// What is required is asked for at once, but no more of it than may be.
func TestQuestionsAreOpenTogether(t *testing.T) {
	t.Parallel()
	f := newFake()
	for i := range 12 {
		name := plugin.Name(fmt.Sprintf("p%02d", i))
		f.required = append(f.required, solve.Requirement{Package: solve.Package{Name: name}})
		f.change(string(name), func(l *solve.Listing) { l.Candidates = append(l.Candidates, parseCandidate("1.0.0", "")) })
	}
	var open, most atomic.Int64
	together := make(chan struct{})
	var met sync.Once
	f.delay = func() {
		now := open.Add(1)
		defer open.Add(-1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		if now == 5 {
			met.Do(func() { close(together) })
		}
		<-together // each of the first waits for four others
	}
	in := f.input()
	in.Jobs = 5
	if _, err := solve.Solve(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 5 {
		t.Errorf("%d questions were open at once", most.Load())
	}
}

// Who gives up gets that for an answer, and nothing is left running.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := parseWorld(t, "want billing\nbilling 1.0.0 -> ledger\nledger 1.0.0")
	f.delay = cancel
	if _, err := solve.Solve(ctx, f.input()); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// What holds a package back is what the conflict with a wish for it says.
func TestAbout(t *testing.T) {
	t.Parallel()
	f := parseWorld(t, `
		want billing
		want ledger = 3.0.0
		billing 1.0.0 -> ledger < 3
		ledger 2.0.0
		ledger 3.0.0`)
	_, err := solve.Solve(t.Context(), f.input())
	conflicts := conflictsOf(err)
	if len(conflicts) != 1 {
		t.Fatal(err)
	}
	got := conflicts[0].About(solve.Package{Name: "ledger"})
	if !slices.Equal(got, []string{"billing 1.0.0 needs ledger < 3"}) {
		t.Errorf("it is %q", got)
	}
	if reason := conflicts[0].Reason(); !strings.HasPrefix(err.Error(), reason+"\n") || strings.Contains(reason, "change") {
		t.Errorf("the reason is %q", reason)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	exist := []string{"zebra", "audit", "workflow-plugin-ledger", "ledgers", "audit", "billing", "store"}
	if got := solve.Names("ledger", exist); got != "workflow-plugin-ledger, ledgers, audit, store, zebra and 1 more" {
		t.Error(got)
	}
	if got := solve.Names("ledger", exist[:3]); got != "workflow-plugin-ledger, audit and zebra" {
		t.Error(got)
	}
}
