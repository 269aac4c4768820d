package plugin

import (
	"cmp"
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

// OrDefault is l with the default for each limit that is 0.
func (l Limits) OrDefault() Limits {
	d := DefaultLimits()
	return Limits{
		Packed:    cmp.Or(l.Packed, d.Packed),
		Unpacked:  cmp.Or(l.Unpacked, d.Unpacked),
		File:      cmp.Or(l.File, d.File),
		Entries:   cmp.Or(l.Entries, d.Entries),
		Ratio:     cmp.Or(l.Ratio, d.Ratio),
		Depth:     cmp.Or(l.Depth, d.Depth),
		Path:      cmp.Or(l.Path, d.Path),
		Component: cmp.Or(l.Component, d.Component),
		Manifest:  cmp.Or(l.Manifest, d.Manifest),
		Document:  cmp.Or(l.Document, d.Document),
		Window:    cmp.Or(l.Window, d.Window),
		Idle:      cmp.Or(l.Idle, d.Idle),
	}
}

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
