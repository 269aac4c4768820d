package actions

import (
	"io"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Disarmed is a stream in which the runner finds no command. It takes each line for one
// that starts with "::", white space before that included, and, since the days of its
// ancestor, each with "##[" anywhere: whoever writes a description, an error of a server
// or the name of a file could set outputs of the step. What it writes in their place is
// how the program shows control characters, and within JSON means the same.
type Disarmed struct {
	w    io.Writer
	json func() bool

	mu     sync.Mutex
	within bool // the line has something else than white space already
	hash   bool // the last byte was '#'
}

// Disarm makes a stream harmless; json tells whether JSON is written to it.
func Disarm(w io.Writer, json func() bool) *Disarmed { return &Disarmed{w: w, json: json} }

// Write writes p.
func (d *Disarmed) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	colon, hash := `\x3a`, `\x23`
	if d.json() {
		hash = `\u0023` // a colon starts no line of JSON
	}
	out := make([]byte, 0, len(p))
	for i := 0; i < len(p); {
		r, size := utf8.DecodeRune(p[i:])
		switch {
		case r == ':' && !d.within && mayFollow(p[i+size:], ':'):
			out = append(out, colon...)
		case r == '#' && d.hash && mayFollow(p[i+size:], '['):
			out = append(out, hash...)
		default:
			out = append(out, p[i:i+size]...)
		}
		d.hash = r == '#'
		d.within = r != '\n' && r != '\r' && (d.within || !unicode.IsSpace(r))
		i += size
	}
	if _, err := d.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// mayFollow reports whether the next byte is that, or not known yet.
func mayFollow(rest []byte, next byte) bool { return len(rest) == 0 || rest[0] == next }

// Between reports whether the next byte starts a line.
func (d *Disarmed) Between() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.within
}
