package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

// What tags are versions, and for which platform.
func TestParseTag(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"1.2.3":                   "1.2.3 any",
		"v1.2.3":                  "1.2.3 any",
		"1.2.3-rc.1":              "1.2.3-rc.1 any",
		"1.2.3-alpha":             "1.2.3-alpha any",
		"1.2.3_build.5":           "1.2.3+build.5 any",
		"1.2.3-rc.1_build.5":      "1.2.3-rc.1+build.5 any",
		"1.2.3-linux-amd64":       "1.2.3 linux/amd64",
		"v1.2.3_linux_amd64":      "1.2.3 linux/amd64",
		"1.2.3-linux_amd64":       "1.2.3 linux/amd64",
		"1.2.3-rc.1-linux-arm64":  "1.2.3-rc.1 linux/arm64",
		"1.2.3-darwin-aarch64":    "1.2.3 darwin/arm64",
		"1.2.3-macos-x86_64":      "1.2.3 darwin/amd64",
		"1.2.3-windows-386":       "1.2.3 windows/386",
		"1.2.3-amd64":             "1.2.3 linux/amd64",
		"1.2.3-arm64v8":           "1.2.3 linux/arm64",
		"1.2.3-linux-arm-v7":      "1.2.3 linux/arm",
		"1.2.3-armv6":             "1.2.3 linux/arm",
		"1.2.3-rc.1-amd64":        "1.2.3-rc.1 linux/amd64",
		"1.2.3_build-linux-amd64": "1.2.3+build linux/amd64",
		"linux-amd64-1.2.3":       "1.2.3 linux/amd64",
		"linux_amd64_v1.2.3":      "1.2.3 linux/amd64",
		"arm64v8-1.2.3-rc.1":      "1.2.3-rc.1 linux/arm64",
		"1.2.3-linux":             "1.2.3-linux any", // a prerelease: no processor is told
		"1.2.3-alpine":            "1.2.3-alpine any",
		"1.2.3-amd64-alpine":      "1.2.3-amd64-alpine any",

		"latest": "", "1": "", "1.2": "", "v1": "", "stable-1.2.3": "", "1.2.3.4": "", "01.2.3": "", "": "", "sha256-00ff.sig": "",
		"amd64-1.2.3-arm64": "", "linux-1.2.3": "", "1.2.3-": "", "1.2.3_": "", "1.2.3-rc..1": "",
	} {
		v, p, ok := parseTag(tag)
		if got := strings.TrimSpace(fmt.Sprint(v, " ", p)); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %s (%v), want %s", tag, got, ok, want)
		}
	}
}

// A version that is tagged is found, whatever it is, and so is its tag for a platform;
// the order of the tags does not count.
func TestTagsOfVersions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pre := rapid.SampledFrom([]string{"", "-rc.1", "-alpha", "-0", "-beta.2.x"}).Draw(t, "prerelease")
		build := rapid.SampledFrom([]string{"", "+5", "+a.b"}).Draw(t, "build")
		v, err := plugin.ParseVersion(fmt.Sprintf("%d.%d.%d%s%s", rapid.IntRange(0, 30).Draw(t, "major"), rapid.IntRange(0, 30).Draw(t, "minor"), rapid.IntRange(0, 30).Draw(t, "patch"), pre, build))
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.SampledFrom([]string{"", "v"}).Draw(t, "v") + strings.ReplaceAll(v.String(), "+", "_")
		os := rapid.SampledFrom([]string{"linux", "darwin", "windows"}).Draw(t, "os")
		arch := rapid.SampledFrom([]string{"amd64", "arm64", "386", "s390x"}).Draw(t, "arch")
		sep := rapid.SampledFrom([]string{"-", "_"}).Draw(t, "sep")
		tags := []string{text, text + sep + os + sep + arch, os + sep + arch + sep + text, "latest", "1.2"}
		of := byVersion(tags)[v.String()]
		if of == nil || of.all != text || !of.version.Equal(v) || of.platforms[plugin.Platform{OS: os, Arch: arch}] == "" || len(of.platforms) != 1 || len(byVersion(tags)) != 1 {
			t.Fatalf("%q: %+v", tags, of)
		}
		slices.Reverse(tags)
		if again := byVersion(tags)[v.String()]; again.all != of.all || !maps.Equal(again.platforms, of.platforms) {
			t.Fatalf("the order counts: %+v, %+v", of, again)
		}
	})
}
