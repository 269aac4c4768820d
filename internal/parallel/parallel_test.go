package parallel_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/plugins-hcl/plugins/internal/parallel"
)

func TestEach(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	err := parallel.Each(20, 3, func(i int) error {
		now := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		if i%10 == 4 {
			return fmt.Errorf("number %d", i)
		}
		return nil
	})
	if err == nil || err.Error() != "number 4\nnumber 14" {
		t.Errorf("the errors are %v", err)
	}
	if most.Load() > 3 {
		t.Errorf("%d ran at once", most.Load())
	}
	if err := parallel.Each(0, 0, func(int) error { return errors.New("never") }); err != nil {
		t.Error(err)
	}
}
