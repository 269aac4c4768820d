package commit

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
	"github.com/plugins-hcl/plugins/plugin"
)

// copyAside copies what stands at the place of a step, which cannot be renamed, to
// where it would have gone: undoing needs it, and so does a rollback. What a rollback
// is to put there may be as immovable, and is copied, too.
func (t *Transaction) copyAside(ctx context.Context, s *step) error {
	if strings.HasPrefix(s.New, previousRel+"/") {
		fresh := path.Join(stagingOf(t.id), path.Base(s.New)+".copy")
		if err := tree.Copy(ctx, abs(t.layout.dir, s.New), abs(t.layout.dir, fresh), true); err != nil {
			return fmt.Errorf("copying %s: %w", abs(t.layout.dir, s.New), err)
		}
		info, err := os.Lstat(abs(t.layout.dir, fresh))
		if err != nil {
			return err
		}
		s.New, s.Inode = fresh, swap.Inode(info)
		if err := swap.SyncTree(ctx, abs(t.layout.dir, fresh)); err != nil {
			return err
		}
	}
	if s.Old == "" {
		return nil
	}
	t.observe.Tell(plugin.WarningEvent{Plugin: plugin.Name(s.folder()), Message: "its folder cannot be renamed (is it part of an image's layer?): " +
		"it is removed before the new one takes its place, and a host may find the plugin absent for a moment"})
	from, to := abs(t.layout.dir, s.Live), abs(t.layout.dir, s.Old)
	if err := tree.Copy(ctx, from, to, true); err != nil {
		return fmt.Errorf("copying %s aside: %w", from, err)
	}
	s.Copied = true
	return swap.SyncTree(ctx, to)
}
