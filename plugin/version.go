package plugin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// maxVersionLength keeps absurd versions out of tables and file names.
const maxVersionLength = 128

// Version is a semantic version (https://semver.org). The zero value is no
// version, see [Version.IsZero].
type Version struct {
	v *semver.Version
}

// ParseVersion reads a version; a leading "v" and a missing minor or patch
// number are accepted, and never written by [Version.String].
func ParseVersion(s string) (Version, error) {
	if len(s) > maxVersionLength {
		return Version{}, fmt.Errorf("version %.20q… is longer than %d bytes", s, maxVersionLength)
	}
	v, err := semver.NewVersion(s)
	if err != nil {
		return Version{}, fmt.Errorf("%q is not a version: write it as 1.2.3", s)
	}
	// Built anew so that two spellings of one version are equal in every way.
	return Version{v: semver.New(v.Major(), v.Minor(), v.Patch(), v.Prerelease(), v.Metadata())}, nil
}

// MustVersion is [ParseVersion] for constants; it panics on an error.
func MustVersion(s string) Version {
	v, err := ParseVersion(s)
	if err != nil {
		panic(err)
	}
	return v
}

// IsZero reports whether v is no version at all.
func (v Version) IsZero() bool { return v.v == nil }

// String is the version without a leading "v"; "" for the zero value.
func (v Version) String() string {
	if v.v == nil {
		return ""
	}
	return v.v.String()
}

// Prerelease is what follows the "-": "rc.1"; "" for a release.
func (v Version) Prerelease() string {
	if v.v == nil {
		return ""
	}
	return v.v.Prerelease()
}

// Release is the major.minor.patch of v alone.
func (v Version) Release() Version {
	if v.v == nil {
		return v
	}
	return Version{v: semver.New(v.v.Major(), v.v.Minor(), v.v.Patch(), "", "")}
}

// Compare is -1, 0 or 1 by semantic versioning's precedence. Versions that
// differ in build metadata alone, which have none, are ordered by its text, so
// that every choice is deterministic. The zero value comes first.
func (v Version) Compare(w Version) int {
	switch {
	case v.v == nil && w.v == nil:
		return 0
	case v.v == nil:
		return -1
	case w.v == nil:
		return 1
	}
	if c := v.v.Compare(w.v); c != 0 {
		return c
	}
	return strings.Compare(v.v.Metadata(), w.v.Metadata())
}

// Equal reports whether v and w are the same version, build metadata included.
func (v Version) Equal(w Version) bool { return v.Compare(w) == 0 }

// Step is the most significant part in which v and w differ: "major", "minor", "patch",
// "prerelease" or "build"; "" where they are equal, or one is no version.
func (v Version) Step(w Version) string {
	switch {
	case v.IsZero() || w.IsZero() || v.Equal(w):
		return ""
	case v.v.Major() != w.v.Major():
		return "major"
	case v.v.Minor() != w.v.Minor():
		return "minor"
	case v.v.Patch() != w.v.Patch():
		return "patch"
	case v.Prerelease() != w.Prerelease():
		return "prerelease"
	}
	return "build"
}

// MarshalText makes a version a string in JSON.
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText wrote; "" is the zero value.
func (v *Version) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*v = Version{}
		return nil
	}
	parsed, err := ParseVersion(string(text))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

// VersionList is "1.1.0, 1.0.0", for messages: versions given in ascending order,
// newest first; at most ten, the rest counted.
func VersionList(vs []Version) string {
	const most = 10
	texts := make([]string, 0, most+1)
	for i := len(vs) - 1; i >= 0 && len(texts) < most; i-- {
		texts = append(texts, vs[i].String())
	}
	if rest := len(vs) - most; rest > 0 {
		texts = append(texts, fmt.Sprintf("and %d older", rest))
	}
	return strings.Join(texts, ", ")
}

var errPessimistic = errors.New(`"~>" takes one, two or three numbers: "~> 1", "~> 1.2" or "~> 1.2.3"`)
