package solve

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// Input is what to choose for.
type Input struct {
	Required []Requirement
	Provider Provider
	Host     plugin.Host // for the words of conflicts, and to propose a newer one
	Jobs     int         // questions to the provider at once; 0: 8
}

// Choice is the version chosen of one package.
type Choice struct {
	Package      Package
	Version      plugin.Version
	Dependencies []Dependency
	Required     bool      // it is required itself
	RequiredBy   []Package // the others chosen that need it, by name
}

// Solve chooses, for what is required and for all that it needs, by name. What it
// cannot is an error that joins a [*Conflict] for each group of requirements that
// contradict each other, or else a [*ProviderError] for each package of which it is not
// known what there is.
func Solve(ctx context.Context, in Input) ([]Choice, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := newWorld(ctx, in.Provider, cmp.Or(in.Jobs, 8))
	defer w.running.Wait()
	defer cancel()
	reqs := slices.Clone(in.Required)
	slices.SortStableFunc(reqs, Requirement.compare)
	if err := w.require(reqs); err != nil {
		return nil, err
	}
	s := newSearch(w, reqs, plugin.Version{}, 0)
	contradiction, err := s.run()
	if err != nil {
		return nil, err
	}
	if contradiction == none {
		return s.choices(), nil
	}
	return nil, in.explain(s, contradiction)
}

// require asks for all that is required at once.
func (w *world) require(reqs []Requirement) error {
	settled := map[Package]bool{}
	for _, r := range reqs {
		settled[r.Package] = true
		w.start(r.Package)
	}
	for _, r := range reqs {
		w.guess(r.Package, r.Range, settled)
	}
	var errs []error
	for _, p := range uniquePackages(reqs) {
		errs = append(errs, w.start(p).wait())
	}
	return errors.Join(errs...)
}

// uniquePackages are those that are required, by name.
func uniquePackages(reqs []Requirement) []Package {
	out := make([]Package, len(reqs))
	for i, r := range reqs {
		out[i] = r.Package
	}
	return slices.Compact(out)
}

// mostOtherSteps bounds the search for conflicts besides the first.
const mostOtherSteps = 500_000

// explain makes the error of a contradiction. What contradicts itself is set aside, and the
// rest tried again, so that all conflicts are told at once.
func (in *Input) explain(s *search, contradiction int) error {
	var conflicts []*Conflict
	rest := s.reqs
	r := reducer{steps: mostReduceSteps}
	for contradiction != none {
		c := tell(r.reduce(s, contradiction), s.reqs, in.Host)
		conflicts = append(conflicts, c)
		rest = slices.DeleteFunc(slices.Clone(rest), func(r Requirement) bool { return slices.ContainsFunc(c.Requirements, r.same) })
		s = newSearch(s.world, rest, plugin.Version{}, mostOtherSteps)
		var err error
		contradiction, err = s.run()
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if err != nil {
			// What is known of the first ones is worth telling.
			break
		}
	}
	errs := make([]error, len(conflicts))
	for i, c := range conflicts {
		p := proposer{world: s.world, others: rest, conflict: c, host: in.Host.Name}
		c.Proposals = p.proposals()
		errs[i] = c
	}
	return errors.Join(errs...)
}

func (r Requirement) compare(other Requirement) int {
	return cmp.Or(r.Package.Compare(other.Package), cmp.Compare(r.Range.String(), other.Range.String()), compareBools(r.Range.Every, other.Range.Every))
}

// compareBools puts false first.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (r Requirement) same(other Requirement) bool {
	return r.Package == other.Package && r.Range.key() == other.Range.key()
}
