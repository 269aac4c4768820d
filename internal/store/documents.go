package store

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/plugin"
)

// maxDocument is the longest document that is read, with what is kept beside it.
const maxDocument = 17 << 20

// documents keeps documents in a folder that is this user's alone: unlike packages,
// nothing pins them, and some are not for everybody. A folder that others can reach is not
// used. Whatever goes wrong, a document is as if it were not there.
type documents struct{ dir string }

// Documents keeps documents in the cache; nil if it is not to be kept itself.
func (s *Store) Documents() fetch.Documents {
	if s.temporary {
		return nil
	}
	return documents{dir: filepath.Join(s.dir, docsDir)}
}

// documentHead is the first line of a document's file; the body follows.
type documentHead struct {
	Sum    string      `json:"sum"` // of the key, the header and the body
	Header http.Header `json:"header"`
}

func sumOf(key string, header http.Header, body []byte) string {
	text, _ := json.Marshal(header) // of texts alone; sorted
	h := sha256.New()
	for _, part := range [][]byte{[]byte(key), text, body} {
		h.Write(part)
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Get gives what was kept.
func (d documents) Get(key string) (fetch.Kept, bool) {
	root, ok := d.open()
	if !ok {
		return fetch.Kept{}, false
	}
	defer root.Close()
	data, err := readPrivate(root, key)
	if err != nil {
		return fetch.Kept{}, false
	}
	line, body, _ := bytes.Cut(data, []byte{'\n'})
	var head documentHead
	if plugin.DecodeJSON(line, &head) != nil || head.Sum != sumOf(key, head.Header, body) {
		return fetch.Kept{}, false
	}
	if info, err := root.Lstat(key); err == nil {
		used(info, func(atime, mtime time.Time) error { return root.Chtimes(key, atime, mtime) })
	}
	return fetch.Kept{Header: head.Header, Body: body}, true
}

// Put keeps a document, if it can.
func (d documents) Put(key string, doc fetch.Kept) {
	if os.MkdirAll(filepath.Dir(d.dir), 0o755) != nil {
		return
	}
	_ = os.Mkdir(d.dir, 0o700) // it is looked at in any case
	root, ok := d.open()
	if !ok {
		return
	}
	defer root.Close()
	head, err := json.Marshal(documentHead{Sum: sumOf(key, doc.Header, doc.Body), Header: doc.Header})
	if err != nil {
		return
	}
	temp := tempPrefix + rand.Text()
	if write(root, temp, append(append(head, '\n'), doc.Body...)) != nil || root.Rename(temp, key) != nil {
		_ = root.Remove(temp)
	}
}

// open opens the folder if it is ours alone. What is done in it is done by descriptor: its
// name may be changed by whoever shares the cache.
func (d documents) open() (*os.Root, bool) {
	if info, err := os.Lstat(d.dir); err != nil || !info.IsDir() {
		return nil, false
	}
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return nil, false
	}
	if info, err := root.Stat("."); err != nil || !isPrivate(info) {
		root.Close()
		return nil, false
	}
	return root, true
}

func readPrivate(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || !isPrivate(info) {
		return nil, errIrregular
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return plugin.ReadAtMost(f, maxDocument)
}

func write(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	return errors.Join(err, f.Close())
}
