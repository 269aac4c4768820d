package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// api answers every request with the same document, and documents with lists.
type api struct {
	answer string
	lists  map[string]string // by the last element of their address
	token  bool
}

func (a *api) Transport() http.RoundTripper { return a }
func (a *api) Authorizes(string) bool       { return a.token }
func (a *api) answered(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.answer))}
}

func (a *api) RoundTrip(*http.Request) (*http.Response, error) {
	if a.answer == "" {
		return a.answered(http.StatusNotFound), nil
	}
	return a.answered(http.StatusOK), nil
}

func (a *api) Document(_ context.Context, url string, _ int64) ([]byte, error) {
	if list, ok := a.lists[url[strings.LastIndex(url, "/")+1:]]; ok {
		return []byte(list), nil
	}
	return nil, fs.ErrNotExist
}

type ghRelease struct {
	Tag        string    `json:"tag_name"`
	Draft      bool      `json:"draft,omitempty"`
	Prerelease bool      `json:"prerelease,omitempty"`
	Notes      string    `json:"html_url,omitempty"`
	Assets     []ghAsset `json:"assets,omitempty"`
}

type ghAsset struct {
	Name   string `json:"name"`
	State  string `json:"state,omitempty"`
	Digest string `json:"digest,omitempty"`
	URL    string `json:"browser_download_url"`
}

// of is a release of github.com/acme/tools with these files.
func of(tag string, files ...string) ghRelease {
	r := ghRelease{Tag: tag}
	for _, f := range files {
		r.Assets = append(r.Assets, ghAsset{
			Name: f, URL: "https://github.com/acme/tools/releases/download/" + url.PathEscape(tag) + "/" + url.PathEscape(f),
		})
	}
	return r
}

func answering(t testing.TB, releases ...ghRelease) *api {
	t.Helper()
	data, err := json.Marshal(releases)
	if err != nil {
		t.Fatal(err)
	}
	return &api{answer: string(data)}
}

// at is the source that text names, for the plugin tool.
func (a *api) at(t testing.TB, text string, change ...func(*plugin.Requirement)) source.Source {
	t.Helper()
	r := plugin.Requirement{
		Name: "tool", Limits: plugin.DefaultLimits(),
		Source: plugin.SourceSpec{
			Kind: plugin.SourceGitHub, Text: text,
			Locate: func(plugin.Version, plugin.Platform) (string, error) { return text, nil },
		},
	}
	for _, c := range change {
		c(&r)
	}
	src, err := (&source.Set{Requests: a, Documents: a}).For(r)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

const tools = "github.com/acme/tools"

// Which tags are versions of the plugin, and which.
func TestGitHubTags(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source, tags, want string
	}{
		"plain":                    {tools, "v1.2.0 1.1.0 v1.3.0-rc.1 V1.0.0", "1.0.0 1.1.0 1.2.0 1.3.0-rc.1"},
		"short ones":               {tools, "v1.2 v1 2 1.10", "1.2.0 1.10.0"},
		"no versions":              {tools, "nightly v1.0.0 latest v1.x 1.2.3.4 v1.0.0- 2024-01-01", "1.0.0"},
		"one name":                 {tools, "api/v1.0.0 api/v1.1.0", "1.0.0 1.1.0"},
		"words for a release":      {tools, "release-1.0.0 v1.1.0 rel/v1.2.0 version_1.3.0", "1.0.0 1.1.0 1.2.0 1.3.0"},
		"the plugin's":             {tools, "tool/v1.0.0 other/v2.0.0 v3.0.0", "1.0.0"},
		"the plugin's, long":       {tools, "workflow-plugin-tool-v1.0.0 other-v2.0.0", "1.0.0"},
		"the plugin's, in a scope": {tools, "@acme/tool@1.0.0 @acme/other@2.0.0", "1.0.0"},
		"the plugin's, in a case":  {tools, "Tool-1.0.0 other-2.0.0", "1.0.0"},
		"a folder of it":           {tools, "plugins/tool/v1.0.0 plugins/other/v2.0.0 v3.0.0", "1.0.0"},
		"those of none":            {tools, "v1.0.0 other/v2.0.0", "1.0.0"},
		"the repository's":         {tools, "tools/v1.0.0 other/v2.0.0", "1.0.0"},
		"as it is said":            {tools + "//other", "tool/v1.0.0 other/v2.0.0", "2.0.0"},
		"a separator in the name":  {tools, "tool_x-1.0.0 tool-1.1.0", "1.1.0"},
		"a number in the name":     {tools, "tool2-1.0.0", "1.0.0"},
		"a prerelease with dashes": {tools, "tool-1.0.0-rc-1", "1.0.0-rc-1"},
		"metadata":                 {tools, "v1.0.0+a v1.0.0+b", "1.0.0+a 1.0.0+b"},
		"twice":                    {tools, "v1.0.0 1.0.0 1.0", "1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var releases []ghRelease
			for _, tag := range strings.Fields(test.tags) {
				releases = append(releases, of(tag))
			}
			candidates, err := answering(t, releases...).at(t, test.source).Candidates(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range candidates {
				got = append(got, c.Version.String())
			}
			if diff := cmp.Diff(strings.Fields(test.want), got); diff != "" {
				t.Errorf("Candidates (-want +got):\n%s", diff)
			}
		})
	}
}

