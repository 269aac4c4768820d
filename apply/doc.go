// Package apply makes the changes of a plan, all or none: it fetches and stages
// every new tree, checks all of them, and only then swaps each into its place.
//
// A transaction has three parts. Staging (stage.go) makes the new trees beside the
// directory and can be thrown away at any time. Committing (transaction.go) swaps
// them in, under a journal that makes it finish or undo itself whatever happens.
// Cleaning up keeps what was replaced, for rollback, and removes the rest.
//
// It is not for deciding what to change (package plan).
package apply
