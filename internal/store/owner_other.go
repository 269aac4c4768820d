//go:build !unix

package store

import "io/fs"

// isPrivate relies on where the cache is: in the user's own folder.
func isPrivate(fs.FileInfo) bool { return true }
