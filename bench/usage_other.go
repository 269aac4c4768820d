//go:build !unix

package main

import (
	"io/fs"
	"os"
)

// peakOf is not told there.
func peakOf(*os.ProcessState) int64 { return 0 }

// isLinked is not told there.
func isLinked(fs.FileInfo) bool { return false }
