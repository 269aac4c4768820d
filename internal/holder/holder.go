package holder

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

const (
	// offset leaves out the byte that is locked on Windows, where nobody else can read it.
	offset = 1

	// maxSize bounds what is read, in bytes, and maxWord each of its texts.
	maxSize = 1 << 10
	maxWord = 100
)

// Current is this process, from now on.
func Current() plugin.Holder {
	h := me()
	h.Since = time.Now().UTC().Truncate(time.Second)
	return h
}

// me is what does not change while this process runs: asking for it may take long where
// users are kept on a server.
var me = sync.OnceValue(func() plugin.Holder {
	h := plugin.Holder{PID: os.Getpid()}
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	h.Host, _ = os.Hostname()
	return h
})

// Write tells in the file of a lock, which must be there and be held by this process,
// who holds it. That it cannot be told is no reason to fail: a waiter then knows less.
// It goes through a file of its own that is closed at once, since a client of NFS hands
// its writes on when a file is closed.
func Write(path string, h plugin.Holder) {
	data, err := json.Marshal(h)
	if err != nil || len(data) > maxSize {
		return
	}
	write(path, append(data, '\n'))
}

// Clear tells that nobody holds the lock any more. It must be called by its holder.
func Clear(path string) { write(path, nil) }

// write replaces what the file holds, if it can be the file of a lock.
func write(path string, data []byte) {
	f, err := os.OpenFile(path, os.O_WRONLY|noFollow, 0)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > offset+maxSize+1 || !isOurs(path, info) {
		return
	}
	_ = f.Truncate(offset)
	if data != nil {
		_, _ = f.WriteAt(data, offset)
	}
}

// Read is who says that they hold the lock whose file is at path; the zero value where
// nobody does, or nothing sensible. Whoever has just taken it is waited for a moment.
func Read(path string) plugin.Holder {
	const attempts = 5
	for i := 1; ; i++ {
		h := read(path)
		if !h.IsZero() || i == attempts {
			return h
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func read(path string) plugin.Holder {
	f, err := swap.Open(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return plugin.Holder{}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return plugin.Holder{}
	}
	data, err := io.ReadAll(io.NewSectionReader(f, offset, maxSize))
	line, _, whole := bytes.Cut(data, []byte("\n"))
	var h plugin.Holder
	if err != nil || !whole || plugin.DecodeJSON(line, &h) != nil {
		return plugin.Holder{}
	}
	return sanitized(h)
}

// sanitized leaves out what nobody could be called.
func sanitized(h plugin.Holder) plugin.Holder {
	h.User, h.Host = word(h.User), word(h.Host)
	h.PID = max(h.PID, 0)
	if y := h.Since.Year(); y < 2000 || y > 9999 {
		h.Since = time.Time{}
	}
	return h
}

func word(s string) string {
	strange := func(r rune) bool { return !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) }
	if len(s) > maxWord || strings.IndexFunc(s, strange) >= 0 {
		return ""
	}
	return plugin.Redact(s)
}
