package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	maxBackoff = 5 * time.Second

	// maxRetryAfter is how long we wait because a server says so. Where it says longer, that
	// is an error that tells until when.
	maxRetryAfter = 30 * time.Second

	// maxAttempts bounds a download that comes a little further each time.
	maxAttempts = 32
)

// retry runs attempt until it succeeds, fails for good, or has failed too often in
// a row. An attempt says how far it came: one that came further than all before
// it was not in vain, and starts the count anew.
func (c *Client) retry(ctx context.Context, t *target, attempt func(context.Context) (int64, error)) error {
	failures, best := 0, int64(0)
	for n := 1; ; n++ {
		reached, err := attempt(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !transient(err), t.several && unreachable(err), t.more && asksToWait(err):
			return err
		}
		if reached > best {
			best, failures = reached, 0
		}
		failures += c.weight(err)
		if failures > c.retries || n == maxAttempts {
			return tried(n, err)
		}
		if err := sleep(ctx, c.delay(failures, err)); err != nil {
			return err
		}
	}
}

func tried(n int, err error) error {
	if n == 1 {
		return err
	}
	return fmt.Errorf("%w (tried %d times)", err, n)
}

// weight is how many failures err counts for. A silent server costs a minute an
// attempt, so that the second in a row is the last.
func (c *Client) weight(err error) int {
	var idle *IdleError
	if errors.As(err, &idle) {
		return c.retries/2 + 1
	}
	return 1
}

// transient reports whether the same request may succeed a little later.
func transient(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		return status.wait <= maxRetryAfter && (status.Code == http.StatusTooManyRequests ||
			status.Code == http.StatusRequestTimeout || status.Code >= http.StatusInternalServerError)
	}
	var idle *IdleError
	if errors.As(err, &idle) {
		return true
	}
	var network *networkError
	return errors.As(err, &network) && !permanent(err)
}

// permanent reports whether a failure on the way to the server is there to stay.
func permanent(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	return errors.As(err, &cert) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.As(err, &dns) && dns.IsNotFound
}

// unreachable reports whether nobody answers at all: another place is a better try than
// the same again.
func unreachable(err error) bool {
	var idle *IdleError
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &idle) || errors.As(err, &dns) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Timeout())
}

// asksToWait reports whether a server says when it will be ready: until then, another
// place may be.
func asksToWait(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.wait > 0
}

// delay is how long to wait after that many failures: what the server asks for,
// or twice as long each time, with jitter so that a farm does not come back as one.
func (c *Client) delay(failures int, err error) time.Duration {
	var status *StatusError
	if errors.As(err, &status) && status.wait > 0 {
		return status.wait + rand.N(status.wait/8+1)
	}
	d := min(c.minBackoff<<min(failures-1, 16), maxBackoff)
	return d/2 + rand.N(d/2+1)
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 30*24*3600)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
