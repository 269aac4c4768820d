package fetch

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// warned gathers warnings.
type warned struct {
	mu    sync.Mutex
	texts []string
}

func (w *warned) observe(e plugin.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, e.(plugin.WarningEvent).Message)
}

// threePlaces has two mirrors in front of a.example.
func threePlaces(w *world, told *warned, only bool) *Client {
	return quick(Config{Transport: w, Observe: told.observe, Retries: 2, Mirrors: []plugin.Mirror{
		{Prefix: "https://a.example/", URL: "https://m1.example/"},
		{Prefix: "https://", URL: "https://never.example/"},
		{Prefix: "https://A.example/", URL: "https://m2.example/", Only: only},
	}})
}

func (w *world) hostsAsked() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, r := range w.asked {
		all = append(all, strings.TrimSuffix(r.URL.Host, ".example"))
	}
	w.asked = nil
	return strings.Join(all, " ")
}

func answers(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// Each place that fails leads to the next, whatever it says; what it may say a moment
// later is tried there first.
func TestPlacesInTurn(t *testing.T) {
	t.Parallel()
	ok := says("ok")
	for name, test := range map[string]struct {
		m1, m2, a http.HandlerFunc
		asked     string
		warnings  int
	}{
		"the first":            {ok, ok, ok, "m1", 0},
		"not in the first":     {http.NotFound, ok, ok, "m1 m2", 0},
		"gone, forbidden":      {answers(410), answers(403), ok, "m1 m2 a", 1},
		"unauthorized, broken": {answers(401), answers(500), ok, "m1 m2 m2 m2 a", 2},
		"too large":            {says("far too long"), ok, ok, "m1 m2", 1},
		"leads to clear text":  {leads("http://m1.example/x"), ok, ok, "m1 m2", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{hosts: map[string]http.HandlerFunc{
				"https://m1.example:443": test.m1, "https://m2.example:443": test.m2, "https://a.example:443": test.a,
			}}
			var told warned
			got, err := threePlaces(w, &told, false).Document(t.Context(), "https://a.example/x", 5)
			if asked := w.hostsAsked(); err != nil || string(got) != "ok" || asked != test.asked {
				t.Errorf("got %q, %v from %s, want it from %s", got, err, asked, test.asked)
			}
			if len(told.texts) != test.warnings {
				t.Errorf("warnings: %q", told.texts)
			}
		})
	}
}

// Where all fail, each is named with its reason; the address itself is not asked where a
// mirror is to be the only way.
func TestAllPlacesFail(t *testing.T) {
	t.Parallel()
	for _, only := range []bool{false, true} {
		w := &world{hosts: map[string]http.HandlerFunc{
			"https://m1.example:443": http.NotFound, "https://m2.example:443": answers(403), "https://a.example:443": http.NotFound,
		}}
		var told warned
		_, err := threePlaces(w, &told, only).Document(t.Context(), "https://a.example/x", 5)
		want := []string{
			"https://a.example/x could not be had from any of ",
			"\n  https://a.example/x (through mirror https://m1.example/x): 404 Not Found from m1.example\n",
			"\n  https://a.example/x (through mirror https://m2.example/x): 403 Forbidden from m2.example; no token was sent",
		}
		asked := "m1 m2"
		if !only {
			want, asked = append(want, "\n  https://a.example/x: 404 Not Found from a.example"), "m1 m2 a"
		}
		wantText(t, err, want...)
		if got := w.hostsAsked(); got != asked {
			t.Errorf("asked %s, want %s", got, asked)
		}
		var status *StatusError
		if errors.Is(err, fs.ErrNotExist) || !errors.As(err, &status) || (status.Code == 403) != only {
			t.Errorf("only %v: %v is not explained by the last of them: %v", only, err, status)
		}
	}
}

// Where a place asks to wait, the next is asked; where there is none with what is asked for,
// it is waited for.
func TestPlaceThatIsNotReady(t *testing.T) {
	t.Parallel()
	notReady := func() http.HandlerFunc {
		ready := false
		return func(w http.ResponseWriter, _ *http.Request) {
			if !ready {
				ready = true
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte("ok"))
		}
	}
	for asked, second := range map[string]http.HandlerFunc{"m1 m2": says("ok"), "m1 m2 a m1": http.NotFound} {
		w := &world{hosts: map[string]http.HandlerFunc{
			"https://m1.example:443": notReady(), "https://m2.example:443": second, "https://a.example:443": http.NotFound,
		}}
		var told warned
		got, err := threePlaces(w, &told, false).Document(t.Context(), "https://a.example/x", 5)
		if now := w.hostsAsked(); err != nil || string(got) != "ok" || now != asked {
			t.Errorf("got %q, %v from %s, want it from %s", got, err, now, asked)
		}
	}
}

func TestNowhere(t *testing.T) {
	t.Parallel()
	w := &world{hosts: map[string]http.HandlerFunc{
		"https://m1.example:443": http.NotFound, "https://m2.example:443": answers(410), "https://a.example:443": http.NotFound,
	}}
	var told warned
	c := threePlaces(w, &told, false)
	if _, err := c.Document(t.Context(), "https://a.example/x", 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is nowhere: %v", err)
	}
	// Behind a firewall, what a mirror says counts: the address itself says nothing.
	delete(w.hosts, "https://a.example:443")
	for range 2 {
		_, err := c.Document(t.Context(), "https://a.example/y", 5)
		if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, plugin.ErrRefused) {
			t.Errorf("what no place has that answers: %v", err)
		}
		wantText(t, err, "\n  https://a.example/y: lookup a.example: no such host")
	}
	if asked := w.hostsAsked(); asked != "m1 m2 a m1 m2 a m1 m2" {
		t.Errorf("asked %s", asked)
	}
	w.hosts["https://m1.example:443"] = answers(500)
	if _, err := c.Document(t.Context(), "https://a.example/z", 5); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a place did not tell of: %v", err)
	}
}

