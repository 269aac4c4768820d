package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// watchdog ends an attempt when no byte comes for too long. It runs only while we
// wait for the network: a slow disk of ours is not the server's fault.
type watchdog struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	idle   time.Duration
}

func watch(ctx context.Context, idle time.Duration, bark error) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	d := &watchdog{ctx: ctx, cancel: cancel, idle: idle}
	d.timer = time.AfterFunc(idle, func() { cancel(bark) })
	d.timer.Stop()
	return ctx, d
}

func (d *watchdog) start() { d.timer.Reset(d.idle) }
func (d *watchdog) stop()  { d.timer.Stop() }

func (d *watchdog) end() {
	d.timer.Stop()
	d.cancel(nil)
}

// cause is why a wait failed with err: our own impatience, or the network.
func (d *watchdog) cause(err error) error {
	var idle *IdleError
	if errors.As(context.Cause(d.ctx), &idle) {
		return idle
	}
	return &networkError{err}
}

// drained is how much of an unwanted body is read so that its connection can be
// used again.
const drained = 4 << 10

func (d *watchdog) discard(resp *http.Response) {
	d.start()
	_, _ = io.CopyN(io.Discard, resp.Body, drained)
	d.stop()
	_ = resp.Body.Close()
}

// body is a response's body under the eyes of a watchdog.
type body struct {
	io.ReadCloser
	dog *watchdog
}

func (b *body) Read(p []byte) (int, error) {
	b.dog.start()
	n, err := b.ReadCloser.Read(p)
	b.dog.stop()
	if err != nil && err != io.EOF {
		err = b.dog.cause(err)
	}
	return n, err
}

func (b *body) Close() error {
	b.dog.end()
	return b.ReadCloser.Close()
}
