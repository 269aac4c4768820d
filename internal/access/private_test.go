package access

import (
	"testing"

	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/plugin"
)

// A token for a GitHub host is for its API, where that is GitHub's own rule: not for
// whatever a configuration calls the API.
func TestTokensOfAPIs(t *testing.T) {
	t.Parallel()
	hosts := github.Hosts([]plugin.GitHub{
		{Host: "ghe.example", APIURL: "https://evil.example/api"},
		{Host: "acme.ghe.com"},
		{Host: "plain.example"},
	})
	var given []plugin.Credential
	for _, g := range hosts {
		given = append(given, plugin.Credential{Host: g.Host, Token: "t0ken-" + g.Host})
	}
	given = append(given, plugin.Credential{Host: "github.com", Path: "/acme", Token: "t0ken-path"})
	got := map[string]string{}
	for _, c := range withAPIs(given, hosts)[len(given):] {
		got[c.Host] = c.Token
	}
	want := map[string]string{"api.github.com": "t0ken-github.com", "api.acme.ghe.com": "t0ken-acme.ghe.com"}
	if len(got) != len(want) || got["api.github.com"] != want["api.github.com"] || got["api.acme.ghe.com"] != want["api.acme.ghe.com"] {
		t.Errorf("withAPIs adds %v, want %v", got, want)
	}

	hosts = github.Hosts([]plugin.GitHub{{Host: "github.com", APIURL: "https://evil.example"}})
	for _, c := range withAPIs([]plugin.Credential{{Host: "github.com", Token: "t0ken"}}, hosts) {
		if c.Host == "evil.example" {
			t.Errorf("a token for GitHub is for %s", c.Host)
		}
	}
}
