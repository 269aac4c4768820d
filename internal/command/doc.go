// Package command runs a program that the user's own configuration names: without a
// shell, without input, for so long and no longer, together with all that it starts. It
// knows nothing of what the program is for, and it is never one that was downloaded.
package command
