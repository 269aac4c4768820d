// Package tree copies and removes folders as they are: owner, mode, times, links and
// extended attributes included.
//
// It is not for packages, whose files get what this program gives them (package
// archive), nor for putting anything in its place (package commit).
package tree
