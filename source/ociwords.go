package source

import (
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

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

// platformOf is the platform that the words of a file's name tell, if they do.
func platformOf(name string) (plugin.Platform, bool) {
	name = strings.ReplaceAll(strings.ToLower(name), "x86_64", "amd64")
	var p plugin.Platform
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_. ", r) }) {
		if os := osWords()[word]; os != "" {
			p.OS = os
		}
		if arch := archWords()[word]; arch != "" {
			p.Arch = arch
		}
	}
	return p, p.OS != "" && p.Arch != ""
}
