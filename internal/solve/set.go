package solve

import (
	"iter"
	"math/bits"
	"slices"
)

// set is a set of what a package can be: 0 stands for its absence, and i+1 for version i,
// oldest first. Sets of one package are of one length. None is changed after it
// was made.
type set []uint64

// absent is the member that stands for a package that is not installed.
const absent = 0

func newSet(size int, members ...int) set {
	s := make(set, (size+63)/64)
	for _, m := range members {
		s.add(m)
	}
	return s
}

func fullSet(size int) set {
	s := newSet(size)
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := size % 64; rest != 0 {
		s[len(s)-1] = 1<<rest - 1
	}
	return s
}

// add is for who makes the set.
func (s set) add(m int) { s[m/64] |= 1 << (m % 64) }

func (s set) has(m int) bool { return s[m/64]&(1<<(m%64)) != 0 }

func (s set) and(t set) set {
	out := make(set, len(s))
	for i := range s {
		out[i] = s[i] & t[i]
	}
	return out
}

func (s set) or(t set) set {
	out := make(set, len(s))
	for i := range s {
		out[i] = s[i] | t[i]
	}
	return out
}

func (s set) minus(t set) set {
	out := make(set, len(s))
	for i := range s {
		out[i] = s[i] &^ t[i]
	}
	return out
}

// within reports whether all of s is in t.
func (s set) within(t set) bool {
	for i := range s {
		if s[i]&^t[i] != 0 {
			return false
		}
	}
	return true
}

// meets reports whether s and t have a member in common.
func (s set) meets(t set) bool {
	for i := range s {
		if s[i]&t[i] != 0 {
			return true
		}
	}
	return false
}

func (s set) equal(t set) bool { return slices.Equal(s, t) }

func (s set) isEmpty() bool { return !s.meets(s) }

func (s set) count() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// members are in ascending order.
func (s set) members() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
