package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
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
func syntaxes() []syntax {
	return []syntax{
		{plugin.SourceURL, isURL, func(s, _ string) (*url.URL, error) { return checkURL(s) }},
		{plugin.SourceOCI, isOCI, checkOCI},
		{plugin.SourceLocal, isLocal, func(s, home string) (*url.URL, error) { return nil, checkPath(s, home) }},
		{plugin.SourceGitHub, isGitHub, checkGitHub},
		{plugin.SourceRegistry, isRegistry, func(string, string) (*url.URL, error) { return nil, nil }},
	}
}

// classify tells the kind of a source from its text.
func classify(s string) (plugin.SourceKind, error) {
	for _, x := range syntaxes() {
		if x.is(s) {
			return x.kind, nil
		}
	}
	switch {
	case s == "":
		return 0, errors.New("it is empty")
	case strings.Contains(s, "://"):
		return 0, fmt.Errorf(`%q is not a source: a URL starts with "https://", "http://", "oci://" or "file://"`, s)
	case !strings.Contains(s, "/"):
		return 0, fmt.Errorf(`%q is not a source: write "REGISTRY/%s" for a plugin of a registry, or "./%s" for a folder`, s, s, s)
	}
	return 0, fmt.Errorf(`%q is not a source: write "REGISTRY/PLUGIN" for a plugin of a registry, or %s for a folder`,
		s, strconv.Quote("./"+s))
}

// checkAddressed checks what a source's text addresses; the URL is nil where it is none.
func checkAddressed(s string, kind plugin.SourceKind, home string) (*url.URL, error) {
	for _, x := range syntaxes() {
		if x.kind == kind {
			return x.check(s, home)
		}
	}
	return nil, nil
}

func isURL(s string) bool { return hasScheme(s, "https", "http") }

func isOCI(s string) bool { return hasScheme(s, "oci") }

func isLocal(s string) bool { return hasScheme(s, "file") || looksLikePath(s) }

func isGitHub(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	return strings.EqualFold(host, "github.com")
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

var gitHubPart = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)

func checkGitHub(s, _ string) (*url.URL, error) {
	segments := strings.Split(s, "/")
	if len(segments) != 3 || !gitHubPart.MatchString(segments[1]) || !gitHubPart.MatchString(segments[2]) {
		return nil, fmt.Errorf(`%q is not a source: a repository at GitHub is written as "github.com/OWNER/REPOSITORY"`, s)
	}
	return nil, nil
}
