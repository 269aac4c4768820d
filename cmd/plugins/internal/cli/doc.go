// Package cli is the command line: it reads flags and the environment, puts the
// library's parts together, shows what they say, and turns errors into hints and
// exit codes.
//
// It is the only package that knows all the others, and no place for logic that
// another program could want.
package cli
