package scripttest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// fault is what a server does wrong for the paths it is for.
type fault struct {
	paths *regexp.Regexp
	kind  faultKind

	mu    sync.Mutex
	times int // how often it still happens; below zero: always
}

// takes reports whether the fault happens to a request for path.
func (f *fault) takes(path string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.times == 0 || !f.paths.MatchString(path) {
		return false
	}
	f.times--
	return true
}

// faultKind gives a wrong answer.
type faultKind func(*answer)

// answer is the answer to one request, before a fault spoils it.
type answer struct {
	w        http.ResponseWriter
	r        *http.Request
	body     func() ([]byte, error)
	whole    http.HandlerFunc // gives the plain answer, where it is no file's
	released <-chan struct{}  // closed when the fault is healed
}

// plain sends the file, or the part of it that is asked for, or 404.
func (a *answer) plain() {
	if a.whole != nil {
		a.whole(a.w, a.r)
		return
	}
	if data, ok := a.file(); ok {
		http.ServeContent(a.w, a.r, "", epoch, bytes.NewReader(data))
	}
}

// head sets the headers that a file has whatever happens to its contents.
func (a *answer) head(data []byte) {
	if a.whole != nil {
		return // the handler has set them
	}
	kind := "application/octet-stream"
	if strings.HasSuffix(a.r.URL.Path, ".json") {
		kind = "application/json"
	}
	a.w.Header().Set("Content-Type", kind)
	a.w.Header().Set("ETag", strconv.Quote(hexDigest(data)))
}

// file reads the file; where there is none it answers 404.
func (a *answer) file() ([]byte, bool) {
	data, err := a.body()
	if err != nil {
		http.NotFound(a.w, a.r)
		return nil, false
	}
	a.head(data)
	return data, true
}

// send sends data and promises length bytes.
func (a *answer) send(data []byte, length int) {
	a.w.Header().Set("Content-Length", strconv.Itoa(length))
	_, _ = a.w.Write(data) // the client may have gone
}

// parseFault reads "status=500", "html", "cut=100" and the like.
func parseFault(s string) (faultKind, error) {
	name, value, _ := strings.Cut(s, "=")
	switch name {
	case "html":
		return htmlFault, nil
	case "corrupt":
		return corruptFault, nil
	case "hang":
		return hangFault, nil
	case "nextpage":
		return nextPageFault, nil
	case "endless":
		return endlessFault, nil
	case "redirect":
		return redirectFault(value), nil
	case "challenge":
		return challengeFault(value), nil
	case "token":
		return tokenFault(value), nil
	case "ready":
		status, wait, _ := strings.Cut(value, ",")
		n, err := strconv.Atoi(status)
		return notReadyFault(n, wait), err
	case "slow":
		d, err := time.ParseDuration(value)
		return slowFault(d), err
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("%q is no fault", s)
	}
	switch name {
	case "status":
		return statusFault(n), nil
	case "cut":
		return cutFault(n), nil
	case "half":
		return halfFault(n), nil
	case "secondary":
		return secondaryFault(n), nil
	}
	return nil, fmt.Errorf("%q is no fault", s)
}

// statusFault answers with an error.
func statusFault(status int) faultKind {
	return func(a *answer) { http.Error(a.w, "the test wants this error", status) }
}

// notReadyFault answers with an error and says when to come back.
func notReadyFault(status int, wait string) faultKind {
	return func(a *answer) {
		a.w.Header().Set("Retry-After", wait)
		statusFault(status)(a)
	}
}

// secondaryFault says that there were too many requests at a time, as GitHub's API does.
func secondaryFault(seconds int) faultKind {
	return func(a *answer) {
		a.w.Header().Set("Retry-After", strconv.Itoa(seconds))
		http.Error(a.w, `{"message": "You have exceeded a secondary rate limit."}`, http.StatusForbidden)
	}
}

// htmlFault answers 200 with a page for people, as captive portals do.
func htmlFault(a *answer) {
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = a.w.Write([]byte("<!DOCTYPE html>\n<html><body>Please sign in.</body></html>\n"))
}

