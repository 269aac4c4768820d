package commit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// commitOnce commits a new file of the folder "a" by itself, with a note.
func commitOnce(t *testing.T, dir, note string) {
	t.Helper()
	d, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	tx, err := d.Begin()
	if err != nil {
		t.Fatal(err)
	}
	f, err := tx.WriteFile("a", []byte(note))
	if err != nil {
		t.Fatal(err)
	}
	tx.Note(json.RawMessage(note))
	if err := tx.Commit(t.Context(), []Change{{Name: "a", File: f}}, false); err != nil {
		t.Fatal(err)
	}
}

// entries are the numbers and the notes of a history.
func entries(t *testing.T, dir string) string {
	t.Helper()
	all, unusable, err := History(dir)
	if err != nil || unusable != nil {
		t.Fatal(err, unusable)
	}
	text := ""
	for _, e := range all {
		text += fmt.Sprintf("%d %s %s\n", e.Number, e.Outcome, e.Note)
	}
	return text
}

// The newest entry needs no name of its own: while it has none, it is found where what
// it replaced is kept, and the next session names it.
func TestHistoryFindsWhatWasNotNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	commitOnce(t, dir, `"first"`)
	commitOnce(t, dir, `"second"`)
	const want = "1 done \"first\"\n2 done \"second\"\n"
	if got := entries(t, dir); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	name := layout{dir}.entry(2)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, dir); got != want {
		t.Errorf("without a name: %s, want %s", got, want)
	}
	d, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(name); err != nil {
		t.Error(err)
	}
	commitOnce(t, dir, `"third"`)
	if got := entries(t, dir); got != want+"3 done \"third\"\n" {
		t.Errorf("later: %s", got)
	}
}

// It holds so many, and numbers go on.
func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	commitOnce(t, dir, `1`)
	l := layout{dir}
	j, err := readEntry(l, historyRel+"/1")
	if err != nil {
		t.Fatal(err)
	}
	for j.Number = 2; j.Number <= MaxHistory+5; j.Number++ {
		if err := j.writeEntry(l); err != nil {
			t.Fatal(err)
		}
	}
	commitOnce(t, dir, `2`)
	numbers, err := l.numbers()
	if err != nil || len(numbers) != MaxHistory || numbers[MaxHistory-1] != MaxHistory+6 || numbers[0] != 7 {
		t.Errorf("%d entries: %v (%v)", len(numbers), numbers, err)
	}
}

// What lies there and is no entry is neither believed nor followed.
func TestHistoryBelievesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	commitOnce(t, dir, `"first"`)
	l := layout{dir}
	good := read(t, l.entry(1))
	write(t, l.entry(2), good[:len(good)/2])
	write(t, l.entry(3), "")
	write(t, l.entry(4), good) // of another number
	write(t, filepath.Join(l.entry(5), "f"), "")
	write(t, filepath.Join(l.history(), "007"), good)
	write(t, filepath.Join(l.history(), "99999999999"), good)
	all, unusable, err := History(dir)
	if err != nil || len(all) != 1 || len(unusable) != 4 {
		t.Errorf("%v, %v, %v", all, unusable, err)
	}
	if n, err := l.nextNumber(); n != 6 || err != nil {
		t.Errorf("the next number is %d (%v)", n, err)
	}
}

// A recovery enters what it finished, and what it undid, as that.
func TestRecoveryEntersWhatItDid(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		l, j := interrupted(t, back)
		noted := *j
		noted.Number, noted.Note = 1, json.RawMessage(`"killed"`)
		data, err := noted.encode()
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(l.staging(), j.ID, "journal"), string(data))
		if got := entries(t, l.dir); got != "" {
			t.Errorf("before it is recovered: %s", got)
		}
		d, err := Open(t.Context(), l.dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		want := "1 finished \"killed\"\n"
		if back {
			want = "1 undone \"killed\"\n"
		}
		if got := entries(t, l.dir); got != want {
			t.Errorf("undone %t: %s, want %s", back, got, want)
		}
	}
}
