package apply

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// copyAside copies what stands at the place of a step, which cannot be renamed, to
// where it would have gone: undoing needs it, and so does a rollback. What a rollback
// is to put there may be as immovable, and is copied, too.
func (t *transaction) copyAside(ctx context.Context, s *step) error {
	if strings.HasPrefix(s.New, previousRel+"/") {
		fresh := path.Join(t.rel(), path.Base(s.New)+".copy")
		if err := copyTree(ctx, abs(t.state.Dir, s.New), abs(t.state.Dir, fresh), true); err != nil {
			return fmt.Errorf("copying %s: %w", abs(t.state.Dir, s.New), err)
		}
		info, err := os.Lstat(abs(t.state.Dir, fresh))
		if err != nil {
			return err
		}
		s.New, s.Inode = fresh, installed.StatOf(info).Inode
		if err := swap.SyncTree(ctx, abs(t.state.Dir, fresh)); err != nil {
			return err
		}
	}
	if s.Old == "" {
		return nil
	}
	t.opts.Observe.Tell(plugin.WarningEvent{Plugin: s.plugin(), Message: "its folder cannot be renamed (is it part of an image's layer?): " +
		"it is removed before the new one takes its place, and a host may find the plugin absent for a moment"})
	from, to := abs(t.state.Dir, s.Live), abs(t.state.Dir, s.Old)
	if err := copyTree(ctx, from, to, true); err != nil {
		return fmt.Errorf("copying %s aside: %w", from, err)
	}
	s.Copied = true
	return swap.SyncTree(ctx, to)
}
