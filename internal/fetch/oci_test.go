package fetch

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

// bearer answers what is asked with a token of the service at realm, and sends everybody
// else there.
func bearer(realm, then string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer g1ven" {
			fmt.Fprint(w, then)
			return
		}
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="reg",scope="repository:p/a:pull"`, realm))
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// gives is a token service for one login: the Authorization it wants.
func gives(login string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != login {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"token": "g1ven"}`)
	}
}

const blobAddress = "oci://reg.example/p/a@sha256:00000000000000000000000000000000000000000000000000000000000000ab"

// sent lists who was asked, and what each was told of who asks.
func (w *world) sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, r := range w.asked {
		all = append(all, strings.TrimSpace(r.Method+" "+r.URL.Scheme+"://"+r.URL.Host+" "+r.Header.Get("Authorization")))
	}
	return all
}

func dockerConfigFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Who asks is told to the token service that the registry names, the token to the
// registry, and neither to anybody else.
func TestRegistryLogin(t *testing.T) {
	t.Parallel()
	me := "Basic " + basic("me", "s3cr3t-word")
	auths := `{"auths": {"reg.example": {"auth": "` + base64.StdEncoding.EncodeToString([]byte("me:s3cr3t-word")) + `"}}}`
	for name, test := range map[string]struct {
		config Config
		hosts  map[string]http.HandlerFunc
		want   []string
		err    string
	}{
		"token service elsewhere": {
			config: Config{Credentials: []plugin.Credential{{Host: "reg.example", Token: "me:s3cr3t-word"}}},
			hosts:  map[string]http.HandlerFunc{"https://reg.example:443": bearer("https://auth.example/t", "blob"), "https://auth.example:443": gives(me)},
			want:   []string{"GET https://reg.example", "GET https://auth.example " + me, "GET https://reg.example Bearer g1ven"},
		},
		"a token without a user": {
			config: Config{Credentials: []plugin.Credential{{Host: "reg.example", Token: "s3cr3t-word"}}},
			hosts: map[string]http.HandlerFunc{
				"https://reg.example:443":  bearer("https://auth.example/t", "blob"),
				"https://auth.example:443": gives("Basic " + basic("oauth2", "s3cr3t-word")),
			},
			want: []string{"GET https://reg.example", "GET https://auth.example Basic " + basic("oauth2", "s3cr3t-word"), "GET https://reg.example Bearer g1ven"},
		},
		"nobody": {
			hosts: map[string]http.HandlerFunc{"https://reg.example:443": bearer("https://auth.example/t", "blob"), "https://auth.example:443": gives("")},
			want:  []string{"GET https://reg.example", "GET https://auth.example", "GET https://reg.example Bearer g1ven"},
		},
		"a credential of another host": {
			config: Config{Credentials: []plugin.Credential{{Host: "auth.example", Token: "s3cr3t-word"}}},
			hosts:  map[string]http.HandlerFunc{"https://reg.example:443": bearer("https://auth.example/t", "blob"), "https://auth.example:443": gives("")},
			want:   []string{"GET https://reg.example", "GET https://auth.example", "GET https://reg.example Bearer g1ven"},
		},
		"a token service in clear": {
			config: Config{Docker: []string{dockerConfigFile(t, auths)}},
			hosts:  map[string]http.HandlerFunc{"https://reg.example:443": bearer("http://auth.example/t", "blob")},
			want:   []string{"GET https://reg.example"}, err: "http",
		},
		"a token service on this machine": {
			config: Config{Docker: []string{dockerConfigFile(t, auths)}},
			hosts:  map[string]http.HandlerFunc{"https://reg.example:443": bearer("https://127.0.0.1/t", "blob")},
			want:   []string{"GET https://reg.example"}, err: "a token service that is not reached over https",
		},
		"a blob that lies elsewhere": {
			config: Config{Docker: []string{dockerConfigFile(t, auths)}},
			hosts: map[string]http.HandlerFunc{
				"https://reg.example:443": func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") == "" {
						bearer("https://auth.example/t", "")(w, r)
						return
					}
					leads("https://cdn.example/x")(w, r)
				},
				"https://auth.example:443": gives(me), "https://cdn.example:443": says("blob"),
			},
			want: []string{"GET https://reg.example", "GET https://auth.example " + me, "GET https://reg.example Bearer g1ven", "GET https://cdn.example"},
		},
		"a challenge from where it is led": {
			config: Config{Docker: []string{dockerConfigFile(t, auths)}},
			hosts:  map[string]http.HandlerFunc{"https://reg.example:443": leads("https://evil.example/x"), "https://evil.example:443": bearer("https://evil.example/t", "blob")},
			want:   []string{"GET https://reg.example", "GET https://evil.example"}, err: "401",
		},
		"a token service that leads elsewhere": {
			config: Config{Docker: []string{dockerConfigFile(t, auths)}},
			hosts: map[string]http.HandlerFunc{
				"https://reg.example:443": bearer("https://auth.example/t", "blob"), "https://auth.example:443": leads("https://evil.example/t"),
				"https://evil.example:443": gives("nobody"),
			},
			want: []string{"GET https://reg.example", "GET https://auth.example " + me, "GET https://evil.example"}, err: "401",
		},
		"basic": {
			config: Config{Docker: []string{dockerConfigFile(t, auths)}},
			hosts: map[string]http.HandlerFunc{"https://reg.example:443": func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != me {
					w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				fmt.Fprint(w, "blob")
			}},
			want: []string{"GET https://reg.example", "GET https://reg.example " + me},
		},
		"a mirror has its own": {
			config: Config{
				Docker:  []string{dockerConfigFile(t, auths)},
				Mirrors: []plugin.Mirror{{Prefix: "oci://reg.example/", URL: "oci://copy.example/", Only: true}},
			},
			hosts: map[string]http.HandlerFunc{"https://copy.example:443": bearer("https://copy.example/t", "blob")},
			want:  []string{"GET https://copy.example", "GET https://copy.example"}, err: "401 Unauthorized from copy.example; no token was sent",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{hosts: test.hosts}
			test.config.Transport = w
			doc, err := quick(test.config).Document(t.Context(), blobAddress, 100)
			if test.err != "" {
				wantText(t, err, test.err)
				if strings.Contains(err.Error(), "s3cr3t") {
					t.Errorf("%v tells the secret", err)
				}
			} else if err != nil || string(doc) != "blob" {
				t.Errorf("Document = %q, %v", doc, err)
			}
			if diff := cmp.Diff(test.want, w.sent()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// An identity token is exchanged as the standard wants, once for several requests.
func TestIdentityToken(t *testing.T) {
	t.Parallel()
	var forms []string
	w := &world{hosts: map[string]http.HandlerFunc{
		"https://reg.example:443": bearer("https://auth.example/t", "blob"),
		"https://auth.example:443": func(w http.ResponseWriter, r *http.Request) {
			forms = append(forms, r.Method+" "+r.FormValue("grant_type")+" "+r.FormValue("refresh_token")+" "+r.FormValue("scope"))
			fmt.Fprint(w, `{"access_token": "g1ven"}`)
		},
	}}
	c := quick(Config{Transport: w, Docker: []string{dockerConfigFile(t, `{"auths": {"reg.example": {"identitytoken": "1dentity"}}}`)}})
	for range 3 {
		if _, err := c.Document(t.Context(), blobAddress, 100); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"POST refresh_token 1dentity repository:p/a:pull"}, forms); diff != "" {
		t.Errorf("the token service was asked (-want +got):\n%s", diff)
	}
}

// Docker's own registry has several names.
func TestDockerHub(t *testing.T) {
	t.Parallel()
	for key, host := range map[string]string{
		"https://index.docker.io/v1/": "docker.io", "docker.io": "docker.io", "index.docker.io": "registry-1.docker.io", "registry-1.docker.io": "docker.io",
	} {
		w := &world{hosts: map[string]http.HandlerFunc{
			"https://registry-1.docker.io:443": bearer("https://auth.docker.io/token", "blob"), "https://auth.docker.io:443": gives("Basic " + basic("me", "pw")),
		}}
		c := quick(Config{Transport: w, Docker: []string{dockerConfigFile(t, `{"auths": {"`+key+`": {"username": "me", "password": "pw"}}}`)}})
		if _, err := c.Document(t.Context(), strings.Replace(blobAddress, "reg.example", host, 1), 100); err != nil {
			t.Errorf("%s, asked for %s: %v", key, host, err)
		}
	}
}

// Whom a key of Docker's file is for.
func TestCovering(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, place string
		covers     bool
	}{
		{"reg.example", "reg.example/a", true},
		{"REG.example/", "reg.example/a", true},
		{"https://reg.example/v2/", "reg.example/a", true},
		{"reg.example:5000", "reg.example:5000/a", true},
		{"reg.example/a", "reg.example/a/b", true},
		{"reg.example/a", "reg.example/ab", false},
		{"reg.example", "reg.example:5000/a", false},
		{"reg.example", "reg.example.evil/a", false},
		{"g.example", "reg.example/a", false},
		{"", "reg.example/a", false},
	} {
		if got := covering(test.key, test.place) >= 0; got != test.covers {
			t.Errorf("%q for %q: %v", test.key, test.place, got)
		}
	}
}

