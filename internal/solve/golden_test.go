package solve_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/plugins-hcl/plugins/internal/solve"
)

var update = flag.Bool("update", false, "rewrite what is said in testdata")

// Each file is a world and what is said of it.
func TestSaid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f := parseWorld(t, string(archive.Files[0].Data))
			choices, err := solve.Solve(t.Context(), f.input())
			got := show(choices) + "\n"
			if err != nil {
				got = err.Error() + "\n"
			}
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("what is said differs (-want +got):\n%s", diff)
			}
		})
	}
}
