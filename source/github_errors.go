package source

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/plugin"
)

// What may go wrong with the API of GitHub.
type (
	// RateLimitError says that it answers no more for a while.
	RateLimitError = github.RateLimitError
	// AnswerError says that an answer cannot be used.
	AnswerError = github.AnswerError
)

// UnknownRepositoryError says that GitHub has no such repository, or none that it shows
// to who asks. It is fs.ErrNotExist, and [ErrNoRelease].
type UnknownRepositoryError struct {
	Repository string // "github.com/acme/x"
	TokenSent  bool
	Err        error
}

func (e *UnknownRepositoryError) Error() string {
	why := "or it is private, and no token was sent"
	if e.TokenSent {
		why = "or it is private, and the token that was sent does not let in"
	}
	return fmt.Sprintf("there is no repository %s, %s (%s)", e.Repository, why, e.Err)
}

func (e *UnknownRepositoryError) Unwrap() error { return e.Err }

// Is makes it [ErrNoRelease].
func (e *UnknownRepositoryError) Is(target error) bool { return target == ErrNoRelease }

// NoReleasesError says that no release of a repository has a version. It is [ErrNoRelease].
type NoReleasesError struct {
	Repository string
	Tags       []string // of the releases that there are
	Drafts     int      // how many there are besides
}

func (e *NoReleasesError) Error() string {
	switch {
	case len(e.Tags) > 0:
		return fmt.Sprintf("no release of %s has a tag that ends in a version, like v1.2.3: there are %s", e.Repository, some(e.Tags))
	case e.Drafts > 0:
		return fmt.Sprintf("%s has no releases, only drafts", e.Repository)
	}
	return e.Repository + " has no releases"
}

// Is makes it [ErrNoRelease].
func (e *NoReleasesError) Is(target error) bool { return target == ErrNoRelease }

// some are the first of texts, which may be many, and be written by anybody.
func some(texts []string) string {
	const most = 10
	var shown []string
	for _, t := range texts[:min(len(texts), most)] {
		shown = append(shown, fmt.Sprintf("%q", t))
	}
	if rest := len(texts) - most; rest > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(shown, ", ")
}

// NoReleaseError says that a repository has no release of a version, or not any more. It
// is [ErrNoRelease].
type NoReleaseError struct {
	Repository string
	Version    plugin.Version
}

func (e *NoReleaseError) Error() string {
	return fmt.Sprintf("%s has no release %s", e.Repository, e.Version)
}

// Is makes it [ErrNoRelease].
func (e *NoReleaseError) Is(target error) bool { return target == ErrNoRelease }

// PrefixError says that the tags of a repository start with several names, and nothing
// tells which of them are the plugin's versions.
type PrefixError struct {
	Repository string
	Plugin     plugin.Name
	Wanted     string   // what the configuration says; "" if nothing
	Prefixes   []string // that there are, sorted; "" of tags that are a version alone
}

func (e *PrefixError) Error() string {
	there := make([]string, len(e.Prefixes))
	for i, p := range e.Prefixes {
		if there[i] = p; p == "" {
			there[i] = "no name at all"
		}
	}
	if e.Wanted != "" {
		return fmt.Sprintf("no release of %s has a tag that starts with %q: there are %s", e.Repository, e.Wanted, some(there))
	}
	return fmt.Sprintf("the tags of %s start with several names, none of them %q: there are %s", e.Repository, e.Plugin, some(there))
}

// NoPackageError says that none of a release's files is a package. It is [ErrNoRelease].
type NoPackageError struct {
	Repository, Tag string
	Files           []string
	Asset           string // the pattern that none of them matches; "" without one
}

func (e *NoPackageError) Error() string {
	text := fmt.Sprintf("none of the files of release %s of %s ", e.Tag, e.Repository)
	if e.Asset != "" {
		text += fmt.Sprintf("is its asset %q", e.Asset)
	} else {
		text += "says by its name that it is a package, and for which platform"
	}
	if len(e.Files) == 0 {
		return text + ": there are none"
	}
	return text + ":\n  " + strings.Join(e.Files, "\n  ")
}

// Is makes it [ErrNoRelease].
func (e *NoPackageError) Is(target error) bool { return target == ErrNoRelease }
