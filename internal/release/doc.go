// Release makes what is published of a version, out of a commit with its tag and
// nothing else, into the folder dist:
//
//	go run ./internal/release v1.2.3
//
// Each program is built twice, in two clones and with two empty build caches, and both
// must be the same bytes; so must be whatever anybody else makes of that tag with the
// same Go. It uploads nothing, signs nothing and makes no tag.
package main
