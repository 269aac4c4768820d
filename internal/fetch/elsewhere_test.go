package fetch

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// One address is asked for elsewhere, in the form that is wanted there; what is known of
// who asks goes to that place, and others are as they were.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	w := &world{hosts: map[string]http.HandlerFunc{
		"https://api.example:443": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") != "application/octet-stream" {
				w.WriteHeader(http.StatusNotAcceptable)
			}
			_, _ = w.Write([]byte("there"))
		},
		"https://a.example:443": says("here"),
	}}
	c := quick(Config{Transport: w, Credentials: []plugin.Credential{{Host: "api.example", Token: "t0ken-api"}, {Host: "a.example", Token: "t0ken-a"}}}).
		Elsewhere("https://a.example/x", "https://api.example/assets/1", "application/octet-stream")
	for i, test := range []struct{ address, want, auth string }{
		{"https://a.example/x", "there", "Bearer t0ken-api"},
		{"https://a.example/y", "here", "Bearer t0ken-a"},
	} {
		doc, err := c.Document(t.Context(), test.address, 100)
		if err != nil || string(doc) != test.want || w.auth(t, i) != test.auth {
			t.Errorf("%s: %q, %v, sent %q", test.address, doc, err, w.auth(t, i))
		}
	}
	if got := c.Where("https://a.example/x"); got != "https://a.example/x" {
		t.Errorf("it is shown as %s", got)
	}
}

// The entry of a .netrc for one host counts for another where that is said, and no other
// way round; an entry of its own comes first.
func TestNetrcOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		netrc, address string
		sent           bool
		password       string
	}{
		"the other's":  {"machine a.example login l password p4ssword", "https://api.a.example/x", true, "p4ssword"},
		"its own":      {"machine a.example login l password p4ssword machine api.a.example login l password 0wn", "https://api.a.example/x", true, "0wn"},
		"not back":     {"machine api.a.example login l password p4ssword", "https://a.example/x", false, ""},
		"not others'":  {"machine a.example login l password p4ssword", "https://b.example/x", false, ""},
		"not in clear": {"machine a.example login l password p4ssword", "http://api.a.example/x", false, ""},
		"the default":  {"default login l password d3fault", "https://api.a.example/x", true, "d3fault"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "netrc")
			if err := os.WriteFile(path, []byte(test.netrc), 0o600); err != nil {
				t.Fatal(err)
			}
			w := &world{hosts: map[string]http.HandlerFunc{
				"https://a.example:443": says("ok"), "https://b.example:443": says("ok"), "https://api.a.example:443": says("ok"), "http://api.a.example:80": says("ok"),
			}}
			c := quick(Config{Transport: w, Netrc: path, NetrcOf: map[string]string{"api.a.example": "a.example"}})
			if got := c.Authorizes(test.address); got != test.sent {
				t.Errorf("Authorizes = %v", got)
			}
			if _, err := c.Document(t.Context(), test.address, 100); err != nil {
				t.Fatal(err)
			}
			want := ""
			if test.sent {
				want = "Basic " + basic("l", test.password)
			}
			if got := w.auth(t, 0); got != want {
				t.Errorf("sent %q, want %q", got, want)
			}
		})
	}
}

// Nobody is authorized for what is no address of a server.
func TestAuthorizesNobody(t *testing.T) {
	t.Parallel()
	c := New(Config{Credentials: []plugin.Credential{{Host: "a.example", Token: "t0ken"}}})
	for address, want := range map[string]bool{"https://a.example": true, "https://b.example": false, "": false, "file:///x": false, "::": false} {
		if got := c.Authorizes(address); got != want {
			t.Errorf("Authorizes(%q) = %v", address, got)
		}
	}
}
