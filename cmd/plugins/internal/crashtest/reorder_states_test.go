package crashtest

import (
	"math/rand/v2"
)

// crashState is a crash at a point of a history, and what became of the effects.
type crashState struct {
	point int
	how   string
	fates []fate
}

// states lists crash states, each with another disk: at every point, everything
// that was not synced kept, or lost; only its data lost, or zeroed; each effect
// lost alone, or kept alone; and so many random choices.
func (h *history) states(random int) []crashState {
	rng := rand.New(rand.NewPCG(1, 2)) // the same states every time
	type seen struct {
		reported bool
		disk     uint64
	}
	known := map[seen]bool{}
	var out []crashState
	for _, point := range h.points() {
		durable := h.durable(point)
		add := func(how string, choose func(i int) fate) {
			s := crashState{point: point, how: how, fates: h.choose(durable, choose)}
			key := seen{point >= h.report, h.crash(s.fates).key()}
			if !known[key] {
				known[key] = true
				out = append(out, s)
			}
		}
		add("all is kept", func(int) fate { return kept })
		add("all that is not synced is lost", func(int) fate { return lost })
		add("all data that is not synced is lost", h.dataOnly(lost))
		add("all data that is not synced is zeros", h.dataOnly(zeroed))
		for i := range durable {
			if durable[i] {
				continue
			}
			e := &h.effects[i]
			add("lost: "+e.what, but(kept, i, lost))
			add("kept: "+e.what, h.only(i))
			if e.data != nil {
				add("zeroed: "+e.what, but(kept, i, zeroed))
			}
		}
		for range random {
			odds := rng.Float64()
			add("random", func(int) fate {
				switch x := rng.Float64(); {
				case x >= odds:
					return kept
				case x < odds/4:
					return zeroed
				default:
					return lost
				}
			})
		}
	}
	return out
}

// choose gives every effect a fate: kept if it is durable; lost if one that it
// needs is lost.
func (h *history) choose(durable []bool, choose func(i int) fate) []fate {
	fates := make([]fate, len(durable))
	for i := range fates {
		e := &h.effects[i]
		fates[i] = choose(i)
		if durable[i] || fates[i] == zeroed && e.data == nil {
			fates[i] = kept
		}
		for _, need := range e.needs {
			if fates[need] == lost {
				fates[i] = lost
			}
		}
	}
	return fates
}

func but(all fate, but int, other fate) func(int) fate {
	return func(i int) fate {
		if i == but {
			return other
		}
		return all
	}
}

// only keeps one effect, and those that it needs.
func (h *history) only(one int) func(int) fate {
	needed := map[int]bool{one: true}
	for i := one; i >= 0; i-- {
		if needed[i] {
			for _, need := range h.effects[i].needs {
				needed[need] = true
			}
		}
	}
	return func(i int) fate {
		if needed[i] {
			return kept
		}
		return lost
	}
}

func (h *history) dataOnly(f fate) func(int) fate {
	return func(i int) fate {
		if h.effects[i].data != nil {
			return f
		}
		return kept
	}
}
