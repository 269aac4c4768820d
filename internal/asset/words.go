package asset

import "regexp"

// formats are the endings of what can be unpacked, the one to take first where a file
// is published in several.
func formats() []string {
	return []string{".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".txz", ".zip", ".tar"}
}

// systems are the words for operating systems, by GOOS.
func systems() map[string][]string {
	return map[string][]string{
		"linux":     {"linux", "linuxstatic", "manylinux", "ubuntu", "debian"},
		"darwin":    {"darwin", "macos", "macosx", "mac", "osx", "apple"},
		"windows":   {"windows", "win", "msvc", "mingw", "msys"},
		"freebsd":   {"freebsd"},
		"openbsd":   {"openbsd"},
		"netbsd":    {"netbsd"},
		"dragonfly": {"dragonfly", "dragonflybsd"},
		"solaris":   {"solaris", "sunos"},
		"illumos":   {"illumos"},
		"aix":       {"aix"},
		"plan9":     {"plan9"},
		"android":   {"android", "androideabi"},
		"ios":       {"ios"},
		"wasip1":    {"wasi", "wasip1"},
	}
}

// processors are the words for processor architectures, by GOARCH.
func processors() map[string][]string {
	return map[string][]string{
		"amd64": {"amd64", "amd64v1", "x64", "64bit", "intel64", "em64t"},
		"386":   {"386", "i386", "i486", "i586", "i686", "x86", "x32", "32bit", "ia32", "amd32"},
		"arm64": {"arm64", "aarch64", "armv8", "arm64v8"},
		"arm": {
			"arm", "armhf", "arm32", "armel",
			"armv7", "armv7l", "armv7a", "armv7hf", "arm32v7", "arm7",
			"armv6", "armv6l", "armv6hf", "arm32v6", "arm6",
			"armv5", "armv5l", "armv5te", "arm32v5", "arm5",
		},
		"riscv64":  {"riscv64", "riscv64gc", "riscv"},
		"ppc64":    {"ppc64", "powerpc64"},
		"ppc64le":  {"ppc64le", "ppc64el", "powerpc64le"},
		"s390x":    {"s390x", "s390"},
		"mips":     {"mips"},
		"mipsle":   {"mipsle", "mipsel"},
		"mips64":   {"mips64"},
		"mips64le": {"mips64le", "mips64el"},
		"loong64":  {"loong64", "loongarch64"},
		"wasm":     {"wasm", "wasm32"},
	}
}

// macs are the words for the processors of Macs, which mean nothing elsewhere.
func macs() map[string]string {
	return map[string]string{"intel": "amd64", "silicon": "arm64", "m1": "arm64", "m2": "arm64"}
}

// spelling is how two words, or one written differently, mean a single one.
type spelling struct {
	written *regexp.Regexp
	as      string
}

// spellings are for names in lower case in which "-" stands for "_".
func spellings() []spelling {
	return []spelling{
		{regexp.MustCompile(`x86[-.]?64`), "amd64"},
		{regexp.MustCompile(`amd64-v([234])\b`), "amd64v$1"},
		{regexp.MustCompile(`x86[-.]?32`), "386"},
		{regexp.MustCompile(`ppcle-64`), "ppc64le"},
		{regexp.MustCompile(`\b(arm|aarch)-64`), "arm64"},
		{regexp.MustCompile(`\b(64|32)-?bits?\b`), "${1}bit"},
		{regexp.MustCompile(`\barm-v([5678])`), "armv$1"},
		{regexp.MustCompile(`\barm-([567])\b`), "armv$1"},
		{regexp.MustCompile(`(mips(?:64)?(?:le|el)?)-(?:hard|soft)float`), "$1"},
	}
}

// variants say how much of its kind a machine must be for a file: the one that runs
// on most comes first. A 32-bit ARM from which the word "hf" is missing may be of any
// kind.
func variants() map[string]int {
	return map[string]int{
		"amd64v2": 1, "amd64v3": 2, "amd64v4": 3,
		"armv6": 0, "armv6l": 0, "armv6hf": 0, "arm32v6": 0, "arm6": 0,
		"arm": 1, "armhf": 1, "arm32": 1,
		"armv5": 2, "armv5l": 2, "armv5te": 2, "arm32v5": 2, "arm5": 2, "armel": 2,
		"armv7": 3, "armv7l": 3, "armv7a": 3, "armv7hf": 3, "arm32v7": 3, "arm7": 3,
		"i586": 1, "i486": 1,
	}
}

// libraries are the words for what a program is linked against, the kind that runs on
// most machines first: what is linked against musl mostly is so statically, and what
// needs the GNU library does not run where there is none.
func libraries() map[string]int {
	return map[string]int{
		"static": 1, "linuxstatic": 1, "musl": 1, "musleabi": 1, "musleabihf": 1, "muslabi64": 1, "msvc": 1,
		"gnu": 2, "glibc": 2, "gnueabi": 2, "gnueabihf": 2, "eabihf": 2, "gnuabi64": 2, "gnullvm": 3, "mingw": 2, "msys": 2,
		"alpine": 4, "ubuntu": 4, "debian": 4, "manylinux": 3,
	}
}

// floats are the words from which a 32-bit ARM follows where nothing else names a
// processor.
func floats() []string { return []string{"gnueabihf", "musleabihf", "eabihf", "gnueabi", "musleabi"} }

// both are the words for a file with the programs for all processors of a Mac.
func both() []string { return []string{"universal", "universal2", "fat", "all"} }

// aside are the words of what lies beside the packages in a release.
func aside() []string {
	return []string{
		"source", "sources", "src", "vendor", "vendored", "deps", "docs", "doc", "man", "manpages", "manual",
		"completion", "completions", "debug", "dbg", "debuginfo", "symbols", "pdb", "dsym", "sbom", "provenance",
		"test", "tests", "testdata", "licenses",
	}
}

// fillers are words that say nothing of what is in a file.
func fillers() []string {
	return []string{"unknown", "pc", "release", "bin", "binary", "binaries", "stripped", "portable"}
}
