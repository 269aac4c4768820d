package access

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"strings"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// releases are those of GitHub, where private ones cannot be had at the address that the
// lock holds: the API has them, for who has a token.
type releases struct {
	hosts []plugin.GitHub
	api   *github.Client
}

// get has do get what is at address: there or, where that is a private release, from the API.
func get[T any](ctx context.Context, a *Access, address string, do func(*staging.Stager) (T, error)) (T, error) {
	out, err := do(a.stager)
	if client, ok := a.elsewhere(ctx, address, &err); ok {
		stager := *a.stager
		stager.Client = client
		return do(&stager)
	}
	return out, err
}

// elsewhere is a client that gets from the API what is not at address, if err says so
// and the API has it. GitHub answers so of what is private, whatever token it is sent.
// Why the API could not be asked is put in the place of err.
func (a *Access) elsewhere(ctx context.Context, address string, err *error) (*fetch.Client, bool) {
	var status *StatusError
	if !errors.As(*err, &status) || !errors.Is(*err, fs.ErrNotExist) {
		return nil, false
	}
	d, ok := github.ParseDownload(a.github.hosts, address)
	if !ok || !a.client.Authorizes(d.Repository.Host.API()) {
		return nil, false
	}
	at, failed := a.github.api.AssetURL(ctx, d)
	if failed == nil {
		failed = trust.AllowURL(a.policy, at)
	}
	switch {
	case errors.Is(failed, fs.ErrNotExist):
		return nil, false
	case failed != nil:
		*err = failed
		return nil, false
	}
	return a.client.Elsewhere(address, at, "application/octet-stream"), true
}

// apiHosts are the hosts of the APIs, each with the host that it is of, where these are
// two by GitHub's own rule. What a configuration names as an API may be anybody, and no
// token for the host is its.
func apiHosts(hosts []plugin.GitHub) map[string]string {
	of := map[string]string{}
	for _, g := range hosts {
		g.APIURL = ""
		if u, err := url.Parse(g.API()); err == nil && u.Host != g.Host {
			of[u.Host] = g.Host
		}
	}
	return of
}

// withAPIs adds to the credentials for a host the same for its API: for GitHub, they
// are one. What is said of the API itself stands before.
func withAPIs(credentials []plugin.Credential, hosts []plugin.GitHub) []plugin.Credential {
	all := credentials[:len(credentials):len(credentials)]
	for api, host := range apiHosts(hosts) {
		for _, c := range credentials {
			if strings.EqualFold(c.Host, host) && c.Path == "" {
				all = append(all, plugin.Credential{Host: api, Token: c.Token, Pos: c.Pos})
			}
		}
	}
	return all
}
