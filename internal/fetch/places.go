package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/plugin"
)

// anywhere has try get the bytes of address from the places where they may be, one
// after the other, until one succeeds. Where they have a digest that is known, mirrors of
// packages are such places.
func (c *Client) anywhere(ctx context.Context, address string, want plugin.Digest, try func(*target) error) error {
	places := c.detours.order(c.places(address, want))
	nowhere := &NowhereError{URL: plugin.RedactURL(address)}
	for i, t := range places {
		t.several, t.more = len(places) > 1, i < len(places)-1
		err := t.err
		if err == nil && i > 0 {
			err = c.detours.silence(t)
		}
		if err == nil {
			err = try(t)
		}
		if err == nil {
			return nil
		}
		explained := c.explain(t, err)
		if ctx.Err() != nil || isOurs(err) || !t.several {
			return explained
		}
		nowhere.Failures = append(nowhere.Failures, explained)
		if c.detours.news(t, err) && t.more {
			c.detours.observe.Tell(plugin.WarningEvent{Message: "the next place is asked, since " + explained.Error()})
		}
	}
	return c.again(ctx, places, nowhere, try)
}

// again has all the patience with the first place that did not answer, or was not ready,
// and perhaps will be: nobody else has what is asked for.
func (c *Client) again(ctx context.Context, places []*target, nowhere *NowhereError, try func(*target) error) error {
	first := slices.IndexFunc(nowhere.Failures, func(err error) bool {
		return unreachable(err) && !permanent(err) || asksToWait(err) && transient(err)
	})
	if first < 0 || errors.Is(nowhere, fs.ErrNotExist) || errors.Is(nowhere, plugin.ErrRefused) {
		return nowhere
	}
	places[first].several, places[first].more = false, false
	err := try(places[first])
	if err == nil {
		return nil
	}
	err = c.explain(places[first], err)
	if ctx.Err() != nil || isOurs(err) {
		return err
	}
	nowhere.Failures[first] = err
	return nowhere
}

// isOurs reports whether err is this machine's fault, which no other place mends.
func isOurs(err error) bool {
	var write *WriteError
	return errors.As(err, &write)
}

// NowhereError says why each of the places failed that an address was to be had from.
type NowhereError struct {
	URL      string  // as asked for, fit to be shown
	Failures []error // in the order in which they were asked
}

func (e *NowhereError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s could not be had from any of %d places:", e.URL, len(e.Failures))
	for _, err := range e.Failures {
		b.WriteString("\n  " + strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	return b.String()
}

// Is makes it [plugin.ErrRefused] and [ErrOffline] if one of its failures is, and
// anything else if all are. It is [fs.ErrNotExist] if all places that answer say so: behind a
// firewall, that is a mirror alone.
func (e *NowhereError) Is(target error) bool {
	var yes, no, silent int
	for _, err := range e.Failures {
		switch {
		case errors.Is(err, target):
			yes++
		case unreachable(err):
			silent++
		default:
			no++
		}
	}
	switch target {
	case plugin.ErrRefused, ErrOffline:
		return yes > 0
	case fs.ErrNotExist:
		return yes > 0 && no == 0
	}
	return no+silent == 0
}

// As gives the failure to explain: bytes that were refused, else the last.
func (e *NowhereError) As(target any) bool {
	for _, err := range e.Failures {
		if errors.Is(err, plugin.ErrRefused) && errors.As(err, target) {
			return true
		}
	}
	return errors.As(e.Failures[len(e.Failures)-1], target)
}

// detours are what is known of places that failed while others could be asked.
type detours struct {
	observe plugin.Observer

	mu     sync.Mutex
	silent map[string]error // hosts that did not answer at all
	told   map[string]bool
}

// order puts hosts that did not answer before behind all others.
func (d *detours) order(places []*target) []*target {
	rank := func(t *target) int {
		if d.silence(t) != nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(places, func(a, b *target) int { return rank(a) - rank(b) })
	return places
}

// silence is how the host of t did not answer before: waiting for it anew, for every
// package, would take long.
func (d *detours) silence(t *target) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.silent[t.host()]
	var idle *IdleError
	if errors.As(err, &idle) {
		return &IdleError{URL: t.canonical, Mirror: t.mirror, Idle: idle.Idle}
	}
	return err
}

// news remembers that t failed, and reports whether a person should be told. That a
// mirror has not everything is no news; that it serves other bytes than it should is, each
// time.
func (d *detours) news(t *target, err error) bool {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrOffline) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told, d.silent = map[string]bool{}, map[string]error{}
	}
	host := t.host()
	if unreachable(err) {
		d.silent[host] = err
	}
	news := !d.told[host] || errors.Is(err, plugin.ErrRefused)
	d.told[host] = true
	return news
}
