package lock

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// OutOfDateError lists why a lock no longer fits what is required.
type OutOfDateError struct{ Reasons []Reason }

func (e *OutOfDateError) Error() string {
	text := "the lock file is out of date:"
	for _, r := range e.Reasons {
		text += fmt.Sprintf("\n  %s: %s", r.Plugin, r.Text)
	}
	return text
}

// Reason is one respect in which a lock is out of date.
type Reason struct {
	Plugin plugin.Name
	Text   string
	Err    error // what locking would meet, too; nil for what it mends
}

// Local is what lies at a local source now: the digest of the folder or archive,
// or why it could not be read.
type Local struct {
	Digest plugin.Digest
	Err    error
}

// Check tells whether f is what locking would write, as far as that can be seen
// without network: platforms are those the configuration declares for all, host is
// the program it declares, and local holds what lies at the paths of local sources,
// by path as locked. The error is an [*OutOfDateError].
func (f *File) Check(required []plugin.Requirement, platforms []plugin.Platform, host plugin.Host, local map[string]Local) error {
	var reasons []Reason
	declared := map[plugin.Name]bool{}
	for _, r := range required {
		declared[r.Name] = true
		say := func(format string, args ...any) {
			err := fmt.Errorf(format, args...)
			reasons = append(reasons, Reason{Plugin: r.Name, Text: err.Error(), Err: errors.Unwrap(err)})
		}
		p, ok := f.Plugin(r.Name)
		if !ok {
			say("it is declared, but not locked")
			continue
		}
		if len(r.Source.Text) > 0 && p.Source != r.Source.Text {
			if was, is := plugin.Redact(p.Source), plugin.Redact(r.Source.Text); was != is {
				say("its source changed from %q to %q", was, is)
			} else {
				say("what is not shown of its source, %q, changed", is)
			}
			continue
		}
		if resolved := r.Source.Resolved(); p.Resolved != resolved {
			say("its source changed from %q to %q", p.Resolved, resolved)
			continue
		}
		if pkg, ok := p.outside(r.Source); ok {
			say("its source changed: registry %q is now at %s, and the package for %s was locked from %s",
				r.Source.Registry, r.Source.Base, pkg.Platform, pkg.Path)
			continue
		}
		if !allows(r, p.Version) {
			say("the locked version %s does not satisfy %q", p.Version, r.Constraint)
			continue
		}
		checkAddresses(p, r, say)
		checkSigner(p, r, say)
		checkPlatforms(p, r, platforms, say)
		if r.Source.Kind.Local() {
			checkLocal(p, local, say)
		}
	}
	for _, p := range f.Plugins {
		if !declared[p.Name] && !f.needed(p, declared) {
			reasons = append(reasons, Reason{Plugin: p.Name, Text: "it is locked, but nothing needs it"})
		} else if why := host.TooOld(p.MinHost); why != "" && !p.ForceCompat {
			reasons = append(reasons, Reason{Plugin: p.Name, Text: why})
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return &OutOfDateError{Reasons: reasons}
}

// allows is [plugin.Constraint.Allows], but a local folder may well have a
// prerelease's version where no constraint says otherwise.
func allows(r plugin.Requirement, v plugin.Version) bool {
	if r.Constraint.String() == "" && r.Source.Kind.Local() {
		return true
	}
	return r.Constraint.Allows(v)
}

// checkAddresses evaluates a template again: what it refers to may have changed
// though its text did not.
func checkAddresses(p Plugin, r plugin.Requirement, say func(string, ...any)) {
	if (p.Manifest != "") != (r.Manifest == plugin.ManifestFromRegistry) {
		say("its setting \"manifest\" changed")
	}
	for _, pkg := range p.Packages {
		if now, ok := at(pkg, r.Source, p.Version); !ok {
			say("its address%s changed from %s to %s", pkg.Platform.For(), pkg.Shown(), plugin.Redact(now))
		}
		if !r.Asset.IsZero() {
			if pattern, err := r.Asset.Pattern(p.Version, pkg.Platform); err != nil || !MatchAsset(pattern, pkg.Location()) {
				say("its package%s is not the asset %q", pkg.Platform.For(), pattern)
			}
		}
	}
}

func checkSigner(p Plugin, r plugin.Requirement, say func(string, ...any)) {
	switch {
	case p.SignedBy == SignerOf(r.Verify.Key):
	case r.Verify.Key == "":
		say("it was locked with a signature, and no verify block names its key any more")
	default:
		say("its signature has not been verified with the key that its verify block names")
	}
}

// SignerOf is the identity that a lock records for a minisign public key.
func SignerOf(key string) string {
	if key == "" {
		return ""
	}
	return "minisign:" + key
}

// MatchAsset reports whether the last element of a URL's or a file's path is the
// asset that pattern, with * and ?, names.
func MatchAsset(pattern, location string) bool {
	name := path.Base(location)
	ok, err := path.Match(pattern, name)
	if unescaped, failed := url.PathUnescape(name); failed == nil && !ok {
		ok, err = path.Match(pattern, unescaped)
	}
	return ok && err == nil
}

func checkPlatforms(p Plugin, r plugin.Requirement, platforms []plugin.Platform, say func(string, ...any)) {
	if r.Platforms != nil {
		platforms = r.Platforms
	}
	have := p.Platforms()
	if slices.Contains(have, plugin.AnyPlatform) {
		return
	}
	for _, want := range platforms {
		if !slices.Contains(have, want) {
			say("it is not locked for %s", want)
		}
	}
}

func checkLocal(p Plugin, local map[string]Local, say func(string, ...any)) {
	for _, pkg := range p.Packages {
		switch now := local[pkg.Path]; {
		case now.Err != nil:
			say("its source cannot be read: %w", now.Err)
		case now.Digest != "" && now.Digest != pkg.Digest:
			say("the contents of %s changed", pkg.Path)
		}
	}
}
