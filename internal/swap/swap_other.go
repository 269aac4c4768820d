//go:build !linux && !darwin && !windows

package swap

func exchange(string, string) error { return ErrNoExchange }

func moveNoReplace(string, string) error { return ErrNoExchange }
