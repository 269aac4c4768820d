package plugin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

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
