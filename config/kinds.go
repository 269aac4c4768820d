package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// syntax is how the sources of one kind are written.
type syntax struct {
	kind plugin.SourceKind
	is   func(s string) bool // whether s means one
	// check says what is wrong with one; the URL is nil where it addresses none.
	check func(s, home string) (*url.URL, error)
}

// syntaxes are those of all kinds, in the order in which they are tried.
func (d *decoder) syntaxes() []syntax {
	return []syntax{
		{plugin.SourceURL, isURL, func(s, _ string) (*url.URL, error) { return checkURL(s) }},
		{plugin.SourceOCI, isOCI, checkOCI},
		{plugin.SourceLocal, isLocal, func(s, home string) (*url.URL, error) { return nil, checkPath(s, home) }},
		{plugin.SourceGitHub, d.isGitHub, checkGitHub},
		{plugin.SourceRegistry, isRegistry, func(string, string) (*url.URL, error) { return nil, nil }},
	}
}

// classify tells the kind of a source from its text.
func (d *decoder) classify(s string) (plugin.SourceKind, error) {
	for _, x := range d.syntaxes() {
		if x.is(s) {
			return x.kind, nil
		}
	}
	switch {
	case s == "":
		return 0, errors.New("it is empty")
	case strings.Contains(s, "://"):
		return 0, fmt.Errorf(`%q is not a source: a URL starts with "https://", "http://", "oci://" or "file://"`, s)
	case looksLikeRepository(s):
		host, _, _ := strings.Cut(s, "/")
		return 0, fmt.Errorf(`%q is not a source: if %s is a GitHub host, declare it: github %q {}`, s, host, host)
	case !strings.Contains(s, "/"):
		return 0, fmt.Errorf(`%q is not a source: write "REGISTRY/%s" for a plugin of a registry, or "./%s" for a folder`, s, s, s)
	}
	return 0, fmt.Errorf(`%q is not a source: write "REGISTRY/PLUGIN" for a plugin of a registry, or %s for a folder`,
		s, strconv.Quote("./"+s))
}

// checkAddressed checks what a source's text addresses; the URL is nil where it is none.
func (d *decoder) checkAddressed(s string, kind plugin.SourceKind) (*url.URL, error) {
	for _, x := range d.syntaxes() {
		if x.kind == kind {
			return x.check(s, d.opts.Home)
		}
	}
	return nil, nil
}

func isURL(s string) bool { return hasScheme(s, "https", "http") }

func isOCI(s string) bool { return hasScheme(s, "oci") }

func isLocal(s string) bool { return hasScheme(s, "file") || looksLikePath(s) }

// isGitHub reports whether s starts with GitHub's own host, or one that is declared.
func (d *decoder) isGitHub(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	return strings.EqualFold(host, plugin.GitHubHost) ||
		slices.ContainsFunc(d.file.GitHub, func(g plugin.GitHub) bool { return strings.EqualFold(host, g.Host) })
}

// looksLikeRepository reports whether s is written as a repository of a host that might
// be a GitHub's: HOST.DOMAIN/OWNER/REPOSITORY.
func looksLikeRepository(s string) bool {
	parts := strings.Split(s, "/")
	return len(parts) == 3 && strings.Contains(parts[0], ".") && checkHost(parts[0]) == nil
}

func isRegistry(s string) bool { return !strings.Contains(s, "://") && strings.Count(s, "/") == 1 }

func checkOCI(s, _ string) (*url.URL, error) {
	u, err := checkURL(s)
	if err != nil {
		return nil, err
	}
	if strings.Trim(u.Path, "/") == "" || strings.ContainsAny(u.Path, "@:") || u.RawQuery != "" {
		return nil, errors.New(`it is written as "oci://HOST/REPOSITORY": the tag comes from the version`)
	}
	_, err = plugin.ParseOCI(s)
	return u, err
}

var (
	gitHubPart   = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)
	gitHubPrefix = regexp.MustCompile(`^[A-Za-z0-9@_-][A-Za-z0-9@._-]*(/[A-Za-z0-9@_-][A-Za-z0-9@._-]*)*$`)
)

func checkGitHub(s, _ string) (*url.URL, error) {
	repository, prefix, prefixed := strings.Cut(s, "//")
	segments := strings.Split(repository, "/")
	if len(segments) != 3 || !gitHubPart.MatchString(segments[1]) || !gitHubPart.MatchString(segments[2]) {
		return nil, fmt.Errorf(`%q is not a source: a repository at GitHub is written as "%s/OWNER/REPOSITORY"`, s, segments[0])
	}
	if prefixed && !gitHubPrefix.MatchString(prefix) {
		return nil, fmt.Errorf(`%q is not a source: behind "//" stands what the tags of its releases start with, as "%s//NAME"`, s, repository)
	}
	return nil, nil
}
