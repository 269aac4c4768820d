package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// staleAfter is the age at which no download can still be using its file, where that
// cannot be told in a better way.
const staleAfter = 24 * time.Hour

// Clean removes every package, every document, and what downloads left; n counts the packages. It
// touches nothing that is not the cache's own, since the folder is one that people
// name. Whoever is reading a package keeps what he has open, and a download under
// way goes on, for which the empty folders stay.
func (s *Store) Clean() (freed int64, n int, err error) {
	var errs []error
	blobs := filepath.Join(s.dir, blobDir)
	for _, shard := range list(blobs, &errs) {
		bytes, files := removeFiles(filepath.Join(blobs, shard.Name()), isBlob, &errs)
		freed, n = freed+bytes, n+files
	}
	for dir, ours := range map[string]func(string) bool{tempDir: isTemp, docsDir: isDocument} {
		bytes, _ := removeFiles(filepath.Join(s.dir, dir), ours, &errs)
		freed += bytes
	}
	return freed, n, errors.Join(errs...)
}

// removeFiles removes the files with our names from dir.
func removeFiles(dir string, ours func(name string) bool, errs *[]error) (freed int64, n int) {
	for _, d := range list(dir, errs) {
		info, err := d.Info()
		if err == nil && (d.IsDir() || !ours(d.Name())) {
			continue
		}
		if err == nil {
			err = os.Remove(filepath.Join(dir, d.Name()))
		}
		switch {
		case err == nil:
			freed += info.Size()
			n++
		case !errors.Is(err, fs.ErrNotExist):
			*errs = append(*errs, err)
		}
	}
	return freed, n
}

// removeStale clears away what killed downloads left. Failing to is no harm.
func removeStale(temps string) {
	var ignored []error
	for _, d := range list(temps, &ignored) {
		info, err := d.Info()
		if err == nil && isTemp(d.Name()) && info.Mode().IsRegular() {
			removeAbandoned(filepath.Join(temps, d.Name()), time.Since(info.ModTime()))
		}
	}
}

// list gives what is in a folder; one that is not there is empty, and a file is
// none of ours.
func list(dir string, errs *[]error) []fs.DirEntry {
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		*errs = append(*errs, err)
	}
	return entries
}

func isTemp(name string) bool {
	stem, isLock := strings.CutSuffix(name, ".lock")
	return isLock && isBlob(stem) || strings.HasPrefix(name, tempPrefix)
}

func isDocument(name string) bool { return isBlob(name) || strings.HasPrefix(name, tempPrefix) }

func isBlob(name string) bool {
	raw, err := hex.DecodeString(name)
	return err == nil && len(raw) == sha256.Size
}
