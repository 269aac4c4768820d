package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/source"
)

// hintRegistry is for what an OCI registry answers, and for what it holds.
func hintRegistry(err error) string {
	var (
		helper   *access.HelperError
		status   *access.StatusError
		manifest *source.ManifestError
		untagged *source.UntaggedError
	)
	switch {
	case errors.As(err, &helper) && helper.Program != "":
		return fmt.Sprintf("See what it says: echo %s | %s get", hostOf(err), helper.Program)
	case errors.As(err, &helper):
		return "Mend the file, or log in anew, which writes it: docker login " + hostOf(err)
	case errors.As(err, &manifest):
		return "Its publisher must push it anew: as an index of a manifest a platform, or as one manifest with a file a platform."
	case errors.As(err, &untagged):
		return "Take a version that it has: " + upgradeOf(err)
	case errors.As(err, &status) && status.Login != "":
		return hintRegistryStatus(status)
	}
	return ""
}

// hostOf is the host that a refusal is about.
func hostOf(err error) string {
	var status *access.StatusError
	if errors.As(err, &status) {
		return cmp.Or(status.Login, status.Host)
	}
	return "HOST"
}

func hintRegistryStatus(e *access.StatusError) string {
	login := "docker login " + e.Login
	switch {
	case (e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden) && e.TokenSent:
		return "Check who asks " + e.Login + ": whether password or token are right, still valid, and allowed to read this. They come from a credentials block\n" +
			"in plugins.hcl or your own file (PLUGINS_CONFIG), from .netrc, or from what \"docker login\" or \"podman login\" keeps, in this order."
	case e.Code == http.StatusUnauthorized, e.Code == http.StatusForbidden:
		return "It wants to know who asks, or has no such repository. Either: " + login + "\nor " + tokenPlace(e.Login)
	case e.Code == http.StatusNotFound && e.Reason == "manifest unknown":
		return "The tag is gone, or what an index names was not pushed with it: ask its publisher."
	case e.Code == http.StatusNotFound && e.Reason == "blob unknown":
		return "The package was removed from the registry, or never pushed: ask its publisher, or use a mirror that has it."
	case e.Code == http.StatusNotFound:
		return "Check the repository in the plugin's source. Some registries answer so, too, where nobody says who asks: " + login
	case e.Code == http.StatusTooManyRequests:
		return "Wait. Many registries allow more to those whom they know: " + login
	}
	return hintStatus(e)
}
