package swap_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/plugins-hcl/plugins/internal/swap"
)

func TestCreateFileReplacesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, folder := filepath.Join(dir, "file"), filepath.Join(dir, "folder")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Mkdir(folder, 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, folder} {
		if err := swap.CreateFile(path, []byte("new"), 0o644); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "old" {
		t.Errorf("the file holds %q, %v", data, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("it left %v, %v", entries, err)
	}
}

// Of several that create a file at once, one does, and it is that one's, whole.
func TestCreateFileAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = swap.CreateFile(path, fmt.Appendf(nil, "number %d", i), 0o644) })
	}
	all.Wait()
	winners := 0
	for i, err := range errs {
		switch {
		case err == nil:
			winners++
			if data, err := os.ReadFile(path); err != nil || string(data) != fmt.Sprintf("number %d", i) {
				t.Errorf("number %d wrote it, and it holds %q, %v", i, data, err)
			}
		case !errors.Is(err, fs.ErrExist):
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d of them made it", winners)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("they left %v, %v", entries, err)
	}
}
