package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// staleAfter is the age at which no download can still be using its file, where that
// cannot be told in a better way.
const staleAfter = 24 * time.Hour

// Cleaned is what was removed from a cache.
type Cleaned struct {
	Packages int
	Bytes    int64 // of packages, documents and what downloads left
	Denied   int   // files of other users, which stay
}

// Clean removes the packages and documents that were not used for so long, and what
// downloads left so long ago; 0 is all of them. It touches nothing that is not the cache's
// own, since the folder is one that people name, and nothing that is in use: whoever is
// reading a package keeps what he has open, and a download under way goes on.
func (s *Store) Clean(unused time.Duration) (Cleaned, error) {
	c := cleaner{before: time.Now()}
	if unused > 0 {
		c.before = c.before.Add(-unused - usedPrecision)
	}
	blobs := filepath.Join(s.dir, blobDir)
	for _, shard := range list(blobs, &c.errs) {
		dir := filepath.Join(blobs, shard.Name())
		c.Packages += c.files(dir, isBlob, removeIdle)
		if isShard(shard.Name()) {
			_ = os.Remove(dir) // if it is empty; who needs it makes it anew
		}
	}
	c.files(filepath.Join(s.dir, tempDir), isTemp, removeIdle)
	if root, ok := (documents{dir: filepath.Join(s.dir, docsDir)}).open(); ok {
		root.Close()
		c.files(filepath.Join(s.dir, docsDir), isDocument, os.Remove)
	}
	return c.Cleaned, errors.Join(c.errs...)
}

type cleaner struct {
	Cleaned
	before time.Time // what was used since stays
	errs   []error
}

// files removes files with our names from dir, and counts them.
func (c *cleaner) files(dir string, ours func(name string) bool, remove func(path string) error) (n int) {
	for _, d := range list(dir, &c.errs) {
		info, err := d.Info()
		if err == nil && (d.IsDir() || !ours(d.Name()) || info.ModTime().After(c.before)) {
			continue
		}
		if err == nil {
			err = remove(filepath.Join(dir, d.Name()))
		}
		switch {
		case err == nil:
			c.Bytes += info.Size()
			n++
		case errors.Is(err, errInUse), errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, fs.ErrPermission) && !isOwn(info):
			c.Denied++
		default:
			c.errs = append(c.errs, err)
		}
	}
	return n
}

// removeStale clears away what killed downloads left. Failing to is no harm.
func removeStale(temps string) {
	var ignored []error
	for _, d := range list(temps, &ignored) {
		info, err := d.Info()
		if err == nil && isTemp(d.Name()) && info.Mode().IsRegular() && !awaited(temps, d.Name()) {
			removeAbandoned(filepath.Join(temps, d.Name()), time.Since(info.ModTime()))
		}
	}
}

// awaited reports whether a file waits for a run that goes on with a download: the part
// and its note are both there, and not for long.
func awaited(temps, name string) bool {
	stem, isPart := strings.CutSuffix(name, partSuffix)
	if !isPart {
		stem, isPart = strings.CutSuffix(name, noteSuffix)
	}
	part, err := os.Lstat(filepath.Join(temps, stem+partSuffix))
	_, noted := os.Lstat(filepath.Join(temps, stem+noteSuffix))
	return isPart && err == nil && noted == nil && time.Since(part.ModTime()) < partAge
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
	for _, suffix := range []string{".lock", partSuffix, noteSuffix} {
		if stem, ok := strings.CutSuffix(name, suffix); ok && isBlob(stem) {
			return true
		}
	}
	return strings.HasPrefix(name, tempPrefix)
}

func isDocument(name string) bool { return isBlob(name) || strings.HasPrefix(name, tempPrefix) }

func isBlob(name string) bool { return isHex(name, sha256.Size) }

func isShard(name string) bool { return isHex(name, 1) }

func isHex(name string, size int) bool {
	raw, err := hex.DecodeString(name)
	return err == nil && len(raw) == size
}

var errInUse = errors.New("it is in use")

// removeIdle removes a file of a download unless that is under way. The note of a part is in
// use as that is.
func removeIdle(path string) error {
	stem, isNote := strings.CutSuffix(path, noteSuffix)
	if isHeld(path) || isNote && isHeld(stem+partSuffix) {
		return errInUse
	}
	err := os.Remove(path)
	if err != nil && runtime.GOOS == "windows" && !errors.Is(err, fs.ErrNotExist) {
		return errInUse // which removes no open file
	}
	return err
}