// Registries are reached over https, and over http on this machine alone.
func TestRegistryScheme(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		blobAddress: "https://reg.example/v2/p/a/blobs/sha256:00000000000000000000000000000000000000000000000000000000000000ab",
		"oci://localhost:5000/a@sha256:00000000000000000000000000000000000000000000000000000000000000ab":  "http://localhost:5000/v2/a/blobs/sha256:00000000000000000000000000000000000000000000000000000000000000ab",
		"oci://127.0.0.1/a@sha256:00000000000000000000000000000000000000000000000000000000000000ab/x.tgz": "http://127.0.0.1/v2/a/blobs/sha256:00000000000000000000000000000000000000000000000000000000000000ab",
		"oci://[::1]:5000/a@sha256:00000000000000000000000000000000000000000000000000000000000000ab":      "http://[::1]:5000/v2/a/blobs/sha256:00000000000000000000000000000000000000000000000000000000000000ab",
	} {
		if got := New(Config{}).locate(address)[0]; got.err != nil || got.url.String() != want {
			t.Errorf("%s: %v, %v", address, got.url, got.err)
		}
	}
	for _, address := range []string{"oci://reg.example/p/a", "oci://reg.example/p/a:1.0", "oci://reg.example/", "oci:///a@sha256:00", "oci://me:pw@reg.example/a", "oci://reg.example/a@sha512:00"} {
		w := &world{}
		if _, err := quick(Config{Transport: w}).Document(t.Context(), address, 100); err == nil || len(w.asked) > 0 || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v, asked %v", address, err, w.sent())
		}
	}
}