// cutFault breaks the connection after n bytes, having promised them all.
func cutFault(n int) faultKind {
	return func(a *answer) {
		if data, ok := a.file(); ok {
			a.send(data[:min(n, len(data))], len(data))
			a.w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}

// halfFault sends the first n bytes as if they were all.
func halfFault(n int) faultKind {
	return func(a *answer) {
		if data, ok := a.file(); ok {
			data = data[:min(n, len(data))]
			a.send(data, len(data))
		}
	}
}

// corruptFault flips one bit.
func corruptFault(a *answer) {
	if data, ok := a.file(); ok && len(data) > 0 {
		a.send(corrupted(data), len(data))
	}
}

// hangFault sends the first half, and the rest when it is healed.
func hangFault(a *answer) {
	data, ok := a.file()
	if !ok {
		return
	}
	a.send(data[:len(data)/2], len(data))
	a.w.(http.Flusher).Flush()
	select {
	case <-a.released:
		_, _ = a.w.Write(data[len(data)/2:])
	case <-a.r.Context().Done():
	}
}

// endlessFault sends spaces, which any JSON document may start with, and does not
// stop.
func endlessFault(a *answer) {
	chunk := []byte(strings.Repeat(" ", 1<<20))
	for {
		if _, err := a.w.Write(chunk); err != nil {
			return
		}
	}
}

// nextPageFault says, each time, that more follows.
func nextPageFault(a *answer) {
	n, _ := strconv.Atoi(a.r.URL.Query().Get("last"))
	a.w.Header().Set("Link", fmt.Sprintf("<%s?last=%d>; rel=\"next\"", a.r.URL.Path, n+1))
	a.plain()
}

// redirectFault sends the client elsewhere; * in the URL is the path asked for.
func redirectFault(url string) faultKind {
	return func(a *answer) {
		http.Redirect(a.w, a.r, strings.ReplaceAll(url, "*", a.r.URL.Path), http.StatusFound)
	}
}

// challengeFault sends whoever asks to a service for a token.
func challengeFault(realm string) faultKind {
	return func(a *answer) { denyOCI(a.w, fmt.Sprintf("Bearer realm=%q", realm)) }
}

// tokenFault demands a token.
func tokenFault(secret string) faultKind {
	return func(a *answer) {
		if a.r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(a.w, "no such token", http.StatusUnauthorized)
			return
		}
		a.plain()
	}
}

// slowFault sends the file in sixteen parts with a pause before each.
func slowFault(pause time.Duration) faultKind {
	return func(a *answer) {
		data, ok := a.file()
		if !ok {
			return
		}
		part := len(data)/16 + 1
		for start := 0; start < len(data); start += part {
			select {
			case <-time.After(pause):
			case <-a.released:
				pause = 0
			case <-a.r.Context().Done():
				return
			}
			a.send(data[start:min(start+part, len(data))], len(data))
			a.w.(http.Flusher).Flush()
		}
	}
}

// globRegexp makes a pattern in which * stands for any text, slashes too.
func globRegexp(glob string) (*regexp.Regexp, error) {
	return regexp.Compile("^" + strings.ReplaceAll(regexp.QuoteMeta(glob), `\*`, ".*") + "$")
}

// cmdFault lets a server do something wrong.
func cmdFault(ts *testscript.TestScript, args []string) error {
	times := -1
	if len(args) == 4 {
		value, ok := strings.CutPrefix(args[3], "times=")
		n, err := strconv.Atoi(value)
		if !ok || err != nil {
			return fmt.Errorf("%q is not times=N", args[3])
		}
		times, args = n, args[:3]
	}
	if len(args) != 3 {
		return errors.New("it takes NAME GLOB KIND [times=N]")
	}
	s, err := worldOf(ts).server(args[0])
	if err != nil {
		return err
	}
	paths, err := globRegexp(args[1])
	if err != nil {
		return err
	}
	kind, err := parseFault(args[2])
	if err != nil {
		return err
	}
	s.inject(&fault{paths: paths, kind: kind, times: times})
	return nil
}
