package access

import "github.com/plugins-hcl/plugins/internal/fetch"

// What may go wrong on the way to a document or a package.
type (
	// StatusError says that a server did not answer with what was asked for.
	StatusError = fetch.StatusError
	// NowhereError says that none of several places, mirrors say, had what was asked for.
	NowhereError = fetch.NowhereError
	// NotMirroredError says that a folder of packages by digest lacks one.
	NotMirroredError = fetch.NotMirroredError
	// IdleError says that not a byte came for too long.
	IdleError = fetch.IdleError
)

var (
	// ErrOffline is found in the error for what only the network has, while that must
	// not be used.
	ErrOffline = fetch.ErrOffline
	// ErrRedirect is found in the error for a redirect that is not followed.
	ErrRedirect = fetch.ErrRedirect
	// ErrInsecure is found in the error for a secret that would be sent in clear.
	ErrInsecure = fetch.ErrInsecure
)

// LooksLikeHTML reports whether a document starts like a web page: what a login form
// or a captive portal answers where something else was asked for.
func LooksLikeHTML(document []byte) bool { return fetch.LooksLikeHTML(document) }
