package plugin

import "strings"

// Mirror says that every request whose address starts with Prefix goes to URL,
// followed by what stands behind the prefix. The longest prefix wins. Several with equal
// ones are asked in their order, and the address itself last, unless one of them is to be
// the only way. It is about the address that is asked for, not about those that a server
// redirects to.
//
// With the prefix [DigestPrefix] it is a mirror of packages by digest: of every package
// whose digest is known, wherever it is from. It is asked before all others.
type Mirror struct {
	Prefix string // an http, https or oci URL, which ends in "/" where it has no path; or DigestPrefix
	URL    string // an http, https, oci or file URL, or an absolute path; ends in "/" if Prefix does
	Only   bool   // the address itself is never asked
	Pos    Pos
}

// DigestPrefix starts every digest of a package, and is the prefix of a mirror that has
// packages by them: as DIGITS/NAME behind its URL.
const DigestPrefix = SHA256 + ":"

// ByDigest reports whether it is a mirror of packages by digest.
func (m Mirror) ByDigest() bool { return m.Prefix == DigestPrefix }

// Credential is a token and the only place it may be sent to.
type Credential struct {
	Host  string // HOST or HOST:PORT; without a port, the scheme's own
	Path  string // of the addresses it is for; "" for the whole host. The longest wins
	Token string // "" is no token
	Pos   Pos
}

// GitHubHost is the host of GitHub itself, which nobody need declare.
const GitHubHost = "github.com"

// GitHub is a host that speaks as GitHub does: GitHub itself, or an enterprise's own.
type GitHub struct {
	Host   string // HOST or HOST:PORT, in lower case
	APIURL string // without a trailing slash; "": the usual one
	Token  string // "": none
	Pos    Pos
}

// API is the address of its API, without a trailing slash.
func (g GitHub) API() string {
	switch {
	case g.APIURL != "":
		return g.APIURL
	case g.Host == GitHubHost, strings.HasSuffix(g.Host, ".ghe.com"):
		return "https://api." + g.Host
	}
	return "https://" + g.Host + "/api/v3"
}

// Registry is a registry of static files.
type Registry struct {
	Name   string
	URL    string // without a trailing slash; an http(s) or file URL, or a path as written
	Local  bool   // URL is a path or a file URL
	Token  string // "": none
	Verify Verification
	Pos    Pos
}

// IsPath reports whether URL is a path as the configuration writes it.
func (r Registry) IsPath() bool { return r.Local && !isFileURL(r.URL) }

func isFileURL(s string) bool { return len(s) >= 5 && strings.EqualFold(s[:5], "file:") }
