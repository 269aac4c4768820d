// Package asset tells by their names which of a release's files are packages, and for
// which platforms. It knows the words that publishers use for operating systems and
// processors, in all the ways that they write them.
//
// It is not for asking anybody which files there are, nor for what the configuration
// says of them (package source). What it says depends on the names alone, and not on
// their order.
package asset
