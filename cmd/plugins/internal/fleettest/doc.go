// Package fleettest holds what docs/fleet.md says against what there is: its manifests
// against the programs that read them, and a fleet against the lock file.
package fleettest
