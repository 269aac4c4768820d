package store_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/store"
)

const docKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func doc(text string) fetch.Kept {
	return fetch.Kept{Header: http.Header{"Etag": {`"v1"`}}, Body: []byte(text)}
}

func wantDoc(t *testing.T, docs fetch.Documents, want string) {
	t.Helper()
	got, ok := docs.Get(docKey)
	if !ok || string(got.Body) != want || got.Header.Get("ETag") != `"v1"` {
		t.Errorf("got %q %v, %v", got.Body, got.Header, ok)
	}
}

func TestDocumentsAreKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "cache")
	if _, ok := open(t, dir).Documents().Get(docKey); ok {
		t.Error("there is one before any was kept")
	}
	for _, text := range []string{"one", "", "two\nlines\n"} {
		open(t, dir).Documents().Put(docKey, doc(text))
		wantDoc(t, open(t, dir).Documents(), text)
	}
	wantFiles(t, dir, filepath.Join(dir, "documents", docKey))
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{"documents": 0o700 | os.ModeDir, "documents/" + docKey: 0o600} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if s, err := store.Open(""); err != nil || s.Documents() != nil {
		t.Errorf("a temporary cache keeps documents: %v", err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What is harmed, or could have been written by others, is not there; and it can be
// replaced, or is left alone.
func TestDocumentsOfOthersDoNotCount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		unixOnly, mended bool
		harm             func(folder, file string) error
	}{
		"changed": {mended: true, harm: func(_, file string) error {
			data, err := os.ReadFile(file)
			if err == nil {
				data[len(data)-1] ^= 1
				err = os.WriteFile(file, data, 0o600)
			}
			return err
		}},
		"cut off": {mended: true, harm: func(_, file string) error { return os.Truncate(file, 20) }},
		"empty":   {mended: true, harm: func(_, file string) error { return os.Truncate(file, 0) }},
		"another's": {mended: true, harm: func(folder, file string) error {
			other := docKey[2:] + "00"
			docs := filepath.Dir(folder)
			s, err := store.Open(docs)
			if err != nil {
				return err
			}
			s.Documents().Put(other, doc("other"))
			return os.Rename(filepath.Join(folder, other), file)
		}},
		"a folder": {harm: func(_, file string) error {
			if err := os.Remove(file); err != nil {
				return err
			}
			return os.Mkdir(file, 0o700)
		}},
		"readable":           {unixOnly: true, mended: true, harm: func(_, file string) error { return os.Chmod(file, 0o640) }},
		"in an open folder":  {unixOnly: true, harm: func(folder, _ string) error { return os.Chmod(folder, 0o770) }},
		"in a linked folder": {unixOnly: true, harm: moveAndLink},
		"linked":             {unixOnly: true, mended: true, harm: func(_, file string) error { return moveAndLink(file, "") }},
		"in another's folder": {unixOnly: true, harm: func(folder, _ string) error {
			return os.Chown(folder, 65534, -1)
		}},
		"of another": {unixOnly: true, mended: true, harm: func(_, file string) error {
			return os.Chown(file, 65534, -1)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.unixOnly && runtime.GOOS == "windows" {
				t.Skip("needs modes, owners and links")
			}
			dir := t.TempDir()
			docs := open(t, dir).Documents()
			docs.Put(docKey, doc("one"))
			folder := filepath.Join(dir, "documents")
			if err := test.harm(folder, filepath.Join(folder, docKey)); err != nil {
				if os.Getuid() != 0 {
					t.Skip("needs root: ", err)
				}
				t.Fatal(err)
			}
			if got, ok := docs.Get(docKey); ok {
				t.Errorf("got %q", got.Body)
			}
			docs.Put(docKey, doc("two"))
			if test.mended {
				wantDoc(t, docs, "two")
			} else if got, ok := docs.Get(docKey); ok {
				t.Errorf("got %q after it was kept again", got.Body)
			}
		})
	}
}

func moveAndLink(path, _ string) error {
	if err := os.Rename(path, path+".moved"); err != nil {
		return err
	}
	return os.Symlink(path+".moved", path)
}
