package resolve

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// NoVersionError says that no version of a plugin can be chosen, and why each
// that exists cannot.
type NoVersionError struct {
	Constraint plugin.Constraint
	RuledOut   []Exclusion // oldest first
}

// Exclusion is a version that exists, and why it cannot be chosen.
type Exclusion struct {
	Version plugin.Version
	Why     string
}

func (e *NoVersionError) Error() string {
	var b strings.Builder
	if e.Constraint.String() == "" {
		b.WriteString("no version can be chosen")
	} else {
		fmt.Fprintf(&b, "no version satisfies %q", e.Constraint)
	}
	if len(e.RuledOut) == 0 {
		b.WriteString(": none exists")
		return b.String()
	}
	versions := make([]plugin.Version, len(e.RuledOut))
	for i, x := range e.RuledOut {
		versions[i] = x.Version
	}
	fmt.Fprintf(&b, "; these exist: %s", plugin.VersionList(versions))
	for _, why := range e.reasons() {
		b.WriteString("\n  " + why)
	}
	return b.String()
}

// reasons tells why versions were ruled out for another reason than the
// constraint, newest first, those with the same reason on one line.
func (e *NoVersionError) reasons() []string {
	var order []string
	versions := map[string][]plugin.Version{}
	for i := len(e.RuledOut) - 1; i >= 0; i-- {
		x := e.RuledOut[i]
		if x.Why == notAllowed {
			continue
		}
		if versions[x.Why] == nil {
			order = append(order, x.Why)
		}
		versions[x.Why] = append([]plugin.Version{x.Version}, versions[x.Why]...)
	}
	lines := make([]string, len(order))
	for i, why := range order {
		lines[i] = plugin.VersionList(versions[why]) + ": " + why
	}
	return lines
}
