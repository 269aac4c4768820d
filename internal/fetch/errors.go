package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

var (
	// ErrOffline is found in every [OfflineError].
	ErrOffline = errors.New("offline")

	// ErrRedirect is found in the error for a redirect that was not followed.
	ErrRedirect = errors.New("its redirect was not followed")

	// ErrInsecure is found in the error for a request that would have sent a secret
	// over plain http to another machine.
	ErrInsecure = errors.New("a secret is not sent over plain http, use https")
)

// StatusError is a server's answer other than the one hoped for. 404 and 410 are
// [fs.ErrNotExist].
type StatusError struct {
	URL       string // as asked for, fit to be shown
	Mirror    string // as mirrored, "" if it is not
	Code      int
	Host      string // the one that answered, after redirects
	TokenSent bool   // or a password
	Login     string // the host that a token is for; "": Host
	Reason    string // that a registry gives, in the words of its standard; "" for none
	Cause     error  // why no token was sent, where that may be a mistake

	RetryAt time.Time // when it says to ask again; zero where it does not say

	wait     time.Duration // until then, as it was said
	withheld bool
}

func (e *StatusError) Error() string {
	t := target{canonical: e.URL, mirror: e.Mirror}
	text := t.where() + ": " + strconv.Itoa(e.Code)
	if s := http.StatusText(e.Code); s != "" {
		text += " " + s
	}
	text += " from " + e.Host
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if e.wait > maxRetryAfter {
		text += ", which says to ask again in " + e.wait.Round(time.Second).String() + ", at " + e.RetryAt.Format("2006-01-02 15:04:05 MST")
	}
	if !e.denied() {
		return text
	}
	switch {
	case e.Cause != nil:
		return text + "; no token was sent: " + e.Cause.Error()
	case e.TokenSent:
		return text + ", which was sent a token"
	case e.withheld:
		return text + "; no token was sent: the password in .netrc does not go over plain http"
	}
	return text + "; no token was sent"
}

func (e *StatusError) denied() bool {
	return e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden
}

// Unwrap is why no token was sent.
func (e *StatusError) Unwrap() error { return e.Cause }

// Is makes the status of what is not there [fs.ErrNotExist].
func (e *StatusError) Is(target error) bool {
	return target == fs.ErrNotExist && (e.Code == http.StatusNotFound || e.Code == http.StatusGone)
}

// OfflineError says what would have had to be fetched. It is [ErrOffline].
type OfflineError struct {
	URL    string
	Mirror string
}

func (e *OfflineError) Error() string {
	t := target{canonical: e.URL, mirror: e.Mirror}
	return t.where() + ": it is not on this machine, and --offline forbids to fetch it"
}

// Is makes every OfflineError an [ErrOffline].
func (e *OfflineError) Is(target error) bool { return target == ErrOffline }

// IdleError says that a server stopped sending.
type IdleError struct {
	URL    string
	Mirror string
	Idle   time.Duration
}

func (e *IdleError) Error() string {
	t := target{canonical: e.URL, mirror: e.Mirror}
	return fmt.Sprintf("%s: not a byte came for %v", t.where(), e.Idle)
}

// WriteError says that what was fetched could not be written.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return e.Err.Error() }
func (e *WriteError) Unwrap() error { return e.Err }

// networkError is a failure of the way to the server; it may pass.
type networkError struct{ err error }

func (e *networkError) Error() string { return e.err.Error() }
func (e *networkError) Unwrap() error { return e.err }

// brokenError says how far a body came before its connection broke.
type brokenError struct {
	got, total int64
	err        error
}

func (e *brokenError) Error() string {
	if e.total < 0 {
		return fmt.Sprintf("the connection broke after %d bytes: %v", e.got, e.err)
	}
	return fmt.Sprintf("the connection broke after %d of %d bytes: %v", e.got, e.total, e.err)
}

func (e *brokenError) Unwrap() error { return e.err }

// TooLarge is the error for what is longer than max bytes.
func TooLarge(max int64) error {
	return &plugin.RefusedError{Rule: "it is larger than " + plugin.Size(max)}
}
