package solve

import (
	"cmp"
	"context"

	"github.com/plugins-hcl/plugins/plugin"
)

// Package is what has versions, of which at most one is chosen. Two of the same name
// are never chosen together: they would be installed in the same place.
type Package struct {
	Name plugin.Name
	// From tells packages of one name apart that come from different places, such as
	// registries; "" for those that the configuration declares.
	From string
}

func (p Package) String() string {
	if p.From == "" {
		return string(p.Name)
	}
	return string(p.Name) + " of " + p.From
}

// Compare orders packages as they are decided: by name.
func (p Package) Compare(q Package) int {
	return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.From, q.From))
}

// Range is the versions that a requirement or a dependency allows. The zero value
// is every release.
type Range struct {
	Constraint plugin.Constraint
	Every      bool // every version, prereleases too; Constraint is not looked at
}

// Allows reports whether v is in the range.
func (r Range) Allows(v plugin.Version) bool { return r.Every || r.Constraint.Allows(v) }

func (r Range) String() string {
	if r.Every {
		return ""
	}
	return r.Constraint.String()
}

// key tells ranges apart: constraints of the same text are the same.
type rangeKey struct {
	text  string
	every bool
}

func (r Range) key() rangeKey { return rangeKey{r.String(), r.Every} }

// Requirement is a package that must be installed. Several may be about one package.
type Requirement struct {
	Package Package
	Range   Range
}

func (r Requirement) String() string { return named(r.Package, r.Range) }

// Dependency is what one version of a package needs.
type Dependency struct {
	Package Package
	Range   Range
}

// Candidate is a version that exists.
type Candidate struct {
	Version plugin.Version
	// RuledOut is why it cannot be chosen: every reason, since one may be lifted by
	// a proposal.
	RuledOut []Exclusion
	// Dependencies are all it has, where Told says so; else the provider is asked. Where
	// they are told, fewer questions are asked and explanations speak of more
	// versions at once.
	Dependencies []Dependency
	Told         bool
}

// Exclusion is a reason why a version cannot be chosen.
type Exclusion struct {
	// Why is the reason in words, about "it": "it was released on 2026-09-30".
	Why string
	// MinHost is the oldest host that the version runs on, if that is the reason: it
	// is none with a host of that version. It is told without Why.
	MinHost plugin.Version
	// Rule is the caller's word for what rules it out; it is handed back, not read.
	Rule string
}

// Listing is the versions of a package.
type Listing struct {
	Candidates []Candidate    // in any order
	Locked     plugin.Version // preferred to newer ones; zero: none is

	// Missing says in words that there is no such package at all: "there is no plugin
	// ledger in registry acme". Exist are the names of those there are.
	Missing string
	Exist   []string
}

// Provider tells what exists. Its methods are called by several goroutines at once, and
// for each argument at most once. An error ends the search: it is not known then what
// can be chosen.
type Provider interface {
	// Versions are those of a package. That there is no such package is no error, but a
	// Listing that says so.
	Versions(ctx context.Context, p Package) (Listing, error)
	// Dependencies are those of a version of a package, whose listing does not tell them.
	Dependencies(ctx context.Context, p Package, v plugin.Version) ([]Dependency, error)
}

// ProviderError says that it is not known what there is of a package.
type ProviderError struct {
	Package Package
	Version plugin.Version // whose dependencies are not known; zero: its versions are not
	Err     error
}

func (e *ProviderError) Error() string {
	text := e.Package.String()
	if !e.Version.IsZero() {
		text += " " + e.Version.String()
	}
	return text + ": " + e.Err.Error()
}

func (e *ProviderError) Unwrap() error { return e.Err }
