// Package plugin holds the words that every other package shares: a plugin's
// name, its version and the constraint on it, the platform it is for, the digest
// that pins it, its manifest, and what a person requires of it.
//
// It is not for I/O (reading a manifest's bytes is its callers' work), not for
// choosing among versions (package resolve), and it imports nothing of ours.
package plugin
