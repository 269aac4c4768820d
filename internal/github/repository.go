package github

import (
	"net/url"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// Repository is where releases are.
type Repository struct {
	Host        plugin.GitHub
	Owner, Name string
}

// String is "github.com/acme/x".
func (r Repository) String() string { return r.Host.Host + "/" + r.Owner + "/" + r.Name }

// api is the address of what the API has at path in the repository.
func (r Repository) api(path string) string {
	return r.Host.API() + "/repos/" + url.PathEscape(r.Owner) + "/" + url.PathEscape(r.Name) + path
}

// ReleaseURL is the address at which the API tells of the release with that tag.
func (r Repository) ReleaseURL(tag string) string {
	return r.api("/releases/tags/" + url.PathEscape(tag))
}

// Hosts are those declared, and GitHub's own.
func Hosts(declared []plugin.GitHub) []plugin.GitHub {
	if slices.ContainsFunc(declared, func(g plugin.GitHub) bool { return g.Host == plugin.GitHubHost }) {
		return declared
	}
	return append(slices.Clone(declared), plugin.GitHub{Host: plugin.GitHubHost})
}

// Parse reads HOST/OWNER/NAME, and behind "//" what the tags start with that are meant;
// it is not ok if the host is none of hosts.
func Parse(hosts []plugin.GitHub, text string) (r Repository, prefix string, ok bool) {
	text, prefix, _ = strings.Cut(text, "//")
	host, path, _ := strings.Cut(text, "/")
	owner, name, _ := strings.Cut(path, "/")
	for _, g := range hosts {
		if strings.EqualFold(g.Host, host) {
			return Repository{Host: g, Owner: owner, Name: name}, prefix, owner != "" && name != ""
		}
	}
	return Repository{}, "", false
}

// Download is a file of a release.
type Download struct {
	Repository Repository
	Tag, Asset string
}

// ParseDownload reads the address at which browsers get a file of a release:
// https://HOST/OWNER/NAME/releases/download/TAG/ASSET.
func ParseDownload(hosts []plugin.GitHub, address string) (Download, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" {
		return Download{}, false
	}
	parts := strings.Split(u.EscapedPath(), "/")
	if len(parts) != 7 || parts[3] != "releases" || parts[4] != "download" {
		return Download{}, false
	}
	for i := range parts {
		if parts[i], err = url.PathUnescape(parts[i]); err != nil || i > 0 && parts[i] == "" {
			return Download{}, false
		}
	}
	i := slices.IndexFunc(hosts, func(g plugin.GitHub) bool { return strings.EqualFold(g.Host, u.Host) })
	if i < 0 {
		return Download{}, false
	}
	return Download{
		Repository: Repository{Host: hosts[i], Owner: parts[1], Name: parts[2]}, Tag: parts[5], Asset: parts[6],
	}, true
}
