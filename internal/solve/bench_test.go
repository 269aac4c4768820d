package solve_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
)

// registry is large, and made up as it is asked for.
type registry struct {
	plugins  int
	versions []plugin.Version
	ranges   []solve.Range
	needs    int // how many others each version needs
	told     bool
	hard     bool // what a version needs has nothing to do with its age
	asked    atomic.Int64
	made     sync.Map // listings, by package: making them costs more than solving
}

func newRegistry() *registry {
	r := &registry{plugins: 10_000, needs: 3, told: true}
	for major := 1; major <= 10; major++ {
		for minor := range 10 {
			r.versions = append(r.versions, plugin.MustVersion(fmt.Sprintf("%d.%d.0", major, minor)))
			r.ranges = append(r.ranges, parseRange(fmt.Sprintf(">= %d.%d", major, minor)), parseRange(fmt.Sprintf("< %d.%d", major+1, minor)))
		}
	}
	return r
}

func (r *registry) pkg(i int) solve.Package {
	return solve.Package{Name: plugin.Name(fmt.Sprintf("plugin-%05d", i))}
}

func (r *registry) Versions(_ context.Context, p solve.Package) (solve.Listing, error) {
	r.asked.Add(1)
	if l, ok := r.made.Load(p); ok {
		return l.(solve.Listing), nil
	}
	var l solve.Listing
	for _, v := range r.versions {
		c := solve.Candidate{Version: v, Told: r.told}
		if r.told {
			c.Dependencies = r.dependencies(p, v)
		}
		l.Candidates = append(l.Candidates, c)
	}
	r.made.Store(p, l)
	return l, nil
}

func (r *registry) Dependencies(_ context.Context, p solve.Package, v plugin.Version) ([]solve.Dependency, error) {
	r.asked.Add(1)
	return r.dependencies(p, v), nil
}

// dependencies change with each major version; what is needed is among the first plugins,
// so that many need the same.
func (r *registry) dependencies(p solve.Package, v plugin.Version) (deps []solve.Dependency) {
	var number, major, minor int
	fmt.Sscanf(string(p.Name), "plugin-%d", &number)
	fmt.Sscanf(v.String(), "%d.%d", &major, &minor)
	random := rand.New(rand.NewPCG(uint64(number), uint64(major)))
	for range r.needs {
		on := random.IntN(max(1, number))
		if number > 400 {
			on = random.IntN(400)
		}
		if on != number {
			in := random.IntN(len(r.ranges))
			if !r.hard {
				// From, or up to, a version that is at most about as old.
				in = min(2*(10*(major-1)+minor), len(r.ranges)-2)
				if random.IntN(4) == 0 && major < 10 {
					in++
				}
			}
			deps = append(deps, solve.Dependency{Package: r.pkg(on), Range: r.ranges[in]})
		}
	}
	return deps
}

func (r *registry) required(n int) (reqs []solve.Requirement) {
	for i := range n {
		reqs = append(reqs, solve.Requirement{Package: r.pkg(i * (r.plugins / n))})
	}
	return reqs
}

// A registry of 10,000 plugins with 100 versions each, of which 200 are declared.
func BenchmarkSolve(b *testing.B) {
	for name, change := range map[string]func(*registry){
		"usual":  func(*registry) {},
		"untold": func(r *registry) { r.told = false },
		"hard":   func(r *registry) { r.hard = true },
	} {
		b.Run(name, func(b *testing.B) {
			r := newRegistry()
			change(r)
			in := solve.Input{Required: r.required(200), Provider: r}
			if _, err := solve.Solve(b.Context(), in); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				r.asked.Store(0)
				choices, err := solve.Solve(b.Context(), in)
				b.ReportMetric(float64(len(choices)), "chosen")
				b.ReportMetric(float64(r.asked.Load()), "asked")
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The same, where two of those declared want what many others cannot have.
func BenchmarkConflict(b *testing.B) {
	r := newRegistry()
	in := solve.Input{Provider: r, Required: append(r.required(200),
		solve.Requirement{Package: r.pkg(3), Range: parseRange("< 2")}, solve.Requirement{Package: r.pkg(7), Range: parseRange("~> 5.5")})}
	for b.Loop() {
		_, err := solve.Solve(b.Context(), in)
		if err == nil {
			b.Fatal("there is no conflict")
		}
		b.ReportMetric(float64(len(conflictsOf(err))), "conflicts")
	}
}
