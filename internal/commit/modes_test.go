package commit

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
)

// Where files have no executable bits, a package's are nowhere to be found again: a
// step is recognised all the same, whether it is to be done or undone, and wherever
// it was interrupted. With bits counted it would not be.
func TestStepsWhereFilesHaveNoModes(t *testing.T) {
	t.Parallel()
	if can, err := swap.CanExchange(t.TempDir()); err != nil || !can {
		t.Skipf("needs folders that can be exchanged (%v)", err)
	}
	for _, modes := range []bool{false, true} {
		for _, at := range []side{before, after} {
			d := mover{path: t.TempDir(), exchange: true, modes: modes}
			live, fresh := filepath.Join(d.path, "tool"), filepath.Join(d.path, "fresh")
			write(t, filepath.Join(live, "tool"), "old")
			write(t, filepath.Join(fresh, "tool"), "new")
			// As the package says it is; on the disk it is not executable.
			tree := readTree(t, fresh)
			tree[0].Exec = true
			digest, err := d.digest(t.Context(), tree, fresh)
			if err != nil {
				t.Fatal(err)
			}
			s := step{Live: "tool", New: "fresh", Old: "old", Digest: digest}
			if at == after {
				swapFolders(t, live, fresh)
			}
			got, err := d.side(t.Context(), s)
			var unknown *UnknownStateError
			if modes && !errors.As(err, &unknown) || !modes && (err != nil || got != at) {
				t.Errorf("modes %v: side is %v, %v; want %v", modes, got, err, at)
			}
			if modes {
				continue
			}
			if err := d.forward(t.Context(), s); err != nil || read(t, filepath.Join(live, "tool")) != "new" {
				t.Errorf("from %v forward: %v", at, err)
			}
			if err := d.backward(t.Context(), s); err != nil || read(t, filepath.Join(live, "tool")) != "old" {
				t.Errorf("and back: %v", err)
			}
		}
	}
}

func readTree(t *testing.T, path string) archive.Tree {
	t.Helper()
	root, err := os.OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	tree, err := archive.Read(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func swapFolders(t *testing.T, a, b string) {
	t.Helper()
	for _, move := range [][2]string{{a, a + ".tmp"}, {b, a}, {a + ".tmp", b}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			t.Fatal(err)
		}
	}
}
