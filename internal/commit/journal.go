package commit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

const (
	journalVersion = 1
	maxJournal     = 64 << 20
)

// journal says what is being committed. It exists from the point of no return
// until everything is done: whoever finds one must finish it, or undo it.
type journal struct {
	FormatVersion int    `json:"format_version"`
	ID            string `json:"id"`             // of the transaction
	Back          bool   `json:"back,omitempty"` // it is to be undone
	// Apart says that what it replaces is kept apart: what the last commit replaced stays,
	// for a rollback.
	Apart bool `json:"apart,omitempty"`
	// Marks says that a mark waits to be put into its place.
	Marks bool   `json:"marks,omitempty"`
	Steps []step `json:"steps"`

	// What the history tells of it; only in the journal that is kept, see history.go.
	Number  int             `json:"number,omitempty"`
	Outcome Outcome         `json:"outcome,omitempty"`
	Note    json.RawMessage `json:"note,omitempty"`
}

// encode writes the journal behind a line with its digest: a torn one is told
// from a whole one.
func (j *journal) encode() ([]byte, error) {
	body, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		return nil, err
	}
	return append([]byte(string(fileDigest(body))+"\n"), body...), nil
}

var errTorn = errors.New("its contents do not match its digest")

func decodeJournal(data []byte) (*journal, error) {
	first, body, ok := bytes.Cut(data, []byte("\n"))
	if !ok || string(first) != string(fileDigest(body)) {
		return nil, errTorn
	}
	var j journal
	if err := plugin.DecodeJSON(body, &j); err != nil {
		return nil, err
	}
	return &j, j.check()
}

var journalID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// check refuses a journal that names anything but folders, the files that go with
// them, and places in the state: a journal is acted on.
func (j *journal) check() error {
	if j.FormatVersion != journalVersion {
		return fmt.Errorf("this program reads version %d of the format only, not %d", journalVersion, j.FormatVersion)
	}
	if !journalID.MatchString(j.ID) {
		return fmt.Errorf("its id is %q", j.ID)
	}
	for _, s := range j.Steps {
		if err := j.checkStep(s); err != nil {
			return err
		}
	}
	return nil
}

func (j *journal) checkStep(s step) error {
	name := s.Live
	if base, ok := strings.CutPrefix(name, path.Join(StateDir, FilesDir)+"/"); ok {
		if name, ok = strings.CutSuffix(base, fileSuffix); !ok {
			return fmt.Errorf("it names %q", s.Live)
		}
	}
	if _, err := plugin.ParseName(name); err != nil {
		return err
	}
	if s.New == "" && s.Old == "" {
		return fmt.Errorf("its step for %q says nothing", s.Live)
	}
	for _, p := range []string{s.New, s.Old} {
		inside := strings.HasPrefix(p, stagingOf(j.ID)+"/") || strings.HasPrefix(p, previousRel+"/")
		if p != "" && (!inside || !fs.ValidPath(p)) {
			return fmt.Errorf("it names %q", p)
		}
	}
	return nil
}

// parents lists the folders in which the steps change names, each once.
func (j *journal) parents(dir string) []string {
	var parents []string
	seen := map[string]bool{}
	for _, s := range j.Steps {
		for _, p := range []string{s.Live, s.New, s.Old} {
			parent := filepath.Dir(abs(dir, p))
			if p != "" && !seen[parent] {
				seen[parent] = true
				parents = append(parents, parent)
			}
		}
	}
	return parents
}

// JournalError says that a journal cannot be used: an apply was interrupted, and
// how far it was is not known.
type JournalError struct {
	Path string
	Err  error
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("an apply was interrupted, but its journal %s cannot be used: %s", e.Path, e.Err)
}

func (e *JournalError) Unwrap() error { return e.Err }

// readJournal reads the journal at path, which lies in the state; nil if there is none.
func readJournal(l layout, path string) (*journal, error) {
	rel, err := filepath.Rel(l.dir, path)
	if err != nil {
		return nil, err
	}
	f, err := swap.Open(l.dir, filepath.ToSlash(rel))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := plugin.ReadAtMost(f, maxJournal)
	if err != nil {
		return nil, &JournalError{Path: path, Err: err}
	}
	j, err := decodeJournal(data)
	if err != nil {
		return nil, &JournalError{Path: path, Err: err}
	}
	return j, nil
}

// write puts both versions of the journal in place. When it returns, the
// transaction is past the point of no return.
func (j *journal) write(l layout) error {
	back := *j
	back.Back = true
	undo, err := back.encode()
	if err != nil {
		return err
	}
	do, err := j.encode()
	if err != nil {
		return err
	}
	if err := swap.WriteFile(l.undo(), undo, 0o644); err != nil {
		return err
	}
	return swap.WriteFile(l.journal(), do, 0o644)
}

// turnBack makes the journal say that everything is to be undone.
func turnBack(l layout) error {
	if err := swap.Rename(l.undo(), l.journal()); err != nil {
		return err
	}
	return swap.SyncDir(l.state())
}

// removeJournal ends the transaction.
func removeJournal(l layout) error {
	if err := swap.Remove(l.journal()); err != nil {
		return err
	}
	return swap.Remove(l.undo())
}
