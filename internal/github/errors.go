package github

import (
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// StatusError is an answer of the API other than the one hoped for. 404 is
// fs.ErrNotExist.
type StatusError struct {
	URL  string // as asked for, fit to be shown
	Code int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.URL, e.Code, http.StatusText(e.Code))
}

// Is makes the status of what is not there [fs.ErrNotExist].
func (e *StatusError) Is(target error) bool {
	return target == fs.ErrNotExist && (e.Code == http.StatusNotFound || e.Code == http.StatusGone)
}

// RateLimitError says that the API answers no more for a while.
type RateLimitError struct {
	Host  string
	Limit int           // requests an hour; 0: there were too many at a time
	Until time.Time     // when it answers again
	Wait  time.Duration // from when it said so until then
}

func (e *RateLimitError) Error() string {
	until := fmt.Sprintf("until %s, for %s", e.Until.Local().Format("15:04:05 MST"), shortly(e.Wait))
	if e.Limit == 0 {
		return fmt.Sprintf("%s was asked too much at a time, and answers no more %s", e.Host, until)
	}
	return fmt.Sprintf("the limit of %s, %d requests an hour, is reached %s", e.Host, e.Limit, until)
}

// Anonymous reports whether the limit is the one for requests without a token.
func (e *RateLimitError) Anonymous() bool { return e.Limit > 0 && e.Limit <= anonymousLimit }

// anonymousLimit is what GitHub grants an address from which no token comes, an hour;
// with one it is 1,000 at least.
// Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
const anonymousLimit = 60

// shortly is "12m" or "40s".
func shortly(d time.Duration) string {
	d = max(d, time.Second).Round(time.Second)
	if d < 2*time.Minute {
		return strconv.Itoa(int(d.Seconds())) + "s"
	}
	return strconv.Itoa(int((d + time.Minute - 1).Minutes())) + "m"
}

// AnswerError says that an answer of the API cannot be used.
type AnswerError struct {
	URL string
	Err error
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf("what GitHub's API answers at %s cannot be used: %s", plugin.RedactURL(e.URL), e.Err)
}

func (e *AnswerError) Unwrap() error { return e.Err }

// brokenError says that the way to the API broke in the midst of an answer; it may pass.
type brokenError struct {
	URL string
	Err error
}

func (e *brokenError) Error() string { return e.URL + ": the connection broke: " + e.Err.Error() }
func (e *brokenError) Unwrap() error { return e.Err }
