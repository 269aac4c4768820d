//go:build !windows

package archive

// HasModes says whether files have an executable bit.
const HasModes = true
