package solve

import (
	"context"
	"slices"
	"sync"

	"github.com/plugins-hcl/plugins/plugin"
)

// world is what is known of packages so far. It asks the provider for what it is asked
// for, once, and ahead for what is likely to be needed. What came ahead makes no
// difference before it is asked for: results are the same, whatever comes first.
type world struct {
	ctx      context.Context
	provider Provider
	slots    chan struct{} // the questions that may be open at once
	running  sync.WaitGroup

	mu       sync.Mutex
	packages map[Package]*pkg
	guessed  map[guess]bool
}

// guess is that a package is needed with a range.
type guess struct {
	of Package
	in rangeKey
}

// pkg is a package and its versions, oldest first.
type pkg struct {
	id         Package
	listed     chan struct{} // closed when the rest is there
	err        error
	candidates []Candidate
	order      []int // the candidates in the order in which they are preferred
	missing    string
	exist      []string
	answers    []answer // of each candidate its dependencies

	mu      sync.Mutex
	allowed map[rangeKey]set
}

// answer is the dependencies of a candidate.
type answer struct {
	asked sync.Once
	come  chan struct{} // closed when the rest is there
	deps  []Dependency
	err   error
	known bool // to the search, not just ahead of it
}

func newWorld(ctx context.Context, p Provider, jobs int) *world {
	return &world{
		ctx: ctx, provider: p, slots: make(chan struct{}, jobs),
		packages: map[Package]*pkg{}, guessed: map[guess]bool{},
	}
}

// start asks for the versions of a package, if nobody did.
func (w *world) start(id Package) *pkg {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.packages[id]
	if p == nil {
		p = &pkg{id: id, listed: make(chan struct{}), allowed: map[rangeKey]set{}}
		w.packages[id] = p
		w.running.Go(func() {
			defer close(p.listed)
			w.ask(func() {
				l, err := w.provider.Versions(w.ctx, id)
				p.list(l)
				p.err = err
			}, &p.err)
		})
	}
	return p
}

// ask does what asks the provider, when a slot is free; if that comes to nothing
// because the search is over, it says so.
func (w *world) ask(do func(), failed *error) {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
		do()
	case <-w.ctx.Done():
		*failed = w.ctx.Err()
	}
}

// wait is until a package is listed.
func (p *pkg) wait() error {
	<-p.listed
	if p.err != nil {
		return &ProviderError{Package: p.id, Err: p.err}
	}
	return nil
}

// list takes in what the provider says.
func (p *pkg) list(l Listing) {
	p.missing, p.exist = l.Missing, l.Exist
	p.candidates = slices.Clone(l.Candidates)
	slices.SortStableFunc(p.candidates, func(a, b Candidate) int { return a.Version.Compare(b.Version) })
	p.candidates = slices.CompactFunc(p.candidates, func(a, b Candidate) bool { return a.Version.Equal(b.Version) })
	p.answers = make([]answer, len(p.candidates))
	p.order = make([]int, 0, len(p.candidates))
	for i, c := range slices.Backward(p.candidates) {
		if !l.Locked.IsZero() && c.Version.Equal(l.Locked) {
			p.order = slices.Insert(p.order, 0, i)
		} else {
			p.order = append(p.order, i)
		}
	}
}

// startDependencies asks for those of candidate i, if nobody did.
func (w *world) startDependencies(p *pkg, i int) *answer {
	a := &p.answers[i]
	a.asked.Do(func() {
		a.come = make(chan struct{})
		if p.candidates[i].Told {
			a.deps = p.candidates[i].Dependencies
			close(a.come)
			return
		}
		w.running.Go(func() {
			defer close(a.come)
			w.ask(func() { a.deps, a.err = w.provider.Dependencies(w.ctx, p.id, p.candidates[i].Version) }, &a.err)
		})
	})
	return a
}

// dependencies are those of candidate i.
func (w *world) dependencies(p *pkg, i int) ([]Dependency, error) {
	a := w.startDependencies(p, i)
	<-a.come
	if a.err != nil {
		return nil, &ProviderError{Package: p.id, Version: p.candidates[i].Version, Err: a.err}
	}
	a.known = true
	return a.deps, nil
}

// told are the dependencies of candidate i as far as nobody need be asked.
func (p *pkg) told(i int) []Dependency {
	switch {
	case p.candidates[i].Told:
		return p.candidates[i].Dependencies
	case p.answers[i].known:
		return p.answers[i].deps
	}
	return nil
}

// guess asks ahead for what is needed if id is: its versions, what the likely one
// depends on, and so on. Of what is in settled that is asked for by others.
func (w *world) guess(id Package, r Range, settled map[Package]bool) {
	key := guess{id, r.key()}
	w.mu.Lock()
	known := w.guessed[key]
	w.guessed[key] = true
	w.mu.Unlock()
	if known {
		return
	}
	w.running.Go(func() {
		p := w.start(id)
		if p.wait() != nil {
			return
		}
		i := p.likely(r)
		if i < 0 {
			return
		}
		a := w.startDependencies(p, i)
		<-a.come
		for _, d := range a.deps {
			if !settled[d.Package] {
				w.guess(d.Package, d.Range, settled)
			}
		}
	})
}

// likely is the candidate that is chosen if nothing else is in its way; -1: none.
func (p *pkg) likely(r Range) int {
	allowed := p.in(r)
	for _, i := range p.order {
		if allowed.has(i+1) && len(p.candidates[i].RuledOut) == 0 {
			return i
		}
	}
	return -1
}

// size is the number of what the package can be.
func (p *pkg) size() int { return len(p.candidates) + 1 }

// all are its versions.
func (p *pkg) all() set { return fullSet(p.size()).minus(newSet(p.size(), absent)) }

// in are its versions that the range allows.
func (p *pkg) in(r Range) set {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.allowed[r.key()]
	if !ok {
		s = newSet(p.size())
		for i, c := range p.candidates {
			if r.Allows(c.Version) {
				s.add(i + 1)
			}
		}
		p.allowed[r.key()] = s
	}
	return s
}

// versions are those in a set, oldest first.
func (p *pkg) versions(s set) (out []plugin.Version) {
	for m := range s.members() {
		if m != absent {
			out = append(out, p.candidates[m-1].Version)
		}
	}
	return out
}
