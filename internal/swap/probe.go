package swap

import (
	"errors"
	"os"
	"path/filepath"
)

// CanExchange tries in the folder dir whether two folders can be exchanged, and
// looks at the outcome: some FUSE file systems ignore the flag, do a plain rename
// and report success. Source: renameat2(2).
func CanExchange(dir string) (can bool, err error) {
	a, b := filepath.Join(dir, "exchange-a"), filepath.Join(dir, "exchange-b")
	defer func() { err = errors.Join(err, os.RemoveAll(a), os.RemoveAll(b)) }()
	before, err := makeCanaries(a, b)
	if err != nil {
		return false, err
	}
	if err := Exchange(a, b); errors.Is(err, ErrNoExchange) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	for i, path := range []string{b, a} {
		info, err := os.Lstat(path)
		if err != nil || !os.SameFile(info, before[i]) {
			return false, nil
		}
	}
	return true, nil
}

func makeCanaries(paths ...string) ([]os.FileInfo, error) {
	infos := make([]os.FileInfo, len(paths))
	for i, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return nil, err
		}
		if err := os.Mkdir(path, 0o700); err != nil {
			return nil, err
		}
		var err error
		if infos[i], err = os.Lstat(path); err != nil {
			return nil, err
		}
	}
	return infos, nil
}
