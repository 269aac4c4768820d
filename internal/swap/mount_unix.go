//go:build unix && !linux

package swap

import (
	"os"
	"syscall"
)

// SameMount reports whether two paths lie on the same mount, by their devices.
func SameMount(a, b string) (bool, error) {
	var devices [2]uint64
	for i, path := range []string{a, b} {
		info, err := os.Lstat(path)
		if err != nil {
			return false, err
		}
		if sys, ok := info.Sys().(*syscall.Stat_t); ok {
			devices[i] = uint64(sys.Dev)
		}
	}
	return devices[0] == devices[1], nil
}
