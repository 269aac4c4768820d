// Package holder writes into the file of a lock who holds it, and reads that for
// whoever waits.
//
// It is not for locking, and nothing may rely on what it reads: whoever can write the
// file can claim anything there.
package holder
