package swap

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

func exchange(string, string) error { return ErrNoExchange }

func moveNoReplace(string, string) error { return ErrNoExchange }

// rename tries again for a moment: a virus scanner or an indexer may hold a file
// of the folder open, which Windows answers with a denial that passes.
func rename(from, to string) error {
	const attempts = 12
	pause := 5 * time.Millisecond
	for i := 1; ; i++ {
		err := os.Rename(from, to)
		if err == nil || i == attempts || !passing(err) {
			return err
		}
		time.Sleep(pause)
		pause = min(2*pause, 500*time.Millisecond)
	}
}

func passing(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) ||
		errors.Is(err, windows.ERROR_SHARING_VIOLATION) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