// What there is none of is ErrNoRelease: what is locked may have been withdrawn.
func TestGitHubHasNothing(t *testing.T) {
	t.Parallel()
	v := plugin.MustVersion("1.0.0")
	draft := of("v1.0.0", "tool-linux-amd64.tar.gz")
	draft.Draft = true
	half := of("v1.0.0", "tool-linux-amd64.tar.gz")
	half.Assets[0].State = "starter"
	for name, a := range map[string]*api{
		"no repository": {}, "no releases": answering(t), "drafts": answering(t, draft), "no versions": answering(t, of("nightly")),
		"another version": answering(t, of("v1.1.0", "tool-linux-amd64.tar.gz")), "no files": answering(t, of("v1.0.0")),
		"no packages": answering(t, of("v1.0.0", "tool.deb", "checksums.txt")), "half a file": answering(t, half),
	} {
		if _, err := a.at(t, tools).Release(t.Context(), v); !errors.Is(err, source.ErrNoRelease) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var prefix *source.PrefixError
	if _, err := answering(t, of("a/v1.0.0"), of("b/v1.0.0")).at(t, tools).Candidates(t.Context()); !errors.As(err, &prefix) ||
		errors.Is(err, source.ErrNoRelease) || len(prefix.Prefixes) != 2 {
		t.Errorf("several names: %v", err)
	}
}

// A release with its packages, the names that they may have, and who tells their digests.
func TestGitHubRelease(t *testing.T) {
	t.Parallel()
	r := of("tool/v1.0.0", "tool-linux-amd64.tar.gz", "tool-linux-amd64.zip", "tool-darwin-all.tar.gz", "checksums.txt")
	one := plugin.Digest("sha256:" + strings.Repeat("1", 64))
	two := plugin.Digest("sha256:" + strings.Repeat("2", 64))
	r.Assets[0].Digest = string(one)
	r.Notes = "https://github.com/acme/tools/releases/tag/tool%2Fv1.0.0"
	a := answering(t, r)
	a.lists = map[string]string{"checksums.txt": one.Hex() + "  tool-linux-amd64.tar.gz\n" + two.Hex() + " *dist/tool-darwin-all.tar.gz\n"}
	rel, err := a.at(t, tools).Release(t.Context(), plugin.MustVersion("1.0.0"))
	if err != nil {
		t.Fatal(err)
	}
	base := "https://github.com/acme/tools/releases/download/tool%2Fv1.0.0/"
	packages := []plugin.Package{
		{Platform: plugin.Platform{OS: "darwin", Arch: "amd64"}, URL: base + "tool-darwin-all.tar.gz", Digest: two},
		{Platform: plugin.Platform{OS: "darwin", Arch: "arm64"}, URL: base + "tool-darwin-all.tar.gz", Digest: two},
		{Platform: plugin.Platform{OS: "linux", Arch: "amd64"}, URL: base + "tool-linux-amd64.tar.gz", Digest: one},
	}
	if diff := cmp.Diff(packages, rel.Packages); diff != "" {
		t.Errorf("Packages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]plugin.Package{{URL: base + "checksums.txt"}, {URL: base + "tool-linux-amd64.zip"}}, rel.Others); diff != "" {
		t.Errorf("Others (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"tools", "tool"}, rel.Names); diff != "" || rel.Notes != r.Notes {
		t.Errorf("Names (-want +got):\n%s\nNotes: %s", diff, rel.Notes)
	}
	if by := rel.DigestsBy; by[base+"tool-darwin-all.tar.gz"] != base+"checksums.txt" ||
		by[base+"tool-linux-amd64.tar.gz"] != "https://api.github.com/repos/acme/tools/releases/tags/tool%2Fv1.0.0" {
		t.Errorf("DigestsBy = %v", by)
	}

	a = answering(t, r)
	a.lists = map[string]string{"checksums.txt": two.Hex() + "  tool-linux-amd64.tar.gz\n"}
	var disagreement *source.DisagreementError
	if _, err = a.at(t, tools).Release(t.Context(), plugin.MustVersion("1.0.0")); !errors.As(err, &disagreement) ||
		!errors.Is(err, plugin.ErrRefused) || disagreement.Digests != [2]plugin.Digest{one, two} {
		t.Errorf("Release = %v", err)
	}
}

// Whatever the API answers, no address leads elsewhere, and nothing breaks.
func FuzzGitHub(f *testing.F) {
	f.Add(answering(f, of("v1.0.0", "tool-linux-amd64.tar.gz"), of("a/v2.0.0", "checksums.txt")).answer, "")
	f.Add(`[{"tag_name": "v1.0.0", "assets": [{"name": "../x.tar.gz", "browser_download_url": "https://evil.example/"}]}]`, "00  x")
	f.Add(`[{"tag_name": "1.0.0", "assets": [{"name": "a.zip", "digest": "md5:0", "browser_download_url": "https://github.com/a/b/releases/download/1.0.0/a.zip"}]}]`, "")
	f.Add(`{}`, "")
	f.Fuzz(func(t *testing.T, answer, list string) {
		a := &api{answer: answer, lists: map[string]string{"checksums.txt": list}}
		src := a.at(t, tools)
		candidates, err := src.Candidates(t.Context())
		if err != nil {
			return
		}
		for _, c := range candidates {
			rel, err := src.Release(t.Context(), c.Version)
			if err != nil {
				continue
			}
			for _, pkg := range rel.Packages {
				if !strings.HasPrefix(strings.ToLower(pkg.URL), "https://github.com/") || strings.ContainsAny(pkg.URL, " \n\x00") {
					t.Fatalf("%q is a package for %s", pkg.URL, pkg.Platform)
				}
			}
		}
	})
}

// A repository of a host that nobody declared is an error, not one of GitHub's.
func TestGitHubHostUndeclared(t *testing.T) {
	t.Parallel()
	set := source.Set{Requests: &api{}}
	_, err := set.For(plugin.Requirement{Name: "tool", Source: plugin.SourceSpec{
		Kind: plugin.SourceGitHub, Locate: func(plugin.Version, plugin.Platform) (string, error) { return "ghe.example/acme/tool", nil },
	}})
	if err == nil || !strings.Contains(fmt.Sprint(err), "ghe.example/acme/tool") {
		t.Errorf("For = %v", err)
	}
}
