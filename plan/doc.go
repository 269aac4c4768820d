// Package plan compares what is required and locked with what is installed, and
// says what must change.
//
// It is pure: it reads no file, no configuration language and no network; all
// that it needs is handed in. It is not for making the changes (package apply).
package plan
