package trust

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plugins-hcl/plugins/plugin"
)

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
func AllowSource(p plugin.Policy, source string) error {
	if p.AllowSources == nil {
		return nil
	}
	for _, pattern := range p.AllowSources {
		if ok, err := doublestar.Match(pattern, source); ok && err == nil {
			return nil
		}
	}
	return &PolicyError{What: fmt.Sprintf("the source %q", source), Setting: "allow_sources", Allowed: p.AllowSources}
}

// AllowURL is nil if the policy allows to ask the host of address. An address that
// is a path or a file names none.
func AllowURL(p plugin.Policy, address string) error {
	if p.AllowHosts == nil {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	for _, allowed := range p.AllowHosts {
		allowed = strings.ToLower(allowed)
		if allowed == host || allowed == strings.ToLower(u.Host) {
			return nil
		}
		if domain, ok := strings.CutPrefix(allowed, "*."); ok && strings.HasSuffix(host, "."+domain) {
			return nil
		}
	}
	return &PolicyError{What: fmt.Sprintf("the host %q", u.Host), Setting: "allow_hosts", Allowed: p.AllowHosts}
}
