// Package trust decides whom to trust: what the project's policy allows, whether a
// package's signature is its publisher's, and what the user's own verify command
// says of it.
//
// It is not for digests and archives, which hold for everybody (packages store and
// archive).
package trust
