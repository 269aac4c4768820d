//go:build !windows

package installed

const hasModes = true
