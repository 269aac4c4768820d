package store

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/plugin"
)

// A download whose digest is known is written to a file called by it, so that a later run
// goes on where a killed or failed one broke off. Beside it lies what that takes.
const (
	partSuffix = ".part"
	noteSuffix = ".from"

	// partAge is how long a download that broke off waits for a run that goes on with it.
	partAge = 7 * 24 * time.Hour

	maxNote = 64 << 10
)

// partial is the file that a download is written to.
type partial struct {
	*os.File
	release func()
	part    fetch.Part // what it holds of an earlier run
	note    string     // the path of what is known of it; "": it is of no use to a later run
	kept    bool       // there is such a note
}

// partial opens the file for a download to dir. Where the digest is not known, where
// somebody else is at the same, or where what lies there is not safe to write to, it is one
// that nobody else can have.
func (s *Store) partial(dir string, want plugin.Digest, alone bool) (*partial, error) {
	temps := filepath.Join(dir, tempDir)
	if alone && want != "" && dir == s.dir && !s.temporary {
		if p := openPartial(filepath.Join(temps, want.Hex())); p != nil {
			return p, nil
		}
	}
	f, release, err := temp(dir)
	if err != nil {
		return nil, err
	}
	return &partial{File: f, release: release}, nil
}

// openPartial opens a file to go on with; nil if that cannot be done. In a cache that
// several users share, another may have put it there: a link, say, to a file of ours.
func openPartial(stem string) *partial {
	path := stem + partSuffix
	if info, err := os.Lstat(path); err == nil && !isOurs(info) {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|nofollow, 0o600)
	if err != nil {
		return nil
	}
	release, held := hold(path)
	p := &partial{File: f, release: release, note: stem + noteSuffix}
	opened, err := f.Stat()
	now, gone := os.Lstat(path)
	// Whoever held it until now may have given it another name, or removed it.
	if !held || err != nil || gone != nil || !os.SameFile(opened, now) || !isOurs(opened) {
		f.Close()
		release()
		return nil
	}
	p.part, p.kept = readNote(p.note)
	if !p.kept && f.Truncate(0) != nil {
		f.Close()
		release()
		return nil
	}
	return p
}

func readNote(path string) (part fetch.Part, ok bool) {
	f, info, err := openRegular(path)
	if err != nil {
		return fetch.Part{}, false
	}
	defer f.Close()
	if info.Size() > maxNote {
		return fetch.Part{}, false
	}
	data, err := plugin.ReadAtMost(f, maxNote)
	if err != nil || plugin.DecodeJSON(data, &part) != nil || part.Validator == "" {
		return fetch.Part{}, false
	}
	return part, true
}

// remember notes what a later run needs to go on. That it cannot be noted costs no more
// than that.
func (p *partial) remember(part fetch.Part) {
	if p.note == "" {
		return
	}
	_ = os.Remove(p.note)
	data, err := json.Marshal(part)
	if p.kept = part.Validator != "" && err == nil; !p.kept {
		return
	}
	f, err := os.OpenFile(p.note, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		p.kept = false
		return
	}
	_, err = f.Write(data)
	p.kept = errors.Join(err, f.Close()) == nil
}

// forget removes the file, which may have another name by now, and the note.
func (p *partial) forget() {
	_ = os.Remove(p.Name())
	if p.note != "" {
		_ = os.Remove(p.note)
	}
}

// leave closes the file after err, and keeps it for a later run if one can go on with it.
// Bytes that were refused are not kept, nor is what fills a disk.
func (p *partial) leave(err error) {
	info, unknown := p.Stat()
	p.Close()
	var write *fetch.WriteError
	if !p.kept || unknown != nil || info.Size() == 0 || errors.Is(err, plugin.ErrRefused) || errors.As(err, &write) {
		p.forget()
	}
}
