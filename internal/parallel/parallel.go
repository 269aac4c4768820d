// Package parallel does a thing for each of many, several at a time, and tells all
// that went wrong, not the first only.
//
// It is not for stopping early: who wants that takes an errgroup.
package parallel

import (
	"errors"

	"golang.org/x/sync/errgroup"
)

// Each calls do for every index below n, at most limit at a time (0: all at once),
// and joins the errors in the order of the indices.
func Each(n, limit int, do func(i int) error) error {
	errs := make([]error, n)
	var g errgroup.Group
	if limit > 0 {
		g.SetLimit(limit)
	}
	for i := range n {
		g.Go(func() error {
			errs[i] = do(i)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return errors.Join(errs...)
}
