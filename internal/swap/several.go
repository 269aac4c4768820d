package swap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file to be written.
type File struct {
	Path string
	Data []byte
	Mode os.FileMode
}

// WriteFiles is [WriteFile] for files that belong together: where one cannot be written,
// all are as they were. Room is taken for all of them, and for putting them back, before
// the first gets its name. Only whoever is killed between two names leaves the first
// new and the second old, each of them whole.
func WriteFiles(files ...File) (err error) {
	var temps []string
	defer func() {
		for _, name := range temps {
			rest := os.Remove(name)
			if err != nil && rest != nil && !errors.Is(rest, fs.ErrNotExist) {
				err = errors.Join(err, rest)
			}
			// Beside files that are written, what was kept of the old ones is no failure.
		}
	}()
	keep := func(f File) (string, error) {
		name, err := temporary(f.Path, f.Data, f.Mode)
		if err == nil {
			temps = append(temps, name)
		}
		return name, err
	}
	steps := make([]replacement, len(files))
	for i, f := range files {
		steps[i].path = f.Path
		if steps[i].now, err = keep(f); err != nil {
			return err
		}
		old, ok, err := readBack(f.Path)
		if err != nil {
			return err
		}
		if ok {
			if steps[i].was, err = keep(old); err != nil {
				return err
			}
		}
	}
	return replaceAll(steps)
}

// replacement is a file that gets new contents, both of them beside it.
type replacement struct{ path, now, was string }

func replaceAll(steps []replacement) error {
	for i, s := range steps {
		if err := Rename(s.now, s.path); err != nil {
			return undo(steps[:i], about(s.path, err))
		}
	}
	for _, s := range steps {
		if err := SyncDir(filepath.Dir(s.path)); err != nil {
			return undo(steps, err)
		}
	}
	return nil
}

// undo puts back what was replaced, because of an error.
func undo(steps []replacement, err error) error {
	for _, s := range steps {
		if s.was == "" {
			err = errors.Join(err, Remove(s.path))
		} else {
			err = errors.Join(err, Rename(s.was, s.path), SyncDir(filepath.Dir(s.path)))
		}
	}
	return err
}

// readBack is a file as it is; not ok where there is none.
func readBack(path string) (f File, ok bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, false, nil
	}
	if err != nil {
		return File{}, false, err
	}
	data, err := os.ReadFile(path)
	return File{Path: path, Data: data, Mode: info.Mode().Perm()}, err == nil, err
}