// What a registry says of the next page leads to no other place.
func TestTags(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]string{
		"relative": `</v2/p/a/tags/list?n=2&last=b>; rel="next"`, "elsewhere": `<https://evil.example/v2/x/tags/list?n=2&last=b>; rel=next`,
		"with a comment": `<?n=2&last=b>; title="x"; rel="next"`,
	} {
		w := &world{hosts: map[string]http.HandlerFunc{"https://reg.example:443": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/p/a/tags/list" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			if r.URL.Query().Get("last") == "" {
				w.Header().Set("Link", link)
				fmt.Fprint(w, `{"name": "p/a", "tags": ["a", "b"]}`)
				return
			}
			fmt.Fprint(w, `{"tags": null}`)
		}}}
		tags, err := quick(Config{Transport: w}).Tags(t.Context(), "oci://reg.example/p/a", 1000)
		if err != nil || !slices.Equal(tags, []string{"a", "b"}) || len(w.asked) != 2 {
			t.Errorf("%s: %q, %v, asked %v", name, tags, err, w.sent())
		}
	}
}

// Why a registry says no is told in the words of the standard, not in its own.
func TestRegistryReason(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"errors": [{"code": "NAME_UNKNOWN", "message": "\u001b[31m"}]}`: "404 Not Found from reg.example (name unknown)",
		`{"errors": [{"code": "\u001b[31m"}]}`:                            "404 Not Found from reg.example",
		`<html>`:                                                          "404 Not Found from reg.example", ``: "404 Not Found from reg.example", `{"errors": []}`: "404 Not Found from reg.example",
	} {
		w := &world{hosts: map[string]http.HandlerFunc{"https://reg.example:443": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, body)
		}}}
		_, err := quick(Config{Transport: w}).Tags(t.Context(), "oci://reg.example/p/a", 1000)
		if err == nil || !strings.HasSuffix(err.Error(), want) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A manifest is what its digest says, or what the registry says that a tag names.
func TestManifestDigest(t *testing.T) {
	t.Parallel()
	body := `{"schemaVersion": 2}`
	good := string(digest([]byte(body)))
	for _, test := range []struct {
		reference, header string
		ok                bool
	}{
		{"1.0.0", good, true},
		{"1.0.0", "", true},
		{"1.0.0", "sha512:00", true}, // not one that we know
		{"1.0.0", string(digest(nil)), false},
		{good, "", true},
		{good, string(digest(nil)), true},
		{string(digest(nil)), good, false},
	} {
		w := &world{hosts: map[string]http.HandlerFunc{"https://reg.example:443": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Docker-Content-Digest", test.header)
			fmt.Fprint(w, body)
		}}}
		_, got, err := quick(Config{Transport: w}).Manifest(t.Context(), "oci://reg.example/p/a", test.reference, 1000)
		if ok := err == nil && string(got) == good; ok != test.ok || !ok && !errors.Is(err, plugin.ErrRefused) {
			t.Errorf("%+v: %s, %v", test, got, err)
		}
	}
}
