package plugin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

// What a manifest declares is told as far as it is of the usual form; what it says it
// cannot do, and what is neither, is not.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string][]string{
		`{"stepTypes": ["a", "b"], "moduleTypes": []}`:                                       {"stepTypes": {"a", "b"}},
		`{"cliCommands": [{"name": "login", "x": 1}, {"name": ""}, {}, 7, null]}`:            {"cliCommands": {"login"}},
		`{"buildHooks": [{}], "ui": true, "no": false}`:                                      {"buildHooks": nil, "ui": nil},
		`{"iacProvider": {"name": "aws"}, "empty": {}, "odd": 3, "text": "x", "none": null}`: {"iacProvider": nil},
		`{}`:              {},
		`["stepTypes"]`:   nil,
		`3`:               nil,
		``:                nil,
		`{"a": ["\u001b"`: nil,
	} {
		if diff := cmp.Diff(want, plugin.Capabilities([]byte(text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
