package plugin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 1 << 20: "1.0 MiB", 5 << 30: "5.0 GiB", 3 << 40: "3.0 TiB", 1 << 50: "1024.0 TiB",
	} {
		if got := plugin.Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{
		0: "0 bytes", 1000: "1000 bytes", 1024: "1 KiB", 1536: "1536 bytes", 3 << 20: "3 MiB", 1 << 30: "1 GiB", 5 << 40: "5 TiB", 1 << 50: "1024 TiB",
	} {
		if got := plugin.ExactSize(n); got != want {
			t.Errorf("ExactSize(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestReadAtMost(t *testing.T) {
	t.Parallel()
	if data, err := plugin.ReadAtMost(strings.NewReader("1234"), 4); string(data) != "1234" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	data, err := plugin.ReadAtMost(strings.NewReader("12345"), 4)
	var large *plugin.TooLargeError
	if data != nil || !errors.As(err, &large) || large.Max != 4 {
		t.Errorf("%q, %v", data, err)
	}
}
