//go:build !linux && !darwin && !windows

package swap

import "os"

func exchange(string, string) error { return ErrNoExchange }

func moveNoReplace(string, string) error { return ErrNoExchange }

func rename(from, to string) error { return os.Rename(from, to) }
