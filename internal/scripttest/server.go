package scripttest

import (
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// server serves a folder on loopback, injects faults and remembers what it was
// asked.
type server struct {
	dir     string
	handler http.Handler // answers in the place of the folder; nil: none does
	http    *httptest.Server

	mu       sync.Mutex
	log      []request
	now      int           // requests under way
	peak     int           // the most of them at once
	faults   []*fault      // the newest first
	arrived  chan struct{} // closed, and made anew, at each request
	released chan struct{} // closed when the faults are healed
}

// request is one line of the log.
type request struct {
	method, uri string
	authorized  bool   // it had an Authorization header
	part        string // the Range asked for; "" for the whole
	http2       bool
	status      int // 0 until there is an answer
}

func newServer(dir string, tls bool) *server {
	s := &server{dir: dir, arrived: make(chan struct{}), released: make(chan struct{})}
	s.http = httptest.NewUnstartedServer(s)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0)
	if tls {
		s.http.EnableHTTP2 = true
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	return s
}

func (s *server) close() {
	s.heal()
	s.http.CloseClientConnections()
	s.http.Close() // a second time does nothing
}

// ServeHTTP answers with a file, or with the fault that was injected for it.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, f, handler := s.arrive(r)
	rec := &statusRecorder{ResponseWriter: w}
	defer func() { s.answered(n, rec.status) }()
	answer := &answer{w: rec, r: r, body: func() ([]byte, error) { return s.read(r.URL.Path) }, released: s.release()}
	if handler != nil {
		answer.body, answer.whole = answer.recorded(handler), handler.ServeHTTP
	}
	if f == nil {
		answer.plain()
		return
	}
	f.kind(answer)
}

// answers makes a handler answer in place of the folder.
func (s *server) answers(handler http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

// arrive logs the request, and finds the fault that is for it, and who answers.
func (s *server) arrive(r *http.Request) (int, *fault, http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, request{
		method: r.Method, uri: r.URL.RequestURI(), authorized: r.Header.Get("Authorization") != "",
		part: r.Header.Get("Range"), http2: r.ProtoMajor == 2,
	})
	s.now++
	s.peak = max(s.peak, s.now)
	close(s.arrived)
	s.arrived = make(chan struct{})
	for _, f := range s.faults {
		if f.takes(r.URL.Path) {
			return len(s.log) - 1, f, s.handler
		}
	}
	return len(s.log) - 1, nil, s.handler
}

func (s *server) answered(n, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if n < len(s.log) { // else the log was cleared meanwhile
		s.log[n].status = status
	}
}

func (s *server) release() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.released
}

// read reads the file for a path of a URL, which cannot leave the folder.
func (s *server) read(urlPath string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(path.Clean("/"+urlPath))))
}

// heal takes all faults away, and lets what hangs go on.
func (s *server) heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	close(s.released)
	s.released = make(chan struct{})
}

func (s *server) inject(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append([]*fault{f}, s.faults...)
}

// listing is the log, a line for each request; with parts, what was asked for of a file.
func (s *server) listing(parts bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, r := range s.log {
		fmt.Fprintf(&b, "%s %s %d", r.method, r.uri, r.status)
		if r.authorized {
			b.WriteString(" with Authorization")
		}
		if parts && r.part != "" {
			b.WriteString(" of " + r.part)
		}
		if r.http2 {
			b.WriteString(" over HTTP/2")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// await waits until a request for a path like glob has come.
func (s *server) await(glob string) error {
	like, err := globRegexp(glob)
	if err != nil {
		return err
	}
	for timeout := time.After(30 * time.Second); ; {
		s.mu.Lock()
		arrived := s.arrived
		for _, r := range s.log {
			if like.MatchString(r.uri) {
				s.mu.Unlock()
				return nil
			}
		}
		s.mu.Unlock()
		select {
		case <-arrived:
		case <-timeout:
			return fmt.Errorf("nobody asked for %s:\n%s", glob, s.listing(true))
		}
	}
}

// statusRecorder remembers the status that was sent.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(p)
}

// Flush sends what was written so far.
func (r *statusRecorder) Flush() { r.ResponseWriter.(http.Flusher).Flush() }

// cmdServe starts a server for a folder and puts its URL into NAME_URL, its host
// and port into NAME_HOST. With -tls it speaks https, and the certificate is in the file
// that NAME_CA names.
func cmdServe(ts *testscript.TestScript, args []string) error {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	tls := fs.Bool("tls", false, "")
	ops, err := operands(fs, args, "NAME DIR")
	if err != nil {
		return err
	}
	w := worldOf(ts)
	if w.servers[ops[0]] != nil {
		return fmt.Errorf("%s runs already", ops[0])
	}
	s := newServer(ts.MkAbs(ops[1]), *tls)
	w.servers[ops[0]] = s
	ts.Setenv(ops[0]+"_URL", s.http.URL)
	_, host, _ := strings.Cut(s.http.URL, "://")
	ts.Setenv(ops[0]+"_HOST", host)
	if !*tls {
		return nil
	}
	ca := filepath.Join(ts.Getenv("WORK"), ".tmp", ops[0]+".pem")
	ts.Setenv(ops[0]+"_CA", ca)
	return os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.http.Certificate().Raw}), 0o644)
}

// cmdStopServe switches a server off; its log stays.
func cmdStopServe(ts *testscript.TestScript, args []string) error {
	return withServer(ts, args, "NAME", func(s *server, _ []string) error {
		s.close()
		return nil
	})
}

// cmdRequests prints a server's log; with -clear it is empty afterwards, with -parts it
// tells which parts of files were asked for.
func cmdRequests(ts *testscript.TestScript, args []string) error {
	flags := flag.NewFlagSet("requests", flag.ContinueOnError)
	clear := flags.Bool("clear", false, "")
	parts := flags.Bool("parts", false, "")
	ops, err := operands(flags, args, "NAME")
	if err != nil {
		return err
	}
	return withServer(ts, ops, "NAME", func(s *server, _ []string) error {
		fmt.Fprint(ts.Stdout(), s.listing(*parts))
		if *clear {
			s.mu.Lock()
			s.log = nil
			s.mu.Unlock()
		}
		return nil
	})
}

// cmdPeak prints how many requests a server had under way at once, at most.
func cmdPeak(ts *testscript.TestScript, args []string) error {
	return withServer(ts, args, "NAME", func(s *server, _ []string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		fmt.Fprintln(ts.Stdout(), s.peak)
		return nil
	})
}

func cmdAwait(ts *testscript.TestScript, args []string) error {
	return withServer(ts, args, "NAME GLOB", func(s *server, ops []string) error {
		return s.await(ops[1])
	})
}

func cmdHeal(ts *testscript.TestScript, args []string) error {
	return withServer(ts, args, "NAME", func(s *server, _ []string) error {
		s.heal()
		return nil
	})
}

func withServer(ts *testscript.TestScript, args []string, usage string, do func(*server, []string) error) error {
	ops, err := noFlags(args, usage)
	if err != nil {
		return err
	}
	s, err := worldOf(ts).server(ops[0])
	if err != nil {
		return err
	}
	return do(s, ops)
}
