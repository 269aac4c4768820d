package source

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
)

// ErrNoRelease is found in the error that says that a source has nothing of a
// plugin, or of a version of it, to install: what is locked may well have been
// withdrawn.
var ErrNoRelease = errors.New("nothing to install")

// ErrOffline is found in the error for what would have had to be fetched, and must
// not be.
var ErrOffline = access.ErrOffline

// UnlistedError says that a registry does not list a version of a plugin, or not any
// more. It is [ErrNoRelease].
type UnlistedError struct {
	Plugin, Registry string
	Version          plugin.Version
}

func (e *UnlistedError) Error() string {
	return fmt.Sprintf("registry %q does not list %q %s", e.Registry, e.Plugin, e.Version)
}

// Is makes it [ErrNoRelease].
func (e *UnlistedError) Is(target error) bool { return target == ErrNoRelease }

// Is makes it [ErrNoRelease].
func (e *BuiltinError) Is(target error) bool { return target == ErrNoRelease }

// Is makes it [ErrNoRelease].
func (e *NoDownloadsError) Is(target error) bool { return target == ErrNoRelease }

// Is makes it [ErrNoRelease].
func (e *UnknownPluginError) Is(target error) bool { return target == ErrNoRelease }

// DisagreementError says that a publisher's documents name different digests for one
// package, and nobody knows which is right. It is [plugin.ErrRefused].
type DisagreementError struct {
	Of        string // whose documents: "": "the registry"
	URL       string
	Documents [2]string
	Digests   [2]plugin.Digest
}

func (e *DisagreementError) Error() string {
	return fmt.Sprintf("%s's documents disagree on the digest of %s:\n  %s in %s\n  %s in %s",
		cmp.Or(e.Of, "the registry"), e.URL, e.Digests[0], e.Documents[0], e.Digests[1], e.Documents[1])
}

// Is makes it [plugin.ErrRefused].
func (e *DisagreementError) Is(target error) bool { return target == plugin.ErrRefused }
