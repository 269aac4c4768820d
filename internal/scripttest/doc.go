// Package scripttest is the world that the script tests live in: packages and
// registries made on the spot, servers that serve them with faults, snapshots
// that show what a command left alone, full and read-only disks, and processes
// that are interrupted in the middle of their work. The scripts are in
// testdata/scripts; the README there lists the commands.
//
// It is not for knowing how the program works inside: a script sees what a user
// sees (files, output, exit codes and what a server was asked). It imports
// nothing of ours, so that a mistake of the program cannot hide in its tests.
package scripttest
