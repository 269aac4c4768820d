package resolve

import (
	"fmt"
	"slices"
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
	Rule    Rule
	Why     string
}

// Rule is what rules a version out.
type Rule string

// The rules.
const (
	ByConstraint Rule = "constraint" // it does not satisfy it
	ByPrerelease Rule = "prerelease" // it is one that the constraint does not name
	ByHost       Rule = "host"       // it needs a newer one
	ByEvidence   Rule = "evidence"   // it is known to fail with the host
	ByAge        Rule = "min_age"    // it is too young for the policy
	ByPolicy     Rule = "policy"     // the policy does not allow its source
)

// Satisfied reports whether versions satisfy the constraint, and are ruled out by
// something else.
func (e *NoVersionError) Satisfied() bool {
	return slices.ContainsFunc(e.RuledOut, func(x Exclusion) bool { return x.Rule != ByConstraint && x.Rule != ByPrerelease })
}

func (e *NoVersionError) Error() string {
	text := "no version can be chosen"
	switch {
	case e.Constraint.String() == "":
	case e.Satisfied():
		text = fmt.Sprintf("no version that satisfies %q can be chosen", e.Constraint)
	default:
		text = fmt.Sprintf("no version satisfies %q", e.Constraint)
	}
	if len(e.RuledOut) == 0 {
		return text + ": none exists"
	}
	if e.Satisfied() {
		// The lines name every version.
		return text + ":\n  " + strings.Join(e.reasons(true), "\n  ")
	}
	versions := make([]plugin.Version, len(e.RuledOut))
	for i, x := range e.RuledOut {
		versions[i] = x.Version
	}
	lines := append([]string{text + "; these exist: " + plugin.VersionList(versions)}, e.reasons(false)...)
	return strings.Join(lines, "\n  ")
}

// reasons tells why versions were ruled out, newest first, those with the same
// reason on one line; those that the constraint does not allow come last, if they
// are to be told.
func (e *NoVersionError) reasons(all bool) []string {
	var order []string
	versions := map[string][]plugin.Version{}
	for i := len(e.RuledOut) - 1; i >= 0; i-- {
		x := e.RuledOut[i]
		if x.Rule == ByConstraint {
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
	if others := e.notAllowed(); all && len(others) > 0 {
		lines = append(lines, plugin.VersionList(others)+": the constraint does not allow it")
	}
	return lines
}

func (e *NoVersionError) notAllowed() (versions []plugin.Version) {
	for _, x := range e.RuledOut {
		if x.Rule == ByConstraint {
			versions = append(versions, x.Version)
		}
	}
	return versions
}