// A mirror with other bytes is told of, both digests named, and the next place has the
// right ones; where none has, bytes were refused, whatever else went wrong.
func TestWrongBytesInOnePlace(t *testing.T) {
	t.Parallel()
	right := []byte("right")
	judge := func(where string, got plugin.Digest) error {
		if got == digest(right) {
			return nil
		}
		return &plugin.DigestError{Where: where, Want: digest(right), Got: got}
	}
	for name, test := range map[string]struct {
		a  http.HandlerFunc
		ok bool
	}{"right elsewhere": {says("right"), true}, "nowhere": {http.NotFound, false}} {
		w := &world{hosts: map[string]http.HandlerFunc{
			"https://m1.example:443": says("wrong, and longer"), "https://m2.example:443": says("wrong!"), "https://a.example:443": test.a,
		}}
		var told warned
		f := tempFile(t)
		got, n, err := threePlaces(w, &told, false).Download(t.Context(), Request{URL: "https://a.example/x", To: f, Max: 100, Judge: judge})
		if asked := w.hostsAsked(); asked != "m1 m2 a" {
			t.Errorf("%s: asked %s", name, asked)
		}
		if len(told.texts) != 2 {
			t.Fatalf("%s: warnings: %q", name, told.texts)
		}
		wantText(t, errors.New(told.texts[1]), "(through mirror https://m2.example/x)", string(digest(right)), string(digest([]byte("wrong!"))))
		if !test.ok {
			var mismatch *plugin.DigestError
			if !errors.Is(err, plugin.ErrRefused) || !errors.As(err, &mismatch) || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		onDisk, _ := os.ReadFile(f.Name())
		if err != nil || got != digest(right) || n != 5 || string(onDisk) != "right" {
			t.Errorf("%s: %s, %d, %v, and %q on the disk", name, got, n, err, onDisk)
		}
	}
}

// A host that nobody reaches is asked once, and after that last: each package would wait
// for it anew.
func TestSilentMirrorComesLast(t *testing.T) {
	t.Parallel()
	dead := func(r *http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	w := &world{hosts: map[string]http.HandlerFunc{"https://m2.example:443": says("ok"), "https://a.example:443": says("ok")}}
	var told warned
	c := threePlaces(w, &told, false)
	var asked int
	c.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "m1.example" {
			asked++
			return dead(r)
		}
		return w.RoundTrip(r)
	})
	for range 3 {
		if _, err := c.WithIdle(1e9).Document(t.Context(), "https://a.example/x", 5); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 || len(told.texts) != 1 || !strings.Contains(told.texts[0], "connection refused") {
		t.Errorf("asked %d times, warnings %q", asked, told.texts)
	}
	// Where nobody has anything, it is given as much time as one that is alone.
	w.hosts = nil
	_, err := c.Document(t.Context(), "https://a.example/x", 5)
	wantText(t, err, "(through mirror https://m1.example/x): dial tcp: connection refused (tried 3 times)", "https://a.example/x: lookup")
	if asked != 4 {
		t.Errorf("asked %d times", asked)
	}
}

// The end of the caller's patience, and a full disk of ours, are no other place's to mend.
func TestNoOtherPlaceMends(t *testing.T) {
	t.Parallel()
	var told warned
	w := &world{hosts: map[string]http.HandlerFunc{"https://m1.example:443": says("ok")}}
	f := tempFile(t)
	f.Close()
	var write *WriteError
	if _, _, err := downloadTo(t.Context(), threePlaces(w, &told, false), "https://a.example/x", f, 10, nil); !errors.As(err, &write) {
		t.Errorf("got %v", err)
	}
	if asked := w.hostsAsked(); asked != "m1" {
		t.Errorf("asked %s", asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.hosts["https://m1.example:443"] = func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusNotFound)
	}
	if _, err := threePlaces(w, &told, false).Document(ctx, "https://a.example/x", 10); err == nil {
		t.Error("it goes on")
	}
	if asked := w.hostsAsked(); asked != "m1" {
		t.Errorf("asked %s", asked)
	}
}

// Offline, a mirror that is a folder is used; what it lacks is offline's fault only where
// another place might have it.
func TestOfflinePlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("ok"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, only := range []bool{false, true} {
		var told warned
		c := quick(Config{Offline: true, Observe: told.observe, Mirrors: []plugin.Mirror{
			{Prefix: "https://a.example/", URL: "https://m1.example/"},
			{Prefix: "https://a.example/", URL: dir, Only: only},
		}})
		if got, err := c.Document(t.Context(), "https://a.example/x", 5); err != nil || string(got) != "ok" {
			t.Errorf("got %q, %v", got, err)
		}
		_, err := c.Document(t.Context(), "https://a.example/y", 5)
		if !errors.Is(err, ErrOffline) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
		wantText(t, err, filepath.Join(dir, "y"), "--offline")
		if len(told.texts) != 0 {
			t.Errorf("warnings: %q", told.texts)
		}
	}
}
