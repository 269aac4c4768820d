package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

// events are one of each kind, and those of a download that is under way.
func events() []plugin.Event {
	v := plugin.MustVersion
	return []plugin.Event{
		plugin.WaitEvent{Path: "data/plugins"},
		plugin.WaitEvent{Path: "data/plugins", Holder: plugin.Holder{PID: 7, User: "alice", Host: "h\x1b", Since: time.Unix(1e9, 0).UTC()}},
		plugin.FetchEvent{Plugin: "authz", URL: "https://dl/<a>&b", Bytes: 0, Total: 2048},
		plugin.FetchEvent{Plugin: "authz", URL: "https://dl/<a>&b", Bytes: 1024, Total: 2048},
		plugin.FetchEvent{Plugin: "authz", URL: "https://dl/<a>&b", Bytes: 2048, Total: 2048, Done: true},
		plugin.FetchEvent{Plugin: "billing", URL: "https://dl/b", Bytes: 10, Total: -1, Done: true, FromCache: true},
		plugin.StageEvent{Plugin: "authz", Version: v("0.6.0")},
		plugin.CommitEvent{Plugin: "authz", Action: "upgrade", From: v("0.5.8"), To: v("0.6.0")},
		plugin.LockEvent{Plugin: "authz", Action: "add", To: v("0.6.0")},
		plugin.HeldBackEvent{Plugin: "authz", Version: v("0.6.0"), Newest: v("0.8.0"), Allowed: v("0.7.0"), Why: []string{"too new", "too odd"}},
		plugin.WarningEvent{Plugin: "authz", Message: "old \x1b[2J"},
		plugin.WarningEvent{Message: "the clock is off"},
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	const (
		waiting = "Waiting for another process that is changing data/plugins …\n" +
			"Waiting for another process that is changing data/plugins (pid 7, alice on h\\x1b, since 2001-09-09 01:46:40 UTC) …\n"
		details  = "authz: downloaded https://dl/<a>&b (2 KiB)\nbilling: from the cache: https://dl/b (10 bytes)\n"
		staged   = "authz: 0.6.0 is staged and verified\n"
		warnings = "Warning: authz: old \\x1b[2J\nWarning: the clock is off\n"
	)
	for name, test := range map[string]struct {
		view *Plain
		want string
	}{
		"plain":   {&Plain{}, waiting + staged + warnings},
		"quiet":   {&Plain{Quiet: true}, warnings},
		"verbose": {&Plain{Verbose: true}, waiting + details + staged + warnings},
		"drawn":   {&Plain{Drawn: true}, waiting + "  ~ authz 0.5.8 → 0.6.0\n" + warnings},
	} {
		var out bytes.Buffer
		test.view.Err = &out
		for _, e := range events() {
			test.view.Event(e)
		}
		test.view.Close()
		if diff := cmp.Diff(test.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The stream is public: one object a line, and not one other line.
func TestStream(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := NewStream(&out, "0.1.0")
	for _, e := range events() {
		s.Event(e)
	}
	s.Close()
	const want = `{"type":"version","format_version":"1.0","plugins":"0.1.0"}
{"type":"wait","path":"data/plugins"}
{"type":"wait","path":"data/plugins","holder":{"pid":7,"user":"alice","host":"h\u001b","since":"2001-09-09T01:46:40Z"}}
{"type":"fetch","name":"authz","url":"https://dl/<a>&b","bytes":2048}
{"type":"fetch","name":"billing","url":"https://dl/b","bytes":10,"cached":true}
{"type":"stage","name":"authz","version":"0.6.0"}
{"type":"change","name":"authz","action":"upgrade","from":"0.5.8","to":"0.6.0"}
{"type":"lock","name":"authz","action":"add","to":"0.6.0"}
{"type":"held_back","name":"authz","version":"0.6.0","newest":"0.8.0","allowed":"0.7.0","why":"too new; too odd"}
{"type":"warning","name":"authz","message":"old \u001b[2J"}
{"type":"warning","message":"the clock is off"}
`
	if diff := cmp.Diff(want, out.String()); diff != "" || s.Err() != nil {
		t.Errorf("%v; the stream (-want +got):\n%s", s.Err(), diff)
	}
}

// Lines of several goroutines do not mix.
func TestStreamOfSeveral(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := NewStream(&out, "x")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				s.Event(plugin.WarningEvent{Message: strings.Repeat("x", 100)})
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 401 {
		t.Errorf("there are %d lines", len(lines))
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("a line is %q", line)
		}
	}
}

// The first error of writing is kept, and nothing is written after it.
func TestStreamStopsAtAnError(t *testing.T) {
	t.Parallel()
	w := &full{room: 1}
	s := NewStream(w, "x")
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	s.Write("lost")
	s.Write("never written")
	if !errors.Is(s.Err(), errFull) || w.writes != 2 {
		t.Errorf("Err = %v after %d writes", s.Err(), w.writes)
	}
}

var errFull = errors.New("no space left on device")

// full takes some writes, and then no more.
type full struct{ room, writes int }

func (f *full) Write(p []byte) (int, error) {
	f.writes++
	if f.writes > f.room {
		return 0, errFull
	}
	return len(p), nil
}

// Bars come and go; lines are shown above them, and everything ends.
func TestProgress(t *testing.T) {
	t.Parallel()
	var out locked
	p := NewProgress(&out, &Plain{Verbose: true}, &Work{})
	for _, e := range events() {
		p.Event(e)
	}
	// A download that is cut off leaves its bar behind.
	p.Event(plugin.FetchEvent{Plugin: "cut-off", URL: "https://dl/c", Bytes: 1, Total: 100})
	p.Close()
	for _, want := range []string{"Warning: authz: old \\x1b[2J", "authz: downloaded https://dl/<a>&b (2 KiB)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown:\n%q", want, out.String())
		}
	}
}

// While there is work, a log is never silent for longer than was asked.
func TestPlainTellsThatItWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out locked
		work := &Work{}
		v := &Plain{Err: &out, Every: 10 * time.Second, Work: work}
		tell := func(e plugin.Event) { work.Note(e); v.Event(e) }
		time.Sleep(time.Minute)
		tell(plugin.StepEvent{Step: plugin.StepStage, Total: 3})
		for _, name := range []plugin.Name{"a", "b", "c", "d"} {
			tell(plugin.FetchEvent{Plugin: name, Bytes: 1 << 20, Total: 4 << 20})
		}
		time.Sleep(6 * time.Second)
		tell(plugin.FetchEvent{Plugin: "a", Bytes: 4 << 20, Total: 4 << 20, Done: true})
		tell(plugin.StageEvent{Plugin: "a", Version: plugin.MustVersion("1.0.0")})
		tell(plugin.StepEvent{Step: plugin.StepStage, Done: 1, Total: 3})
		time.Sleep(6 * time.Second)
		v.Close()
		time.Sleep(time.Minute)
		const want = `Staging: 0 of 3, 4 MiB downloaded; downloading a 1 MiB of 4 MiB, b 1 MiB of 4 MiB, c 1 MiB of 4 MiB, 1 more (5.0 s)
a: 1.0.0 is staged and verified
`
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if work.Fetched() != 4<<20 {
			t.Errorf("Fetched = %d", work.Fetched())
		}
	})
}

func TestTook(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		4200 * time.Microsecond: "4 ms", 1260 * time.Millisecond: "1.3 s", 38900 * time.Millisecond: "38 s", 125 * time.Second: "2 min 5 s",
	} {
		if got := Took(d); got != want {
			t.Errorf("Took(%s) = %q, want %q", d, got, want)
		}
	}
}

// locked is a buffer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
