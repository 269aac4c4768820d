package config

import (
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// ExpandHome replaces a leading "~" of path, alone or before a separator, by home.
// With home unknown ("") path is returned as it is.
func ExpandHome(path, home string) string {
	if home == "" || !startsAtHome(path) {
		return path
	}
	return home + path[1:]
}

func startsAtHome(path string) bool {
	return path == "~" || strings.HasPrefix(path, "~/") || strings.HasPrefix(path, `~\`)
}

// absolute resolves a path or file URL as [File.Abs] says.
func absolute(path, dir, home string) string {
	if local, err := filePath(path); err == nil {
		path = local
	}
	path = ExpandHome(path, home)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return filepath.Clean(path)
}

var windowsDrive = regexp.MustCompile(`^/?[A-Za-z]:[\\/]`)

// filePath is the path of a file URL. Only this machine's are readable.
func filePath(s string) (string, error) {
	if !hasScheme(s, "file") {
		return "", errors.New("it is no file URL")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", urlError(err)
	case u.Host != "" && u.Host != "localhost":
		return "", errors.New("a file URL names a file of this machine: it has three slashes, as in file:///srv/plugins")
	case u.Path == "":
		return "", errors.New("it has no path")
	case u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("a file URL has no query and no fragment")
	}
	if windowsDrive.MatchString(u.Path) {
		return strings.TrimPrefix(u.Path, "/"), nil
	}
	return u.Path, nil
}

func hasScheme(s string, schemes ...string) bool {
	before, _, ok := strings.Cut(s, "://")
	for _, scheme := range schemes {
		if ok && strings.EqualFold(before, scheme) {
			return true
		}
	}
	return false
}

// looksLikePath reports whether s is written as a path of any operating system,
// so that a configuration means the same everywhere.
func looksLikePath(s string) bool {
	if s == "." || s == ".." || strings.HasPrefix(s, "~") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, `\`) {
		return true
	}
	for _, prefix := range []string{"./", "../", `.\`, `..\`} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return windowsDrive.MatchString(s)
}

// checkPath says what is wrong with a local path, whatever it leads to.
func checkPath(s, home string) error {
	switch {
	case s == "":
		return errors.New("it is empty")
	case strings.ContainsRune(s, 0):
		return errors.New("it holds a NUL character")
	case hasScheme(s, "file"):
		_, err := filePath(s)
		return err
	case startsAtHome(s) && home == "":
		return errors.New(`"~" stands for the home directory, which is not known here`)
	case strings.HasPrefix(s, "~") && !startsAtHome(s):
		return errors.New(`"~" stands only for your own home directory, as in "~/plugins"`)
	}
	return nil
}

// checkURL demands a URL a request can be made of.
func checkURL(s string) (*url.URL, error) {
	if strings.ContainsAny(s, " \t\r\n") {
		return nil, errors.New("it holds white space")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, urlError(err)
	case u.Host == "" || u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.User != nil:
		return nil, errors.New("it holds a user name or password: write a credentials block instead")
	case u.Fragment != "":
		return nil, errors.New(`it has a fragment ("#…"), which is never sent`)
	}
	return u, nil
}

// urlError leaves out the URL, which net/url puts into every message: it may hold a
// password.
func urlError(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		err = parse.Err
	}
	return err
}

// insecure reports whether u is fetched in clear over a network.
func insecure(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, "http") && !loopback(u.Hostname())
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
