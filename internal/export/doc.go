// Package export copies packages to a place that another machine, without network,
// can use: only what is missing there, each under its own name only once it is whole
// and its digest is right.
//
// It is not for choosing packages: that is what a lock is for. It deletes nothing but
// what a killed run left half done.
package export
