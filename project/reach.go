package project

import (
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
)

// access opens the way to documents and packages.
func (p *Project) access() (*access.Access, error) { return access.New(p.reaching()) }

func (p *Project) reaching() access.Options {
	return access.Options{
		CacheDir: cmp.Or(p.options.CacheDir, CacheDir(p.env)),
		Mirrors:  p.Config.Mirrors, Credentials: p.credentials(), Netrc: p.netrc(), Docker: p.docker(), GitHub: p.Config.GitHub,
		CertificateAuthorities: p.Config.CertificateAuthorities,

		Offline: p.options.Offline, Jobs: p.options.Jobs, UserAgent: p.options.UserAgent,
		Policy: p.Config.Policy, Abs: p.Config.Abs, Observe: p.options.Observe,
	}
}

// credentials are the tokens there are, each for one host: of registries and
// credentials blocks, else GitHub's usual variables.
func (p *Project) credentials() []plugin.Credential {
	var all []plugin.Credential
	for _, r := range p.Config.Registries {
		if u, err := url.Parse(r.URL); err == nil && !r.Local && r.Token != "" {
			all = append(all, plugin.Credential{Host: hostPort(u), Path: u.Path, Token: r.Token})
			// Its packages may lie beside it on the same server.
			all = append(all, plugin.Credential{Host: hostPort(u), Token: r.Token})
		}
	}
	for _, cred := range p.Config.Credentials {
		all = append([]plugin.Credential{cred}, all...)
	}
	for _, g := range p.Config.GitHub {
		if g.Token == "" {
			continue
		}
		all = append(all, plugin.Credential{Host: g.Host, Token: g.Token})
		if u, err := url.Parse(g.API()); err == nil && !strings.EqualFold(u.Host, g.Host) {
			all = append(all, plugin.Credential{Host: hostPort(u), Token: g.Token})
		}
	}
	for _, name := range []string{"GH_TOKEN", "GITHUB_TOKEN", "RELEASES_TOKEN"} {
		if token, _ := p.env(name); token != "" {
			return append(all, plugin.Credential{Host: plugin.GitHubHost, Token: token})
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
func (p *Project) netrc() string {
	if path, ok := p.env("NETRC"); ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".netrc")
}

// docker are the files in which Docker and Podman keep who asks which registry.
func (p *Project) docker() []string {
	var files []string
	if dir, _ := p.env("DOCKER_CONFIG"); dir != "" {
		files = append(files, filepath.Join(dir, "config.json"))
	} else if home, err := os.UserHomeDir(); err == nil {
		files = append(files, filepath.Join(home, ".docker", "config.json"))
	}
	if dir, _ := p.env("XDG_RUNTIME_DIR"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	}
	return files
}

// Configured is [ErrNoConfig] where the configuration is not known.
func (p *Project) Configured() error {
	if p.blind {
		return ErrNoConfig
	}
	return nil
}

// CacheUsage is what a cache holds.
type CacheUsage = access.Usage

// CacheCleaned is what was removed from a cache.
type CacheCleaned = access.Cleaned

// CleanCache deletes the packages and documents that are kept in dir, see [CacheDir], and
// were not used for so long; 0: all of them. What is in use stays.
func CleanCache(dir string, unused time.Duration) (CacheCleaned, error) {
	return access.CleanCache(dir, unused)
}

// UsageOfCache tells what is kept in dir.
func UsageOfCache(dir string) (CacheUsage, error) { return access.CacheUsage(dir) }
