// Package solve chooses one version of each package that is required, directly or by
// another that is chosen, so that all they need of each other holds, and tells in
// words why there is no such choice.
//
// [Solve] takes what is required and a [Provider], which it asks for the versions of a
// package and for the dependencies of one version: only of those it comes by, each
// once, several at a time. Neither what it chooses nor what it says depends on the
// order in which the answers come.
//
// # What is chosen
//
// Decisions are taken for the required packages by name, then always for the least-named
// package that a decided one needs and that is not decided yet. Each gets the first of
// its versions, the locked one before all others and then the newest first, with which
// everything after it can still be met.
//
// # How
//
// The way is PubGrub's. All that is known is kept as clauses, each a list of statements
// that never hold all at once: "billing is 2.1.0" and "ledger is absent, or older than
// 3" for a billing that needs ledger >= 3. From clauses and decisions follows what
// else must be so; where that contradicts itself, the clauses that led there are
// resolved into a new one that names the cause, which is kept, and the search goes back
// as far as that clause leads. Where a clause follows from what is required alone, there is
// no solution, and the resolutions are the proof.
//
// Decisions are taken in a static order, and each prefers the first version that no clause
// excludes. So when one is taken, no solution that agrees with the decisions before has a
// version that is preferred to it: clauses say only what is true of every solution.
// That holds for each decision of the result, which therefore is the first in the order.
//
// # What is explained
//
// A [Conflict] is made from the facts of the proof: as few as still contradict each
// other, those of several versions taken together. The proof is then found anew
// from these alone. What it proposes to change was tried.
//
// # For who calls it
//
// A dependency's name is mapped to a [Package] by the caller: to the required one of that
// name, however it is spelled, with From as it is in the requirement; else to one From the
// place that the dependent's dependencies come from. What need not be installed is left
// out. A version that is locked and no longer listed is a [Candidate] like any other; one
// that the policy spares because it is locked has no [Exclusion].
//
// Who wants to know what holds a version back adds a [Requirement] for exactly that version
// of the package, and reads [Conflict.About].
//
// The package is not for sources, locks or policies: who calls it says which versions
// exist, which is locked, and what rules one out, in words. It maps the names of
// dependencies to packages too, and leaves out those that need not be installed.
package solve
