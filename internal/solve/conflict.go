package solve

import (
	"github.com/plugins-hcl/plugins/plugin"
)

// Conflict says that requirements cannot all be met, and why. What it needs to say so is
// in its facts: they alone, of versions as listed, contradict each other. None of them
// could be left out, unless there are too many to try.
type Conflict struct {
	// Requirements are those that cannot be met together.
	Requirements []Requirement
	Facts        []Fact
	// Steps lead from the facts to the conflict, which is the last.
	Steps []Step
	// Proposals were tried: with each of them there is a choice, as far as the plugins of
	// other conflicts are not concerned.
	Proposals []Proposal

	reason string
}

// Kind is a kind of fact.
type Kind string

// The kinds of facts.
const (
	Required Kind = "required"  // a package must be installed
	Needs    Kind = "needs"     // versions of a package need another
	RuledOut Kind = "ruled out" // versions of a package cannot be chosen
	Clash    Kind = "clash"     // two packages have one name
)

// Fact is what is so, in the world that the provider tells of.
type Fact struct {
	Kind    Kind
	Package Package // that it is about
	Other   Package // what is needed, or what clashes
	// Parts say it of one group of versions each, of none twice. Several are taken together:
	// that what each needs is different does not matter then.
	Parts []Part
	Text  string // in words: "billing 2.1.0 needs ledger >= 3"
}

// Part is what a fact says of some versions.
type Part struct {
	Versions []plugin.Version // whose need it is, or which are ruled out; of a requirement: those allowed
	Ranges   []Range          // what is required; what is needed, all of these at once …
	Allowed  []plugin.Version // … and the versions of that there are
	Why      Exclusion
}

// Step is a conclusion from facts and from steps before, as indices.
type Step struct {
	Facts []int
	Steps []int
	Never []Term // these are never so all at once
	Text  string // the same in words: "ledger >= 3 and audit cannot both be installed"
}

// Term is a statement about a package: it is one of the versions, or absent.
type Term struct {
	// Requirement is set where the statement is that something is required; nothing
	// else is then.
	Requirement *Requirement
	Package     Package
	Versions    []plugin.Version
	Absent      bool // or it is not installed
}

// Proposal is changes that, made together, leave nothing of a conflict.
type Proposal struct {
	Changes []Change
}

// Change is one thing that could be changed: exactly one of Range, Host and Remove says what.
type Change struct {
	Package Package     // whose requirement to change
	Range   *Range      // to this
	Remove  bool        // to nothing
	Host    plugin.Host // the host, to this or a newer one
	// Version is what would be chosen of Package.
	Version plugin.Version
}

func (c *Conflict) Error() string { return c.reason + proposed(c.Proposals) }

// Reason is Error without the proposals.
func (c *Conflict) Reason() string { return c.reason }

// About are the facts, in words, that hold a package back: those that say what it may
// be, or rule it out.
func (c *Conflict) About(p Package) (texts []string) {
	for _, f := range c.Facts {
		if f.Other == p || f.Kind == RuledOut && f.Package == p {
			texts = append(texts, f.Text)
		}
	}
	return texts
}
