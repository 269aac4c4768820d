package pin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// For which platforms is locked: those declared and asked for, which must be
// published; those locked already; without any, all.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		declared, own, extra, previous []plugin.Platform
		want, told                     string
		missing, stays                 []plugin.Platform
	}{
		"none declared":                           {want: "darwin/arm64 linux/amd64 linux/arm64"},
		"declared":                                {declared: []plugin.Platform{linux, darwin}, want: "darwin/arm64 linux/amd64"},
		"declared twice":                          {declared: []plugin.Platform{linux, linux}, want: "linux/amd64"},
		"declared and not published":              {declared: []plugin.Platform{linux, windows}, missing: []plugin.Platform{windows}},
		"the plugin's own":                        {declared: []plugin.Platform{linux, windows}, own: []plugin.Platform{arm}, want: "linux/arm64"},
		"one more":                                {declared: []plugin.Platform{linux}, extra: []plugin.Platform{arm}, want: "linux/amd64 linux/arm64"},
		"one more, declared already":              {declared: []plugin.Platform{linux}, extra: []plugin.Platform{linux}, want: "linux/amd64"},
		"one more, of none":                       {extra: []plugin.Platform{arm}, want: "linux/arm64"},
		"one more, not published":                 {extra: []plugin.Platform{windows}, missing: []plugin.Platform{windows}},
		"one more, on which it is not wanted":     {own: []plugin.Platform{linux}, extra: []plugin.Platform{windows}, want: "linux/amd64"},
		"asked for earlier":                       {declared: []plugin.Platform{linux}, previous: []plugin.Platform{linux, arm}, want: "linux/amd64 linux/arm64"},
		"asked for earlier, and no more there":    {declared: []plugin.Platform{linux}, previous: []plugin.Platform{linux, windows}, missing: []plugin.Platform{windows}, stays: []plugin.Platform{windows}},
		"locked, no more there, none declared":    {previous: []plugin.Platform{linux, windows}, want: "darwin/arm64 linux/amd64 linux/arm64", told: "is not published for windows/amd64, which version 1.0.0 was locked for"},
		"asked for, and another is no more there": {extra: []plugin.Platform{arm}, previous: []plugin.Platform{linux, windows}, want: "linux/amd64 linux/arm64", told: "windows/amd64"},
		"asked for earlier, and no more wanted":   {own: []plugin.Platform{linux}, previous: []plugin.Platform{linux, arm}, want: "linux/amd64"},
		"none declared, but some locked":          {previous: []plugin.Platform{linux}, want: "darwin/arm64 linux/amd64 linux/arm64"},
		"several not published, all of them told": {declared: []plugin.Platform{windows, {OS: "plan9", Arch: "386"}}, missing: []plugin.Platform{windows, {OS: "plan9", Arch: "386"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			in := w.input(w.publish(linux, "linux.tar"), w.publish(arm, "arm.tar"), w.publish(darwin, "darwin.tar"))
			r, _ := of(&in)
			in.Platforms, r.Platforms, in.Extra = test.declared, test.own, test.extra
			if test.previous != nil {
				in.Previous = locked("1.0.0")
				for _, p := range test.previous {
					in.Previous.Plugins[0].Packages = append(in.Previous.Plugins[0].Packages, lock.Package{Platform: p, URL: "https://old"})
				}
			}
			var told []string
			in.Observe = func(e plugin.Event) {
				if w, ok := e.(plugin.WarningEvent); ok {
					told = append(told, w.Message)
				}
			}
			p, err := pinned(t, in)
			if text := strings.Join(told, "\n"); (text == "") != (test.told == "") || !strings.Contains(text, test.told) {
				t.Errorf("told: %q, want %q", text, test.told)
			}
			if test.missing != nil {
				var no *pin.NotPublishedError
				if !errors.As(err, &no) {
					t.Fatalf("Pin = %v: want a NotPublishedError", err)
				}
				want := &pin.NotPublishedError{Version: plugin.MustVersion("1.2.0"), Platforms: test.missing, Published: []plugin.Platform{darwin, linux, arm}, Locked: test.stays}
				if diff := cmp.Diff(want, no); diff != "" {
					t.Errorf("the error (-want +got):\n%s", diff)
				}
				return
			}
			must(t, err)
			var platforms []string
			for _, platform := range p.Platforms() {
				platforms = append(platforms, platform.String())
			}
			if got := strings.Join(platforms, " "); got != test.want {
				t.Errorf("locked for %s, want %s", got, test.want)
			}
		})
	}
}

