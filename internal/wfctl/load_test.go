package wfctl_test

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plugins-hcl/plugins/internal/wfctl"
	"github.com/plugins-hcl/plugins/plugin"
)

// write makes the files of a project and returns the path of its wfctl.yaml.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "wfctl.yaml")
}

// The forms are those that wfctl 0.86 writes: config.WfctlManifest, WfctlLockfile,
// the older PluginLockfile and RegistryConfig.
const (
	manifest = `version: 1
plugins:
    - name: workflow-plugin-digitalocean
      version: v0.7.6
      source: github.com/GoCodeAlone/workflow-plugin-digitalocean
      auth:
        env: GH_TOKEN
    - name: authz
    - name: acme/workflow-plugin-Payments
      version: 1.10
`
	lockV1 = `version: 1
generated_at: "2026-04-24T10:00:00Z"
source_manifest_sha256: 00
plugins:
    workflow-plugin-authz:
        version: v0.6.0
        source: ""
        platforms:
            linux-amd64:
                url: https://example.test/authz.tar.gz
                sha256: "00"
                compatibility:
                    mode: typed-iac
                    status: fail
                    forced: true
    workflow-plugin-digitalocean:
        version: v0.7.6
        source: github.com/GoCodeAlone/workflow-plugin-digitalocean
`
	lockLegacy = `git:
    repository: https://github.com/acme/shop
plugins:
    authz:
        repository: https://github.com/GoCodeAlone/workflow-plugin-authz.git
        registry: default
        sha256: "00"
        version: 0.6.0
`
)

func digitalocean() wfctl.Plugin {
	return wfctl.Plugin{
		Name: "digitalocean", Names: []string{"workflow-plugin-digitalocean"}, Version: "v0.7.6", Locked: "v0.7.6",
		Repository: "GoCodeAlone/workflow-plugin-digitalocean", TokenEnv: "GH_TOKEN", Pos: plugin.Pos{Line: 3},
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	payments := wfctl.Plugin{
		Name: "payments", Names: []string{"workflow-plugin-payments"}, Version: "1.10",
		Repository: "acme/workflow-plugin-Payments", Pos: plugin.Pos{Line: 9},
	}
	unlocked := digitalocean()
	unlocked.Locked = ""
	for name, test := range map[string]struct {
		files map[string]string
		want  []wfctl.Plugin
	}{
		"manifest and lock": {
			map[string]string{"wfctl.yaml": manifest, ".wfctl-lock.yaml": lockV1},
			[]wfctl.Plugin{digitalocean(), {Name: "authz", Names: []string{"authz"}, Locked: "v0.6.0", Pos: plugin.Pos{Line: 8}}, payments},
		},
		"manifest and the older lock": {
			map[string]string{"wfctl.yaml": manifest, ".wfctl.yaml": lockLegacy},
			[]wfctl.Plugin{unlocked, {
				Name: "authz", Names: []string{"authz", "workflow-plugin-authz"}, Locked: "0.6.0", Registry: "default",
				Repository: "GoCodeAlone/workflow-plugin-authz", Pos: plugin.Pos{Line: 8},
			}, payments},
		},
		"a lock alone": {
			map[string]string{"wfctl.yaml": lockLegacy},
			[]wfctl.Plugin{{
				Name: "authz", Names: []string{"authz", "workflow-plugin-authz"}, Version: "0.6.0", Locked: "0.6.0", Registry: "default",
				Repository: "GoCodeAlone/workflow-plugin-authz", Pos: plugin.Pos{Line: 4},
			}},
		},
		"none":    {map[string]string{"wfctl.yaml": "version: 1\nplugins: []\n"}, nil},
		"nothing": {map[string]string{"wfctl.yaml": "version: 1\nplugins:\n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := wfctl.Load(write(t, test.files))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Plugins, cmpopts.IgnoreFields(plugin.Pos{}, "File")); diff != "" {
				t.Error(diff)
			}
			if len(s.Notes) > 0 {
				t.Errorf("it notes %v", s.Notes)
			}
		})
	}
}

