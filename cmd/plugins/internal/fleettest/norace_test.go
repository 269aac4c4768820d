//go:build !race

package fleettest

const (
	raced    = false
	machines = 200
)
