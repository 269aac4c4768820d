package commit

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// The history is made of journals that are there anyway. What a commit is to be
// remembered by, its note, stands in the journal that is kept with what it replaced,
// which is durable before the first swap; once the commit is done, that file gets a
// second name in the history. It need not be synced: whoever opens the directory next
// finds the journal, and the name missing, and before that journal goes the name is
// durable, since every commit syncs the history's folder before it begins.

// MaxHistory is how many commits the history holds: the newest.
const MaxHistory = 100

// maxEntry bounds an entry of the history, in bytes.
const maxEntry = 16 << 20

// Outcome is how a commit ended.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"
	Finished    Outcome = "finished"    // it was killed, and a recovery finished it
	Undone      Outcome = "undone"      // it failed or was killed, and everything is as it was
	Quarantined Outcome = "quarantined" // it was killed, and what it left was not known
)

// Entry is a commit of the history.
type Entry struct {
	Number  int // counts up from 1
	Outcome Outcome
	Note    json.RawMessage // what [Transaction.Note] was given
}

// Note is what the history is to tell of the commit: a JSON value.
func (t *Transaction) Note(note json.RawMessage) { t.note = note }

// History lists the commits in the directory dir that are remembered, the oldest first.
// What cannot be used of it is left out, and told beside the rest.
func History(dir string) (entries []Entry, unusable []error, err error) {
	l := layout{dir}
	numbers, err := l.numbers()
	if err != nil {
		return nil, nil, err
	}
	for _, n := range numbers {
		j, err := readEntry(l, path.Join(historyRel, strconv.Itoa(n)))
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was just removed, since it is old
		case err != nil:
			unusable = append(unusable, err)
		case j.Number != n || j.Note == nil:
			unusable = append(unusable, &JournalError{Path: l.entry(n), Err: errors.New("it is no entry of the history")})
		default:
			entries = append(entries, j.entry())
		}
	}
	// The newest may not have its name yet. Who may not look there sees the others.
	for _, kept := range []string{previousRel, repairedRel} {
		j, err := readEntry(l, path.Join(kept, "journal"))
		if err == nil && j.Note != nil && !slices.Contains(numbers, j.Number) && (len(numbers) < MaxHistory || j.Number > numbers[0]) {
			entries = append(entries, j.entry())
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return a.Number - b.Number })
	return entries, unusable, nil
}

func (j *journal) entry() Entry {
	outcome := j.Outcome
	if outcome == "" {
		outcome = Done
	}
	return Entry{Number: j.Number, Outcome: outcome, Note: j.Note}
}

// readEntry reads a journal at a place in the state; that there is none is
// [fs.ErrNotExist].
func readEntry(l layout, place string) (*journal, error) {
	f, err := swap.Open(l.dir, place)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	at := abs(l.dir, place)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &JournalError{Path: at, Err: errors.New("it is no file")}
	}
	data, err := plugin.ReadAtMost(f, maxEntry)
	var j *journal
	if err == nil {
		j, err = decodeJournal(data)
	}
	if err != nil {
		return nil, &JournalError{Path: at, Err: err}
	}
	return j, nil
}

// numbers lists the entries of the history, sorted.
func (l layout) numbers() ([]int, error) {
	root, err := swap.OpenRoot(l.dir, historyRel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		if n, err := strconv.ParseInt(e.Name(), 10, 32); err == nil && n > 0 && strconv.FormatInt(n, 10) == e.Name() {
			numbers = append(numbers, int(n))
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// nextNumber is that of the next commit.
func (l layout) nextNumber() (int, error) {
	numbers, err := l.numbers()
	if err != nil {
		return 0, err
	}
	last := 0
	if len(numbers) > 0 {
		last = numbers[len(numbers)-1]
	}
	for _, kept := range []string{previousRel, repairedRel} {
		j, err := readEntry(l, path.Join(kept, "journal"))
		switch {
		case err == nil:
			last = max(last, j.Number)
		case !errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(*JournalError)):
			return 0, err
		}
	}
	return last + 1, nil
}

// enter enters a commit into the history whose journal, with its note, lies at a place
// in the state. That it is there already, or too old, is fine.
func (l layout) enter(place string, outcome Outcome) error {
	j, err := readEntry(l, place)
	if errors.Is(err, fs.ErrNotExist) || err == nil && j.Note == nil {
		return nil
	}
	if err != nil {
		return err
	}
	numbers, err := l.numbers()
	if err != nil {
		return err
	}
	if slices.Contains(numbers, j.Number) || len(numbers) >= MaxHistory && j.Number < numbers[0] {
		return nil
	}
	if err := l.makeDir(l.history(), 0o755); err != nil {
		return err
	}
	if outcome != Done || os.Link(abs(l.dir, place), l.entry(j.Number)) != nil {
		// The outcome is not in the journal, or the file system gives no second names.
		j.Outcome = outcome
		if err := j.writeEntry(l); err != nil {
			return err
		}
	}
	for len(numbers) >= MaxHistory {
		if err := os.Remove(l.entry(numbers[0])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		numbers = numbers[1:]
	}
	return nil
}

func (j *journal) writeEntry(l layout) error {
	data, err := j.encode()
	if err != nil {
		return err
	}
	if err := swap.WriteFile(l.entry(j.Number), data, 0o644); err != nil {
		return err
	}
	return l.adopt(l.entry(j.Number))
}

// noted is where the journal lies that has a transaction's note, while what it replaced
// is not kept yet.
func (j *journal) noted() string {
	if j.isRollback() {
		return path.Join(previousRel, "journal.next")
	}
	return path.Join(stagingOf(j.ID), "journal")
}

// remember enters a transaction that did not get as far as to be kept.
func (d *Directory) remember(j *journal, outcome Outcome) {
	d.warnHistory(d.layout.enter(j.noted(), outcome))
}

// rememberKept enters a transaction whose journal is kept.
func (d *Directory) rememberKept(j *journal, outcome Outcome) {
	d.warnHistory(d.layout.enter(path.Join(j.keptRel(), "journal"), outcome))
}

// rememberOverlooked enters what is kept and was not entered, since it was killed
// meanwhile, or the power went.
func (d *Directory) rememberOverlooked() {
	for _, kept := range []string{previousRel, repairedRel} {
		if err := d.layout.enter(path.Join(kept, "journal"), Done); !errors.As(err, new(*JournalError)) {
			d.warnHistory(err)
		}
	}
}

func (d *Directory) warnHistory(err error) {
	if err != nil {
		d.observe.Tell(plugin.WarningEvent{Message: "the history is not complete: " + err.Error()})
	}
}

// syncHistory makes the names in the history durable.
func (l layout) syncHistory() error {
	err := swap.SyncDir(l.history())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// history is the folder of the history.
func (l layout) history() string { return filepath.Join(l.dir, filepath.FromSlash(historyRel)) }

// entry is the file of an entry of the history.
func (l layout) entry(n int) string { return filepath.Join(l.history(), strconv.Itoa(n)) }

const (
	historyRel  = StateDir + "/history"
	repairedRel = StateDir + "/repaired"
)
