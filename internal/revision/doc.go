// Package revision reads a file as a revision in git has it, by running git.
//
// It is not for changing a repository, nor for anything that needs the network.
package revision
