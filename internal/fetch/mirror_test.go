package fetch

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestMirrors(t *testing.T) {
	t.Parallel()
	c := New(Config{Mirrors: []plugin.Mirror{
		{Prefix: "https://github.com/", URL: "https://m.example/gh/"},
		{Prefix: "https://github.com/acme/", URL: "https://m.example/acme"},
		{Prefix: "https://github.com/acme/", URL: "https://never.example/"},
		{Prefix: "https://bare.example", URL: "https://m.example/bare"},
		{Prefix: "https://slash.example/", URL: "https://m.example"},
		{Prefix: "https://part.example/v", URL: "https://m.example"},
		{Prefix: "http://r.example/", URL: "http://127.0.0.1:5000/"},
		{Prefix: "", URL: "https://never.example/"},
	}})
	for address, want := range map[string]string{
		"https://github.com/x/y.tgz":      "https://m.example/gh/x/y.tgz",
		"https://github.com/acme/y.tgz":   "https://m.example/acme/y.tgz",
		"HTTPS://GitHub.com/acme/Y.tgz":   "https://m.example/acme/Y.tgz",
		"https://github.com/acmes/y":      "https://m.example/gh/acmes/y",
		"https://github.community/x":      "",
		"https://me@github.com/x":         "",
		"https://bare.example/x?q=1":      "https://m.example/bare/x?q=1",
		"https://bare.example":            "https://m.example/bare",
		"https://bare.example.net/x":      "",
		"https://bare.example:8443/x":     "",
		"https://bare.example@evil.net/x": "",
		"https://slash.example/x":         "https://m.example/x",
		"https://part.example/v1/x":       "https://m.example/1/x",
		"http://r.example/x":              "http://127.0.0.1:5000/x",
		"https://r.example/x":             "",
	} {
		tg := c.locate(address)[0]
		if tg.err != nil {
			t.Errorf("%s: %v", address, tg.err)
			continue
		}
		got := ""
		if tg.mirror != "" {
			got = tg.url.String()
		}
		if got != want {
			t.Errorf("%s goes to %q, want %q", address, got, want)
		}
	}
}

func TestMirrorOfEverything(t *testing.T) {
	t.Parallel()
	c := New(Config{Mirrors: []plugin.Mirror{{Prefix: "https://", URL: "https://m.example/https/"}}})
	tg := c.locate("https://github.com/x")[0]
	if tg.err != nil || tg.url.String() != "https://m.example/https/github.com/x" {
		t.Errorf("got %v, %v", tg.url, tg.err)
	}
}

func TestMirrorToAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "m", "x y"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "m", "x y", "doc"), []byte("ok"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{filepath.Join(dir, "m"), filepath.Join(dir, "m") + "/", "file://" + dir + "/m/"} {
		c := quick(Config{Offline: true, Mirrors: []plugin.Mirror{
			{Prefix: "https://a.example/", URL: to, Only: true},
			{Prefix: "https://one.example/doc?query", URL: filepath.Join(dir, "m", "x y", "doc")},
		}})
		for _, address := range []string{"https://a.example/x%20y/doc", "https://a.example/x%20y/doc?q=1#f", "https://one.example/doc?query"} {
			if got, err := c.Document(t.Context(), address, 10); err != nil || string(got) != "ok" {
				t.Errorf("%s in %s: got %q, %v", address, to, got, err)
			}
			wantDownload(t, c, address, []byte("ok"))
		}
		for _, address := range []string{
			"https://a.example/../secret", "https://a.example/%2e%2e/secret", "https://a.example/x%20y/../../../secret", "https://a.example/..%2fsecret",
		} {
			_, err := c.Document(t.Context(), address, 10)
			wantText(t, err, address, "leads out of the mirror's folder")
		}
		_, err := c.Document(t.Context(), "https://a.example/missing", 10)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
		wantText(t, err, "https://a.example/missing (through mirror "+filepath.Join(dir, "m", "missing")+"): ")
	}
}

// A mirror's own token is sent to it, and the canonical host's is not.
func TestMirrorsOwnToken(t *testing.T) {
	t.Parallel()
	w := &world{hosts: map[string]http.HandlerFunc{"https://m.example:443": says("ok")}}
	c := quick(Config{
		Transport:   w,
		Mirrors:     []plugin.Mirror{{Prefix: "https://a.example/", URL: "https://m.example/"}},
		Credentials: []plugin.Credential{{Host: "a.example", Token: "for-a"}, {Host: "m.example", Token: "for-m"}},
	})
	if _, err := c.Document(t.Context(), "https://a.example/x", 10); err != nil {
		t.Fatal(err)
	}
	if got := w.auth(t, 0); got != "Bearer for-m" {
		t.Errorf("sent %q", got)
	}
}

func TestErrorsNameTheMirror(t *testing.T) {
	t.Parallel()
	w := &world{hosts: map[string]http.HandlerFunc{"https://m.example:443": http.NotFound}}
	c := quick(Config{Transport: w, Mirrors: []plugin.Mirror{{Prefix: "https://a.example/", URL: "https://me:passw0rd@m.example/", Only: true}}})
	_, err := c.Document(t.Context(), "https://a.example/x", 10)
	wantText(t, err, "https://a.example/x (through mirror https://(sensitive)@m.example/x): 404 Not Found from m.example")
	if got, want := c.Where("https://a.example/x"), "https://a.example/x (through mirror https://(sensitive)@m.example/x)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	w := &world{}
	c := quick(Config{Transport: w, Offline: true, Mirrors: []plugin.Mirror{{Prefix: "https://a.example/", URL: "https://m.example/", Only: true}}})
	for address, want := range map[string]string{
		"http://b.example/x":  "http://b.example/x: ",
		"https://a.example/x": "https://a.example/x (through mirror https://m.example/x): ",
	} {
		_, err := c.Document(t.Context(), address, 10)
		if !errors.Is(err, ErrOffline) {
			t.Errorf("got %v", err)
		}
		wantText(t, err, want, "--offline")
		if _, _, err := downloadTo(t.Context(), c, address, tempFile(t), 10, nil); !errors.Is(err, ErrOffline) {
			t.Errorf("got %v", err)
		}
	}
	if len(w.asked) != 0 {
		t.Errorf("%d requests", len(w.asked))
	}
}
