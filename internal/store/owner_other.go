//go:build !unix

package store

import "io/fs"

const nofollow = 0

// isOurs relies on where the cache is: in the user's own folder.
func isOurs(info fs.FileInfo) bool { return info.Mode().IsRegular() }

func isOwn(fs.FileInfo) bool { return true }

func isSteady(fs.FileInfo) bool { return true }

// isPrivate relies on where the cache is: in the user's own folder.
func isPrivate(fs.FileInfo) bool { return true }
