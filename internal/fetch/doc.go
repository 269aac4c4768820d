// Package fetch brings bytes from an address to this machine: small documents
// into memory, packages into a file, each byte hashed as it arrives. It follows
// mirrors and redirects, tries again after what may pass, resumes what broke off, in an
// earlier run, too, and keeps every token to the host and port it is for.
//
// It is not for judging what came: comparing a digest is its callers' work, as is
// keeping the bytes (package store) and reading them.
//
// The loop around attempts is our own: a package's later attempts differ from its
// first (Range, If-Range, a hash that goes on), each step of a redirect is
// authorised anew, and a client that tries whole requests again can do neither.
package fetch
