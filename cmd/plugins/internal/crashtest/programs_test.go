package crashtest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// programs are the program, built in two ways.
type programs struct{ plain, pinned string }

var (
	built     programs
	buildOnce sync.Once
	builtIn   string // a folder that lasts as long as the tests
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "plugins-crashtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	builtIn = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// newPrograms builds the program, once for all tests.
func newPrograms(t testing.TB) programs {
	t.Helper()
	buildOnce.Do(func() {
		plain, pinned := filepath.Join(builtIn, "plain"), filepath.Join(builtIn, "pinned")
		for from, to := range map[string]string{build(t, ""): plain, buildPinned(t, nil): pinned} {
			if err := os.Rename(from, to); err != nil {
				t.Fatal(err)
			}
		}
		built = programs{plain: plain, pinned: pinned}
	})
	if built.plain == "" {
		t.Fatal("the program could not be built")
	}
	return built
}
