package plugin

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Constraint is a set of versions, written in the syntax of
// github.com/Masterminds/semver (^, ~, x, ||, ranges), except that "~>" means
// what it means in Terraform, and that prereleases are in it as npm and Cargo have
// them, see [Constraint.Allows]. The zero value allows every release.
type Constraint struct {
	text string
	any  *alternatives // nil: every release
}

// alternatives are what stands between "||": one of them must hold. Behind a pointer,
// so that constraints can be compared.
type alternatives []alternative

// alternative is one of them: all of its comparators must hold.
type alternative struct {
	comparators *semver.Constraints
	prereleases []*semver.Version // those that comparators name
}

// ParseConstraint reads a constraint; "" allows every release.
func ParseConstraint(s string) (Constraint, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Constraint{}, nil
	}
	parsed, err := parseAlternatives(s)
	if err != nil {
		return Constraint{}, fmt.Errorf("%q is not a version constraint: %w", s, err)
	}
	return Constraint{text: leadingV.ReplaceAllString(s, "$1$2"), any: &parsed}, nil
}

func parseAlternatives(s string) (alternatives, error) {
	rewritten, err := rewritePessimistic(s)
	if err != nil {
		return nil, err
	}
	// Parsed as a whole for the limits on the length and on the alternatives.
	if _, err := semver.NewConstraint(rewritten); err != nil {
		return nil, err
	}
	var out alternatives
	for _, part := range strings.Split(s, "||") {
		if rewritten, err = rewritePessimistic(part); err != nil {
			return nil, err
		}
		c, err := semver.NewConstraint(rewritten)
		if err != nil {
			return nil, err
		}
		out = append(out, alternative{comparators: c, prereleases: namedPrereleases(part)})
	}
	return out, nil
}

// comparator matches one version of a constraint, and the "!" of a "!=" before it.
var comparator = regexp.MustCompile(`(!?)[=<>~^]*\s*v?(\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)`)

// namedPrereleases are the prereleases that the text names; leaving one out with
// "!=" asks for no other.
func namedPrereleases(text string) []*semver.Version {
	var out []*semver.Version
	for _, m := range comparator.FindAllStringSubmatch(text, -1) {
		if v, err := semver.NewVersion(m[2]); err == nil && v.Prerelease() != "" && m[1] == "" {
			out = append(out, v)
		}
	}
	return out
}

// leadingV matches the "v" of "v1.2"; one in a prerelease follows a letter, a digit
// or a separator.
var leadingV = regexp.MustCompile(`(^|[^0-9A-Za-z.+-])[v](\d)`)

// MustConstraint is [ParseConstraint] for constants; it panics on an error.
func MustConstraint(s string) Constraint {
	c, err := ParseConstraint(s)
	if err != nil {
		panic(err)
	}
	return c
}

// String is the constraint as it was written, less the "v" before versions.
func (c Constraint) String() string { return c.text }

// Allows reports whether v is in the set. A prerelease is only where a comparator
// names a prerelease of the same major.minor.patch: who asks for 1.2.0-rc.1 has not
// asked for the alphas of 2.0.0.
func (c Constraint) Allows(v Version) bool {
	if v.v == nil {
		return false
	}
	if c.any == nil {
		return v.v.Prerelease() == ""
	}
	for _, a := range *c.any {
		if a.comparators.Check(v.v) && (v.v.Prerelease() == "" || a.names(v.v)) {
			return true
		}
	}
	return false
}

// Names reports whether a comparator names a prerelease of v's major.minor.patch.
func (c Constraint) Names(v Version) bool {
	return v.v != nil && c.any != nil && slices.ContainsFunc(*c.any, func(a alternative) bool { return a.names(v.v) })
}

// names reports whether a comparator names a prerelease of what v is one of.
func (a alternative) names(v *semver.Version) bool {
	return slices.ContainsFunc(a.prereleases, func(p *semver.Version) bool {
		return p.Major() == v.Major() && p.Minor() == v.Minor() && p.Patch() == v.Patch()
	})
}

// Exact is the one version the constraint allows, where it is written as a full
// version: "1.2.3", "= 1.2.3" or "v1.2.3".
func (c Constraint) Exact() (Version, bool) {
	text := strings.TrimSpace(strings.TrimPrefix(c.text, "="))
	if _, err := semver.StrictNewVersion(strings.TrimPrefix(text, "v")); err != nil {
		return Version{}, false
	}
	v, err := ParseVersion(text)
	return v, err == nil
}

// pessimistic matches "~> 1.2.3-rc.1"; what follows the version must not go on
// like one, or "~> 1.x" would be read as "~> 1".
var pessimistic = regexp.MustCompile(
	`~>\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?(\s|,|\||$)`)

// rewritePessimistic spells Terraform's "~>" in Masterminds' operators, whose own
// "~>" reads "~> 1.2" as 1.2.x.
// Source: https://developer.hashicorp.com/terraform/language/expressions/version-constraints
func rewritePessimistic(s string) (string, error) {
	var failed error
	out := pessimistic.ReplaceAllStringFunc(s, func(m string) string {
		g := pessimistic.FindStringSubmatch(m)
		upper, err := pessimisticBound(g[1], g[2], g[3])
		if err != nil {
			failed = err
			return m
		}
		lower := g[1]
		for _, part := range g[2:4] {
			if part == "" {
				part = "0"
			}
			lower += "." + part
		}
		if g[4] != "" {
			// Naming a prerelease admits prereleases: keep out those of the bound itself.
			upper += "-0"
		}
		return ">=" + lower + g[4] + ", <" + upper + g[5]
	})
	if failed == nil && strings.Contains(out, "~>") {
		failed = errPessimistic
	}
	return out, failed
}

// pessimisticBound is the first version that "~>" leaves out: the last but one of
// the numbers written goes up by one, and the only one if there is just one.
func pessimisticBound(major, minor, patch string) (string, error) {
	raise := func(s string) (string, error) {
		n, err := strconv.ParseUint(s, 10, 63)
		return strconv.FormatUint(n+1, 10), err
	}
	if patch == "" {
		up, err := raise(major)
		return up + ".0.0", err
	}
	up, err := raise(minor)
	return major + "." + up + ".0", err
}
