// Package swap changes what a name in the file system stands for, all at once and
// durably: it exchanges two folders, renames one, and writes a file whole.
//
// It is not for deciding what to change, nor for undoing it: package apply keeps
// the journal.
package swap
