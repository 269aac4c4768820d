package swap

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestPatience(t *testing.T) {
	t.Parallel()
	held, other := errors.New("held open"), errors.New("something else")
	// The errors of the attempts; the last one recurs.
	for name, c := range map[string]struct {
		errs  []error
		want  error
		calls int
	}{
		"at once":                   {[]error{nil}, nil, 1},
		"held for a moment":         {[]error{held, held, nil}, nil, 3},
		"held at the last but one":  {append(repeated(held, attempts-1), nil), nil, attempts},
		"held for ever":             {[]error{held}, held, attempts},
		"wrapped":                   {[]error{&os.LinkError{Op: "rename", Err: held}, nil}, nil, 2},
		"what does not pass":        {[]error{other, nil}, other, 1},
		"what does not pass, later": {[]error{held, other, nil}, other, 2},
	} {
		calls, slept := 0, time.Duration(0)
		p := patience{
			passes: func(err error) bool { return errors.Is(err, held) },
			sleep:  func(d time.Duration) { slept += d },
		}
		err := p.have(func() error {
			calls++
			return c.errs[min(calls, len(c.errs))-1]
		})
		if !errors.Is(err, c.want) || calls != c.calls {
			t.Errorf("%s: %v after %d attempts, want %v after %d", name, err, calls, c.want, c.calls)
		}
		if (slept > 0) != (calls > 1) || slept > 5*time.Second {
			t.Errorf("%s: it slept %s between %d attempts", name, slept, calls)
		}
	}
}

func repeated(err error, n int) []error {
	out := make([]error, n)
	for i := range out {
		out[i] = fmt.Errorf("attempt %d: %w", i+1, err)
	}
	return out
}
