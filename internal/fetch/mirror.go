package fetch

import (
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// mirrorsOf finds the mirrors for address, in their order, and what of it follows
// their prefix. They are those of the longest prefix.
func (c *Client) mirrorsOf(address string) (found []plugin.Mirror, rest string) {
	address = lowerHost(address)
	longest := 0
	for _, m := range c.mirrors {
		prefix := lowerHost(m.Prefix)
		if len(prefix) < longest || !covers(prefix, address) {
			continue
		}
		if len(prefix) > longest {
			found, rest, longest = nil, address[len(prefix):], len(prefix)
		}
		found = append(found, m)
	}
	return found, rest
}

// covers reports whether prefix starts address and does not end within its host:
// "https://example.com" says nothing of https://example.com.attacker.net.
func covers(prefix, address string) bool {
	if prefix == "" || !strings.HasPrefix(address, prefix) {
		return false
	}
	rest := address[len(prefix):]
	return startsPath(rest) || hasPath(prefix) || strings.HasSuffix(prefix, "://")
}

// join puts rest behind a mirror's address. Whether either was written with a
// slash at its end makes no difference, and rest never becomes part of a host.
func join(m plugin.Mirror, rest string) string {
	base := m.URL
	slashed := strings.HasSuffix(m.Prefix, "/")
	switch {
	case strings.HasSuffix(base, "/"):
		return base + strings.TrimPrefix(rest, "/")
	case slashed && rest != "" && !strings.HasPrefix(rest, "/"):
		return base + "/" + rest
	case !hasPath(base) && !startsPath(rest):
		return base + "/" + rest
	}
	return base + rest
}

// startsPath reports whether rest cannot go on with the host before it.
func startsPath(rest string) bool {
	return rest == "" || strings.IndexByte("/?#", rest[0]) >= 0
}

// hasPath reports whether address goes on after its host.
func hasPath(address string) bool {
	_, after, ok := strings.Cut(address, "://")
	return !ok || strings.Contains(after, "/")
}

// lowerHost writes the scheme and the host of an address in lower case, in which
// they do not count.
func lowerHost(address string) string {
	scheme, after, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	end := strings.IndexAny(after, "/?#")
	if end < 0 {
		end = len(after)
	}
	start := strings.LastIndexByte(after[:end], '@') + 1
	return strings.ToLower(scheme) + "://" + after[:start] + strings.ToLower(after[start:end]) + after[end:]
}
