// Package ui shows what the program does: a plan, a lock's changes and an apply's
// events, for a person at a terminal, for a pipe, or for a program.
//
// It is not for deciding anything, nor for exit codes (package cli).
package ui