// wfctl asks registries by priority; those of GitHub are files in a repository, and
// GoCodeAlone's own is taken from where it is published.
func TestRegistries(t *testing.T) {
	t.Parallel()
	s, err := wfctl.Load(write(t, map[string]string{"wfctl.yaml": "plugins: []", ".wfctl.yaml": `registries:
    - {name: last, type: static, url: "https://last.example/v1/", priority: 100}
    - {name: default, type: github, owner: GoCodeAlone, repo: workflow-registry, branch: main, priority: 0, url: "", token: ""}
    - {name: mirror, type: static, url: "https://gocodealone.github.io/workflow-registry/v1", priority: 7}
    - {name: ours, owner: acme, repo: registry, branch: release, token: "${ACME_TOKEN}"}
    - {name: internal, type: static, url: "https://u:p@internal.example/v1?q=1", token: abc, priority: -1}
`}))
	if err != nil {
		t.Fatal(err)
	}
	want := []wfctl.Registry{
		{Name: "internal", URL: "https://internal.example/v1", HasToken: true},
		{Name: "default", URL: wfctl.GoCodeAlone},
		{Name: "ours", URL: "https://raw.githubusercontent.com/acme/registry/release", HasToken: true, TokenEnv: "ACME_TOKEN"},
		{Name: "last", URL: "https://last.example/v1"},
	}
	if diff := cmp.Diff(want, s.Registries, cmpopts.IgnoreFields(wfctl.Registry{}, "Pos")); diff != "" {
		t.Error(diff)
	}
	if !s.Configured || len(s.Notes) != 2 {
		t.Errorf("configured: %t, notes: %v", s.Configured, s.Notes)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfctl.yaml")
	if _, err := wfctl.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load: %v", err)
	}
	if _, err := wfctl.Scan(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Scan: %v", err)
	}
}

// A list that is longer than any is refused before anything is done for its entries.
func TestTooMany(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"plugins: [" + strings.Repeat("{},", 20_000) + "]",
		"plugins: {" + strings.Repeat("a: 1,", 20_000) + "}",
	} {
		if _, err := wfctl.Load(write(t, map[string]string{"wfctl.yaml": text})); err == nil || !strings.Contains(err.Error(), "more than 10000 entries") {
			t.Errorf("%v", err)
		}
	}
}

// Whatever the files hold, what is read has the names of plugins, each once, and
// addresses without passwords, or there is an error with a place.
func FuzzLoad(f *testing.F) {
	registries := "registries:\n- {name: a, type: static, url: 'https://u:p4ssw0rd@h/x', token: t0k3n}\n"
	f.Add(manifest, lockV1, registries)
	f.Add(manifest, lockLegacy, "registries: []")
	f.Add("plugins: &a [*a]", "plugins: {x: &b {version: *b}}", "registries: [{priority: t0k3n}]")
	f.Add("plugins: [{name: a, auth: {env: t0k3n}}]", "", "registries: t0k3n")
	f.Fuzz(func(t *testing.T, main, lock, registries string) {
		s, err := wfctl.Load(write(t, map[string]string{"wfctl.yaml": main, ".wfctl-lock.yaml": lock, ".wfctl.yaml": registries}))
		if err != nil {
			var placed *wfctl.Error
			if !errors.As(err, &placed) || placed.Pos.File == "" {
				t.Errorf("the error says no place: %v", err)
			}
			return
		}
		seen := map[plugin.Name]bool{}
		for _, p := range s.Plugins {
			if _, err := plugin.ParseName(string(p.Name)); err != nil || seen[p.Name] || len(p.Names) == 0 {
				t.Errorf("%+v (%v)", p, err)
			}
			seen[p.Name] = true
		}
		for _, r := range s.Registries {
			if u, err := url.Parse(r.URL); err == nil && u.Scheme != "" && u.User != nil {
				t.Errorf("it has a user: %+v", r)
			}
		}
	})
}