// Which of several packages for a platform is meant.
func TestSeveralPackages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		packages string // for linux/amd64
		asset    string
		want     string // "" for none
	}{
		"one":                              {"anything.tar", "", "anything.tar"},
		"one is named after it":            {"authz-linux-amd64.tar.gz authz-pro-linux-amd64.tar.gz", "", "authz-linux-amd64.tar.gz"},
		"one has the manifest's name":      {"workflow-plugin-authz_1.2.0_linux_amd64.zip extras_1.2.0_linux_amd64.zip", "", "workflow-plugin-authz_1.2.0_linux_amd64.zip"},
		"with a v":                         {"authz-v1.2.0-linux-amd64.tgz other-v1.2.0-linux-amd64.tgz", "", "authz-v1.2.0-linux-amd64.tgz"},
		"without a version":                {"authz_linux_amd64.tar.zst x_linux_amd64.tar.zst", "", "authz_linux_amd64.tar.zst"},
		"bare":                             {"authz.tar.xz x.tar.xz", "", "authz.tar.xz"},
		"none is named after it":           {"a-linux-amd64.tar b-linux-amd64.tar", "", ""},
		"two are":                          {"authz-linux-amd64.tar workflow-plugin-authz-linux-amd64.tar", "", ""},
		"for another platform by its name": {"authz-linux-arm64.tar b-linux-amd64.tar", "", ""},
		"the asset decides":                {"a-linux-amd64.tar b-linux-amd64.tar", "b-*", "b-linux-amd64.tar"},
		"the asset, in full":               {"a-linux-amd64.tar b-1.2.0-linux-amd64.tar", "b-${version}-${os}-${arch}.tar", "b-1.2.0-linux-amd64.tar"},
		"the asset against the name":       {"authz-linux-amd64.tar authz-pro-linux-amd64.tar", "authz-pro-*", "authz-pro-linux-amd64.tar"},
		"the asset means several":          {"a-linux-amd64.tar b-linux-amd64.tar", "*.tar", ""},
		"the asset means none":             {"a-linux-amd64.tar b-linux-amd64.tar", "c-*", ""},
		"the asset means none of one":      {"a-linux-amd64.tar", "c-*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var pkgs []source.Package
			for _, name := range strings.Fields(test.packages) {
				pkgs = append(pkgs, w.publish(linux, name))
			}
			in := w.input(pkgs...)
			if r, _ := of(&in); test.asset != "" {
				r.Asset = pattern(test.asset)
			}
			p, err := pinned(t, in)
			if test.want != "" {
				must(t, err)
				if got := names(p); got != "linux/amd64="+test.want {
					t.Errorf("locked are %s, want %s", got, test.want)
				}
				return
			}
			var unclear *pin.AmbiguousPackageError
			if !errors.As(err, &unclear) || len(unclear.Packages) != len(pkgs) {
				t.Fatalf("Pin = %v: want an AmbiguousPackageError with all packages", err)
			}
			for _, pkg := range pkgs {
				if !strings.Contains(err.Error(), "\n  "+pkg.URL) {
					t.Errorf("it does not list %s: %v", pkg.URL, err)
				}
			}
			if test.asset != "" && !strings.Contains(err.Error(), test.asset) {
				t.Errorf("it does not name the asset: %v", err)
			}
		})
	}
}

// All platforms that are unclear are told together.
func TestAmbiguousPackagesAreToldTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := w.input(
		w.publish(linux, "a-linux-amd64.tar"), w.publish(linux, "b-linux-amd64.tar"),
		w.publish(darwin, "a-darwin-arm64.tar"), w.publish(darwin, "b-darwin-arm64.tar"),
		w.publish(arm, "a-linux-arm64.tar"),
	)
	_, err := pinned(t, in)
	var unclear *pin.AmbiguousPackageError
	if !errors.As(err, &unclear) {
		t.Fatalf("Pin = %v", err)
	}
	if diff := cmp.Diff([]plugin.Platform{darwin, linux}, unclear.Platforms); diff != "" {
		t.Errorf("Platforms (-want +got):\n%s", diff)
	}
}
