package swap

import (
	"os"
	"time"
)

// Patiently does what Windows may deny for a moment, and does it again until it does
// not: a virus scanner, an indexer or another process may hold open what is to be
// renamed or read. Elsewhere no denial passes, and it is done once.
func Patiently(do func() error) error { return patience{passing, time.Sleep}.have(do) }

// Rename is os.Rename, patiently.
func Rename(from, to string) error {
	return Patiently(func() error { return os.Rename(from, to) })
}

// patience is what to be patient with, and how to wait.
type patience struct {
	passes func(error) bool
	sleep  func(time.Duration)
}

// attempts take some three seconds in all.
const attempts = 12

func (p patience) have(do func() error) error {
	pause := 5 * time.Millisecond
	for i := 1; ; i++ {
		err := do()
		if err == nil || i == attempts || !p.passes(err) {
			return err
		}
		p.sleep(pause)
		pause = min(2*pause, 500*time.Millisecond)
	}
}
