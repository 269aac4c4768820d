//go:build !linux

package main

import "errors"

// syncFileSystem is Linux's alone: elsewhere there is no durable floor.
func syncFileSystem(string) error { return errors.ErrUnsupported }

func fileSystem(string) string { return "unknown" }

func reflinks(string) bool { return false }
