package commit

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
)

// interrupted makes a plugin directory as a crash in the midst of a commit leaves it:
// "alpha" is to be replaced, "beta" too, and the journal is written.
func interrupted(t *testing.T, back bool) (layout, *journal) {
	t.Helper()
	s := layout{t.TempDir()}
	j := &journal{FormatVersion: journalVersion, ID: "0123456789abcdef", Back: back}
	staged := filepath.Join(s.staging(), j.ID)
	for _, name := range []string{"alpha", "beta"} {
		write(t, filepath.Join(s.dir, name, "f"), name+" old")
		write(t, filepath.Join(staged, name+"."+j.ID, "f"), name+" new")
		digest, err := archive.DigestAt(t.Context(), filepath.Join(staged, name+"."+j.ID))
		if err != nil {
			t.Fatal(err)
		}
		rel := stagingOf(j.ID) + "/" + name + "." + j.ID
		j.Steps = append(j.Steps, step{Live: name, New: rel, Old: rel + ".old", Digest: digest})
	}
	data, err := j.encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.journal(), string(data))
	write(t, filepath.Join(staged, "journal"), string(data))
	return s, j
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRecoverGoesTheWayTheJournalSays(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		s, _ := interrupted(t, back)
		session, err := Open(t.Context(), s.dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
		want := "new"
		if back {
			want = "old"
		}
		for _, name := range []string{"alpha", "beta"} {
			if got := read(t, filepath.Join(s.dir, name, "f")); got != name+" "+want {
				t.Errorf("back %v: %s is %q, want the %s one", back, name, got, want)
			}
		}
		if session.Recovered == nil || session.Recovered.Undone != back {
			t.Errorf("back %v: Recovered is %+v", back, session.Recovered)
		}
	}
}

// Somebody changed a tree while the apply lay interrupted: which side it is on
// cannot be told. It is left alone, the others go on, and nothing is thrown away.
func TestRecoverQuarantinesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s, j := interrupted(t, false)
	write(t, filepath.Join(s.dir, "alpha", "f"), "alpha by hand")
	write(t, filepath.Join(s.staging(), j.ID, "alpha."+j.ID, "f"), "alpha rotten")

	_, err := Open(t.Context(), s.dir, Options{})
	var unknown *UnknownStateError
	if !errors.As(err, &unknown) || unknown.Path != filepath.Join(s.dir, "alpha") {
		t.Fatalf("recovering: %v, want that alpha is in an unknown state", err)
	}
	if got := read(t, filepath.Join(s.dir, "alpha", "f")); got != "alpha by hand" {
		t.Errorf("alpha was touched: %q", got)
	}
	if got := read(t, filepath.Join(s.dir, "beta", "f")); got != "beta new" {
		t.Errorf("beta did not go on: %q", got)
	}
	replaced := "beta." + j.ID
	if can, err := swap.CanExchange(s.dir); err == nil && !can {
		replaced += ".old"
	}
	for name, want := range map[string]string{"alpha." + j.ID: "alpha rotten", replaced: "beta old"} {
		if got := read(t, filepath.Join(unknown.Kept, name, "f")); got != want {
			t.Errorf("of %s, %q is kept, want %q", name, got, want)
		}
	}
	session, err := Open(t.Context(), s.dir, Options{})
	if err != nil {
		t.Fatalf("the next session: %v", err)
	}
	if session.Recovered != nil {
		t.Error("there is something to recover still")
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
}
