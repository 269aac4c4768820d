package swap

import (
	"errors"

	"golang.org/x/sys/windows"
)

func exchange(string, string) error { return ErrNoExchange }

func moveNoReplace(string, string) error { return ErrNoExchange }

// passing reports whether an error may be gone in a moment.
func passing(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) ||
		errors.Is(err, windows.ERROR_SHARING_VIOLATION) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
