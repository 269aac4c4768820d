package cli

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/source"
)

// hintGitHub is for releases of GitHub.
func hintGitHub(err error) string {
	var (
		limit   *source.RateLimitError
		unknown *source.UnknownRepositoryError
		none    *source.NoReleasesError
		prefix  *source.PrefixError
		file    *source.NoPackageError
		answer  *source.AnswerError
		status  *access.StatusError
	)
	switch {
	case errors.As(err, &limit) && limit.Anonymous():
		return "With a token it is 5,000, and what has not changed costs none: " + gitHubToken(limit.Host)
	case errors.As(err, &limit):
		return "Run it again then. What is locked needs no API: plugins apply goes on."
	case errors.As(err, &unknown) && unknown.TokenSent:
		return "Check the source, and that the token may read the repository: for a fine-grained one, \"Contents: read\"."
	case errors.As(err, &unknown):
		host, _, _ := strings.Cut(unknown.Repository, "/")
		return "Check the source. If it is private: " + gitHubToken(host)
	case errors.As(err, &none):
		return "Plugins are installed from releases, not from tags or branches: ask its publisher for one with a tag like v1.2.3, or use another source."
	case errors.As(err, &prefix):
		repository, _, _ := strings.Cut(prefix.Repository, "//")
		return "Say behind the repository which are meant:\n  source = \"" + repository + "//NAME\""
	case errors.As(err, &file):
		return "Say which file it is, in the plugin's block; * stands for any text:\n  asset = \"NAME-*-${os}-${arch}.tar.gz\""
	case errors.As(err, &answer):
		return "Something else than GitHub's API may have answered: check the api_url of the github block, a mirror or a proxy. If it was GitHub, run it again later."
	case errors.As(err, &status) && errors.Is(status, fs.ErrNotExist) && isReleaseFile(status.URL):
		return "Its publisher may have renamed or deleted the file. If it has another name now, and the same bytes, take that: " + upgradeOf(err) +
			"\nIf it is private: " + gitHubToken(status.Host)
	}
	return ""
}

// gitHubToken says where a token for a GitHub host goes.
func gitHubToken(host string) string {
	host = strings.TrimPrefix(host, "api.")
	if host == "github.com" {
		return "set GH_TOKEN, GITHUB_TOKEN or RELEASES_TOKEN,\nor write one in plugins.hcl or your own file: credentials \"github.com\" { token = env(\"MY_TOKEN\") }"
	}
	return "write a token in its block in plugins.hcl:\n  github \"" + host + "\" { token = env(\"MY_TOKEN\") }"
}

// isReleaseFile reports whether an address is that of a file of a release.
func isReleaseFile(address string) bool {
	return strings.Contains(address, "/releases/download/")
}

// hintFlagged is for a version that its publisher calls a prerelease.
func hintFlagged(version string) string {
	return "To take it all the same, name it in its block, as in: version = \"" + version + "\""
}
