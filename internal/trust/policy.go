package trust

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plugins-hcl/plugins/plugin"
)

// Policy is what a project allows. The zero value allows everything.
type Policy struct {
	Sources []string // patterns in which * stops at "/" and ** does not; nil: all
	Hosts   []string // HOST, HOST:PORT or *.DOMAIN; nil: all
}

// PolicyError says what the project's policy does not allow.
type PolicyError struct {
	What    string // "the source \"acme/x\""
	Setting string // "allow_sources"
	Allowed []string
}

func (e *PolicyError) Error() string {
	return plugin.Redact(fmt.Sprintf("the policy does not allow %s: %s is %q", e.What, e.Setting, e.Allowed))
}

// AllowSource is nil if the policy allows the source: REGISTRY/PLUGIN, an address,
// or a path as written. The error is a [*PolicyError].
func (p Policy) AllowSource(source string) error {
	if p.Sources == nil {
		return nil
	}
	for _, pattern := range p.Sources {
		if ok, err := doublestar.Match(pattern, source); ok && err == nil {
			return nil
		}
	}
	return &PolicyError{What: fmt.Sprintf("the source %q", source), Setting: "allow_sources", Allowed: p.Sources}
}

// AllowURL is nil if the policy allows to ask the host of address. An address that
// is a path or a file names none.
func (p Policy) AllowURL(address string) error {
	if p.Hosts == nil {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	for _, allowed := range p.Hosts {
		allowed = strings.ToLower(allowed)
		if allowed == host || allowed == strings.ToLower(u.Host) {
			return nil
		}
		if domain, ok := strings.CutPrefix(allowed, "*."); ok && strings.HasSuffix(host, "."+domain) {
			return nil
		}
	}
	return &PolicyError{What: fmt.Sprintf("the host %q", u.Host), Setting: "allow_hosts", Allowed: p.Hosts}
}
