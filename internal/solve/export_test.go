package solve

import (
	"context"

	"github.com/plugins-hcl/plugins/plugin"
)

// Steps is how many the search alone takes.
func Steps(ctx context.Context, in Input) (int, error) {
	w := newWorld(ctx, in.Provider, 1)
	defer w.running.Wait()
	s := newSearch(w, in.Required, plugin.Version{}, 0)
	_, err := s.run()
	return s.engine.steps, err
}
