package plugin

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// Platform is an operating system and a processor architecture, in Go's words
// (GOOS and GOARCH).
type Platform struct {
	OS, Arch string
}

// AnyPlatform is what a package is for that runs everywhere: a local folder, or
// a URL that names neither operating system nor architecture.
var AnyPlatform = Platform{OS: "any"}

var platformPart = regexp.MustCompile(`^[a-z0-9]{1,20}$`)

// ParsePlatform reads "linux/amd64", or "any".
func ParsePlatform(s string) (Platform, error) {
	if s == AnyPlatform.String() {
		return AnyPlatform, nil
	}
	os, arch, ok := strings.Cut(s, "/")
	if !ok || !platformPart.MatchString(os) || !platformPart.MatchString(arch) {
		return Platform{}, fmt.Errorf(`%q is not a platform: write it as OS/ARCH, for example "linux/amd64"`, s)
	}
	return Platform{OS: os, Arch: arch}, nil
}

// CurrentPlatform is the one this program runs on.
func CurrentPlatform() Platform {
	return Platform{OS: runtime.GOOS, Arch: runtime.GOARCH}
}

func (p Platform) String() string {
	if p.Arch == "" {
		return p.OS
	}
	return p.OS + "/" + p.Arch
}

// ComparePlatforms orders platforms by their text.
func ComparePlatforms(a, b Platform) int { return strings.Compare(a.String(), b.String()) }

// For is " for linux/amd64", to stand behind a word in a message; "" for
// [AnyPlatform].
func (p Platform) For() string {
	if p == AnyPlatform {
		return ""
	}
	return " for " + p.String()
}

// PlatformList is "linux/amd64, darwin/arm64", for messages.
func PlatformList(ps []Platform) string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

// MarshalText makes a platform a string in JSON.
func (p Platform) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Platform) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePlatform(string(text))
	return err
}
