package plugin

import (
	"fmt"
	"time"
)

// Limits bounds what a package may ask of a machine. Sizes are in bytes and are
// those actually read or written, never those a header claims.
type Limits struct {
	Packed    int64         // the package as downloaded
	Unpacked  int64         // all its files together
	File      int64         // one file
	Entries   int64         // files and folders
	Ratio     int64         // unpacked to packed, past RatioFrom
	Depth     int64         // folders above a file, itself included
	Path      int64         // of one entry
	Component int64         // of one element of a path
	Manifest  int64         // plugin.json
	Document  int64         // a registry's document
	Window    int64         // a zstd frame's window
	Idle      time.Duration // without a byte from the network
}

// RatioFrom is the unpacked size from which [Limits.Ratio] counts: small packages
// of zeros are harmless.
const RatioFrom = 10 << 20

// DefaultLimits are the limits of a plugin that raises none.
func DefaultLimits() Limits {
	return Limits{
		Packed:    256 << 20,
		Unpacked:  1 << 30,
		File:      512 << 20,
		Entries:   10_000,
		Ratio:     100,
		Depth:     32,
		Path:      1024,
		Component: 255,
		Manifest:  1 << 20,
		Document:  16 << 20,
		Window:    128 << 20,
		Idle:      time.Minute,
	}
}

// SizeText is a size for a message: "512 MiB". From a mebibyte on it is rounded, where
// it is no whole number.
func SizeText(size int64) string {
	n, unit := scale(size)
	switch {
	case unit == "" && size < 1<<20:
		return fmt.Sprintf("%d bytes", size)
	case n < 1<<10, unit == "TiB":
		return fmt.Sprintf("%d %s", n, unit)
	case size < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(size)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(size)/(1<<30))
}

// RaiseSize says how to raise a limit on a size, as it is written in plugins.hcl; twice
// what it is now serves as the example.
func RaiseSize(attribute string, limit int64) string {
	n, unit := scale(2 * limit)
	if unit == "" {
		return RaiseCount(attribute, limit)
	}
	return fmt.Sprintf("raise it with limits { %s = %q }", attribute, fmt.Sprint(n)+unit)
}

// RaiseCount is [RaiseSize] for a limit on a number.
func RaiseCount(attribute string, limit int64) string {
	return fmt.Sprintf("raise it with limits { %s = %d }", attribute, 2*limit)
}

// scale writes a size without rounding it.
func scale(size int64) (int64, string) {
	unit := ""
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size == 0 || size%1024 != 0 {
			break
		}
		size, unit = size/1024, next
	}
	return size, unit
}
