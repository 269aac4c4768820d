// Package actions is what GitHub's runner understands: annotations, the summary of a
// step, and output in which it finds no command that somebody else put there.
//
// It is not for knowing what is told: it imports nothing of ours.
//
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands,
// and ActionCommand.cs of https://github.com/actions/runner for what that leaves open.
package actions
