// Package pin finds what exactly the versions chosen are: one package a platform,
// each with its digest, published or computed. It opens one of them, this
// machine's, so that what cannot be installed cannot be locked.
//
// It is not for choosing versions (package resolve) or writing the lock file
// (package lock).
package pin
