package cli

import (
	"runtime/debug"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestBuildOf(t *testing.T) {
	t.Parallel()
	const rev = "0123456789abcdef0123456789abcdef01234567"
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: rev}, {Key: "vcs.modified", Value: "false"}}
	dirty := []debug.BuildSetting{{Key: "vcs.revision", Value: rev}, {Key: "vcs.modified", Value: "true"}}
	for _, test := range []struct {
		what, main string
		settings   []debug.BuildSetting
		want       build
	}{
		{"go install @v1.2.3", "v1.2.3", nil, build{plugin.MustVersion("1.2.3"), "", false}},
		{"go build of a tag", "v1.2.3", vcs, build{plugin.MustVersion("1.2.3"), "0123456789ab", false}},
		{"a changed tag", "v1.2.3+dirty", dirty, build{plugin.MustVersion("1.2.3+dirty"), "0123456789ab", true}},
		{"a prerelease", "v1.2.3-rc.1", nil, build{plugin.MustVersion("1.2.3-rc.1"), "", false}},
		{
			"a commit behind a tag", "v1.2.4-0.20260730101112-fedcba987654", nil,
			build{plugin.MustVersion("1.2.4-0.20260730101112-fedcba987654"), "fedcba987654", false},
		},
		{"a commit without any tag", "v0.0.0-20260730101112-fedcba987654", nil, build{plugin.MustVersion("0.1.0-devel"), "fedcba987654", false}},
		{"go build of one", "v0.0.0-20260730101112-0123456789ab+dirty", dirty, build{plugin.MustVersion("0.1.0-devel"), "0123456789ab", true}},
		{"go run", "(devel)", nil, build{plugin.MustVersion("0.1.0-devel"), "", false}},
		{"no information", "", nil, build{plugin.MustVersion("0.1.0-devel"), "", false}},
	} {
		got := buildOf(&debug.BuildInfo{Main: debug.Module{Version: test.main}, Settings: test.settings})
		if !got.version.Equal(test.want.version) || got.commit != test.want.commit || got.modified != test.want.modified {
			t.Errorf("%s: %v, want %v", test.what, got, test.want)
		}
	}
}
