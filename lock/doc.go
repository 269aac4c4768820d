// Package lock is plugins.lock.hcl: the exact versions, addresses and digests
// that a configuration was resolved to. It reads the file, writes it so that the
// same contents are the same bytes everywhere, compares two of them, and tells
// whether one still fits what is required.
//
// It is not for choosing versions (package resolve), finding digests (package
// pin), or anything that needs the network.
package lock
