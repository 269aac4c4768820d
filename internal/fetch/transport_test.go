package fetch_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/plugin"
)

// A library's request takes the ways of all others: its mirror, its token; what fails for
// the moment is tried again, and what says no is the library's to judge.
func TestRoundTripper(t *testing.T) {
	t.Parallel()
	var elsewhere *httptest.Server
	var busy atomic.Int32
	elsewhere = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("the token travelled on to %s", r.URL)
		}
		_, _ = io.WriteString(w, "blob")
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/api/busy":
			if busy.Add(1) < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = io.WriteString(w, r.Method+" "+string(body)+" "+r.Header.Get("Authorization"))
		case "/api/away":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/api/done":
			http.Redirect(w, r, "/api/busy", http.StatusSeeOther)
		default:
			w.Header().Set("Www-Authenticate", "Bearer realm=x")
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	config := fetch.Config{
		Mirrors:    []plugin.Mirror{{Prefix: "https://api.example/", URL: server.URL + "/api/", Only: true}},
		MinBackoff: time.Millisecond,
	}
	config.Credentials = []plugin.Credential{{Host: strings.TrimPrefix(server.URL, "http://"), Token: "s3cret"}}
	client := &http.Client{Transport: fetch.New(config).RoundTripper()}
	for _, c := range []struct{ path, want string }{
		{"busy", "POST hello Bearer s3cret"},
		{"away", "blob"},
		{"done", "GET  Bearer s3cret"},
	} {
		resp, err := client.Post("https://api.example/"+c.path, "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v", c.path, got, err)
		}
	}
	resp, err := client.Get("https://api.example/other")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("Www-Authenticate") == "" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}

	config.Offline = true
	offline := &http.Client{Transport: fetch.New(config).RoundTripper()}
	if _, err := offline.Get("https://api.example/busy"); !errors.Is(err, fetch.ErrOffline) {
		t.Errorf("offline: %v", err)
	}
}
