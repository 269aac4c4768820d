package apply

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/plugins-hcl/plugins/plan"
)

// onlyMends reports whether all that is to be done is to put back what was installed
// already, and there is something to roll back to besides: that must not be used up.
// What is replaced by such an apply is kept apart.
func (s *Session) onlyMends(ready []*staged) (bool, error) {
	if previous, err := s.directory.HasPrevious(); err != nil || !previous {
		return false, err
	}
	for _, st := range ready {
		if mends, err := s.mendsOne(st.change); err != nil || !mends {
			return false, err
		}
	}
	return true, nil
}

// mendsOne reports whether a change puts back just what was installed: the same
// package, made the same tree by the same settings.
func (s *Session) mendsOne(c plan.Change) (bool, error) {
	if c.Action != plan.Repair && c.Action != plan.Install || slices.Contains(c.Reasons, plan.Foreign) {
		return false, nil
	}
	r, _, err := s.state.ReadRecord(c.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return r.Version.Equal(c.To) && r.Digest == c.Package.Digest && r.Settings == plan.SettingsOf(c.Requirement, c.Locked), nil
}
