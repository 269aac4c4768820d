//go:build race

package fleettest

const (
	raced    = true
	machines = 40
)
