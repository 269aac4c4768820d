package asset

import (
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// findings are what the words of a name say, one after the other.
type findings struct {
	os         []string // each once
	osAt       int      // the index of the word that named the last one
	arch, weak []string // named outright; told by "win64" and the like
	mac        string
	both       bool
	float      bool
	libc       bool // it names a C library, which only Linux has a choice of
	worded     bool
	variant    int
	library    int
	rest       []string
}

func add(list *[]string, s string) {
	if s != "" && !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}

// take notes what a word says; afterOS is whether it stands right behind a system.
func (f *findings) take(v *vocabulary, word string, afterOS bool, i int) {
	f.variant = max(f.variant, v.variants[word])
	library, isLibrary := v.libraries[word]
	f.library = max(f.library, library)
	f.float = f.float || slices.Contains(v.floats, word)
	f.libc = f.libc || strings.HasPrefix(word, "musl") || word == "alpine"
	os, arch, weak := v.decode(word)
	if afterOS && (word == "64" || word == "32") {
		weak = map[string]string{"64": "amd64", "32": "386"}[word]
	}
	switch {
	case os != "" || arch != "" || weak != "":
		f.worded = true
		if os != "" {
			f.osAt = i
		}
		add(&f.os, os)
		add(&f.arch, arch)
		add(&f.weak, weak)
	case v.macs[word] != "":
		f.mac = v.macs[word]
	case slices.Contains(v.both, word):
		f.both = true
	case isLibrary, isNumber(word), slices.Contains(v.fillers, word):
		f.worded = f.worded || isLibrary
	default:
		f.rest = append(f.rest, word)
	}
}

// isNumber reports whether a word is a number, or part of a version.
func isNumber(word string) bool {
	digits := strings.TrimPrefix(word, "v")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// decode tells a system, a processor and one that is implied, of a word that may be
// made of both: "linuxamd64", "win64", "macos14".
func (v *vocabulary) decode(word string) (os, arch, weak string) {
	if os, ok := v.os[word]; ok {
		return os, "", ""
	}
	if arch, ok := v.arch[word]; ok {
		return "", arch, ""
	}
	if strings.HasPrefix(word, "amd64v") && v.variants[word] > 0 {
		return "", "amd64", ""
	}
	// The longest first: "macosx64" is of "macos", and "mac" would leave "osx64".
	for n := len(word) - 1; n > 1; n-- {
		os, ok := v.os[word[:n]]
		if !ok {
			continue
		}
		behind := word[n:]
		arch, isArch := v.arch[behind]
		if !isArch {
			arch, isArch = v.macs[behind], os == "darwin" && v.macs[behind] != ""
		}
		switch {
		case isArch:
			return os, arch, ""
		case behind == "64":
			return os, "", "amd64"
		case behind == "32":
			return os, "", "386"
		case isNumber(behind):
			return os, "", ""
		}
	}
	return "", "", ""
}

// osOf takes the system from the name of the program, where nothing else tells.
func (f *findings) osOf(v *vocabulary, words []string) {
	for _, word := range words {
		os, _, _ := v.decode(word)
		add(&f.os, os)
	}
}

// platforms are those that the file is for; none where that cannot be told, or the
// words contradict each other. Of a file that names no processor it is a guess.
func (f *findings) platforms() (ps []plugin.Platform, guess, several int) {
	os := f.system()
	if os == "" {
		return nil, 0, 0
	}
	arch, mac := f.processor(os), []string{"amd64", "arm64"}
	switch {
	case arch == nil && (os == "android" || os == "ios"):
		return nil, 0, 0
	case arch == nil && os == "darwin":
		arch, guess = mac, 1
	case arch == nil:
		arch, guess = []string{"amd64"}, 1
	case len(arch) > 1 && (os != "darwin" || !slices.Equal(arch, mac)):
		return nil, 0, 0
	}
	if len(arch) > 1 && guess == 0 {
		several = 1
	}
	for _, a := range arch {
		ps = append(ps, plugin.Platform{OS: os, Arch: a})
	}
	return ps, guess, several
}

// system is the operating system that the words agree on; "" if they do not.
func (f *findings) system() string {
	all := slices.Clone(f.os)
	drop := func(os, unless string) {
		if slices.Contains(all, unless) {
			all = slices.DeleteFunc(all, func(s string) bool { return s == os })
		}
	}
	drop("linux", "android") // aarch64-linux-android
	drop("darwin", "ios")    // aarch64-apple-ios
	switch {
	case len(all) == 1:
		return all[0]
	case len(all) == 0 && (f.libc || f.float):
		return "linux"
	}
	return ""
}

// processor is what the words name, sorted; nil if nothing does.
func (f *findings) processor(os string) []string {
	if os == "darwin" && f.both {
		return []string{"amd64", "arm64"}
	}
	arch := f.arch
	switch {
	case len(arch) > 0:
	case len(f.weak) > 0:
		arch = f.weak
	case f.float:
		arch = []string{"arm"}
	case os == "darwin" && f.mac != "":
		arch = []string{f.mac}
	}
	var out []string
	for _, a := range arch {
		switch { // Macs have no 32 bits
		case os == "darwin" && a == "arm":
			a = "arm64"
		case os == "darwin" && a == "386":
			a = "amd64"
		}
		add(&out, a)
	}
	slices.Sort(out)
	return out
}
