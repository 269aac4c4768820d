package source

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// ociTags are the tags by which a repository has one version: one for all platforms, or
// one for each.
type ociTags struct {
	version   plugin.Version
	all       string
	platforms map[plugin.Platform]string
}

// byVersion sorts tags. What is neither a version nor one for a platform is left out:
// "latest", "1.2", "sha256-….sig". Of several tags that say the same, the first counts, so
// that "1.2.3" does before "v1.2.3".
func byVersion(tags []string) map[string]*ociTags {
	versions := map[string]*ociTags{}
	for _, tag := range slices.Sorted(slices.Values(tags)) {
		v, platform, ok := parseTag(tag)
		if !ok {
			continue
		}
		of := versions[v.String()]
		if of == nil {
			of = &ociTags{version: v, platforms: map[plugin.Platform]string{}}
			versions[v.String()] = of
		}
		switch {
		case platform == plugin.AnyPlatform && of.all == "":
			of.all = tag
		case platform != plugin.AnyPlatform && of.platforms[platform] == "":
			of.platforms[platform] = tag
		}
	}
	return versions
}

// A tag cannot hold "+", for which "_" stands, as in Helm's. What could be a prerelease,
// or a build, and is a platform, is a platform.
var versionTag = func() *regexp.Regexp {
	words := func(m map[string]string) string {
		// The longest first: "arm64" is not "arm".
		byLength := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return len(b) - len(a) })
		return strings.Join(byLength, "|")
	}
	os, arch := "("+words(osWords())+")", "("+words(archWords())+")"
	const text, number = `[0-9A-Za-z.-]`, `(?:0|[1-9][0-9]*)`
	return regexp.MustCompile(`^(?:(?:` + os + `[-_.])?` + arch + `[-_])?` +
		`v?(` + number + `\.` + number + `\.` + number + `(?:-` + text + `+?)??)(?:_(` + text + `+?))??` +
		`(?:[-_](?:` + os + `[-_.])?` + arch + `)?$`)
}()

// parseTag reads a tag. One that tells an architecture alone is for Linux, as images are.
func parseTag(tag string) (plugin.Version, plugin.Platform, bool) {
	m := versionTag.FindStringSubmatch(tag)
	if m == nil {
		return plugin.Version{}, plugin.Platform{}, false
	}
	text, build := m[3], m[4]
	if build != "" {
		text += "+" + build
	}
	v, err := plugin.ParseVersion(text)
	os, arch := m[1]+m[5], m[2]+m[6]
	switch {
	case err != nil, m[2] != "" && m[6] != "":
		return plugin.Version{}, plugin.Platform{}, false
	case arch == "":
		return v, plugin.AnyPlatform, true
	case os == "":
		os = "linux"
	}
	return v, plugin.Platform{OS: osWords()[os], Arch: archWords()[arch]}, true
}

// osWords are the words for operating systems in tags and titles, as Go calls them.
func osWords() map[string]string {
	return map[string]string{
		"linux": "linux", "darwin": "darwin", "macos": "darwin", "windows": "windows",
		"freebsd": "freebsd", "netbsd": "netbsd", "openbsd": "openbsd",
	}
}

// archWords are those for architectures.
func archWords() map[string]string {
	return map[string]string{
		"amd64": "amd64", "x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64", "arm64v8": "arm64", "arm64-v8": "arm64",
		"386": "386", "i386": "386", "arm": "arm", "armv6": "arm", "arm-v6": "arm", "armv7": "arm", "arm-v7": "arm",
		"ppc64le": "ppc64le", "riscv64": "riscv64", "s390x": "s390x", "loong64": "loong64",
	}
}
