//go:build !windows

package swap

import (
	"errors"
	"os"
)

func openForSync(path string) (*os.File, error) { return os.Open(path) }

// SyncDir makes the names in the folder at path durable.
func SyncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
