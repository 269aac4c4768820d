package cli

import (
	"net/url"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// credentials are the tokens there are, each for one host: of registries and
// credentials blocks, else GitHub's usual variables.
func (a *app) credentials(c *config.File) []plugin.Credential {
	var all []plugin.Credential
	for _, r := range c.Registries {
		if u, err := url.Parse(r.URL); err == nil && !r.Local && r.Token != "" {
			all = append(all, plugin.Credential{Host: hostPort(u), Path: u.Path, Token: r.Token})
			// Its packages may lie beside it on the same server.
			all = append(all, plugin.Credential{Host: hostPort(u), Token: r.Token})
		}
	}
	for _, cred := range c.Credentials {
		all = append([]plugin.Credential{{Host: cred.Host, Token: cred.Token}}, all...)
	}
	for _, name := range []string{"GH_TOKEN", "GITHUB_TOKEN", "RELEASES_TOKEN"} {
		if token, _ := a.env(name); token != "" {
			return append(all,
				plugin.Credential{Host: "github.com", Token: token},
				plugin.Credential{Host: "api.github.com", Token: token})
		}
	}
	return all
}

// hostPort is the host with its port: a token for one port is for no other.
func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "http" {
		return u.Host + ":80"
	}
	return u.Host + ":443"
}

// netrc is the path of the user's .netrc.
func (a *app) netrc() string {
	if path, ok := a.env("NETRC"); ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".netrc")
}
