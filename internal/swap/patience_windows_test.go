package swap

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file that somebody has open is not renamed; it is once he has closed it.
func TestRenameWaitsForWhoHoldsAFile(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	if err := os.WriteFile(from, []byte("contents"), 0o644); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); !passing(err) {
		t.Fatalf("renaming an open file: %v, want a denial that passes", err)
	}
	closed := make(chan error)
	go func() {
		time.Sleep(50 * time.Millisecond)
		closed <- held.Close()
	}()
	if err := Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(to); err != nil || string(data) != "contents" {
		t.Errorf("what was renamed holds %q, %v", data, err)
	}
}

// What is not there is not waited for.
func TestRenameOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := Rename(filepath.Join(dir, "nothing"), filepath.Join(dir, "to"))
	if !errors.Is(err, os.ErrNotExist) || passing(err) {
		t.Errorf("renaming nothing: %v", err)
	}
}
