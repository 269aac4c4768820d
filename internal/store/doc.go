// Package store keeps packages by their digest, so that what is here already is
// not fetched again, by any project of this machine.
//
// Documents of servers lie beside them, for one user alone: nothing pins those.
//
// It only saves work: where its folder cannot be written, a temporary one takes its
// place for the run.
//
// Several users may share it, where its folder is open to them. The time of a package's
// change is that of its last use.
//
// It trusts nothing that it finds in its own folder: every read rehashes, and what
// another user could change meanwhile is copied first. That is also why nothing in it is
// made durable, what a power cut garbles is fetched again. It is not for unpacking, nor for trees: those are package archive's work.
package store
