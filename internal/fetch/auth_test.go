package fetch

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

// fetched asks for address in a world where every host of hosts says "ok".
func fetched(t *testing.T, c Config, address string, hosts ...string) (*world, error) {
	t.Helper()
	w := &world{hosts: map[string]http.HandlerFunc{}}
	for _, h := range hosts {
		w.hosts[h] = says("ok")
	}
	c.Transport = w
	_, err := quick(c).Document(t.Context(), address, 100)
	return w, err
}

func TestTokenGoesToItsHostAndPortOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cred, address, host string
		sent                bool
	}{
		{"a.example", "https://a.example/x", "https://a.example:443", true},
		{"A.Example", "https://a.EXAMPLE:443/x", "https://a.example:443", true},
		{"a.example:443", "https://a.example/x", "https://a.example:443", true},
		{"a.example:8443", "https://a.example:8443/x", "https://a.example:8443", true},
		{"a.example", "https://a.example:8443/x", "https://a.example:8443", false},
		{"a.example:8443", "https://a.example/x", "https://a.example:443", false},
		{"a.example", "https://b.a.example/x", "https://b.a.example:443", false},
		{"b.a.example", "https://a.example/x", "https://a.example:443", false},
		{"localhost", "http://localhost/x", "http://localhost:80", true},
		{"127.0.0.1:5000", "http://127.0.0.1:5000/x", "http://127.0.0.1:5000", true},
		{"[::1]:5000", "http://[::1]:5000/x", "http://[::1]:5000", true},
		{"::1", "http://[::1]/x", "http://[::1]:80", true},
		{"", "https://a.example/x", "https://a.example:443", false},
	} {
		w, err := fetched(t, Config{Credentials: []plugin.Credential{{Host: test.cred, Token: "t0ken"}}}, test.address, test.host)
		if err != nil {
			t.Errorf("%s for %s: %v", test.cred, test.address, err)
			continue
		}
		want := ""
		if test.sent {
			want = "Bearer t0ken"
		}
		if got := w.auth(t, 0); got != want {
			t.Errorf("%s for %s: sent %q, want %q", test.cred, test.address, got, want)
		}
	}
}

func TestLongestPathWins(t *testing.T) {
	t.Parallel()
	creds := []plugin.Credential{
		{Host: "a.example", Token: "whole"},
		{Host: "a.example", Path: "/v1", Token: "one"},
		{Host: "a.example", Path: "/v1/deep", Token: "deep"},
		{Host: "a.example", Path: "/v1/deep", Token: "second of its length"},
		{Host: "a.example", Path: "/v1/null", Token: ""},
	}
	for path, want := range map[string]string{
		"":                "whole",
		"/v2":             "whole",
		"/v10":            "whole",
		"/v1":             "one",
		"/v1/x":           "one",
		"/v1/deep/x":      "deep",
		"/v1/null/x":      "one",
		"/v1/../v2/x":     "whole",
		"/v1/%2e%2e/v2/x": "whole",
	} {
		w, err := fetched(t, Config{Credentials: creds}, "https://a.example"+path, "https://a.example:443")
		if err != nil {
			t.Fatal(err)
		}
		if got := w.auth(t, 0); got != "Bearer "+want {
			t.Errorf("%s: sent %q, want %q", path, got, want)
		}
	}
}

func TestTokenIsNotSentInTheClear(t *testing.T) {
	t.Parallel()
	c := Config{Credentials: []plugin.Credential{{Host: "a.example", Token: "t0ken"}}}
	w, err := fetched(t, c, "http://a.example/x", "http://a.example:80")
	if !errors.Is(err, ErrInsecure) {
		t.Errorf("got %v", err)
	}
	wantText(t, err, "http://a.example/x", "not sent over plain http")
	if len(w.asked) != 0 {
		t.Error("it was asked all the same")
	}
	_, err = fetched(t, Config{}, "http://me:passw0rd@a.example/x", "http://a.example:80")
	if !errors.Is(err, ErrInsecure) {
		t.Errorf("got %v", err)
	}
	if _, err = fetched(t, Config{}, "http://a.example/x", "http://a.example:80"); err != nil {
		t.Errorf("without a token: %v", err)
	}
}

func TestTokenIsTrimmedAndChecked(t *testing.T) {
	t.Parallel()
	c := Config{Credentials: []plugin.Credential{{Host: "a.example", Token: "t0ken\n"}}}
	w, err := fetched(t, c, "https://a.example/", "https://a.example:443")
	if err != nil || w.auth(t, 0) != "Bearer t0ken" {
		t.Errorf("got %v", err)
	}
	c.Credentials[0].Token = "t0\nken"
	_, err = fetched(t, c, "https://a.example/", "https://a.example:443")
	wantText(t, err, "control character")
}

func TestUserinfoIsSentAsBasic(t *testing.T) {
	t.Parallel()
	w, err := fetched(t, Config{}, "https://me:passw0rd@a.example/x", "https://a.example:443")
	if err != nil || w.auth(t, 0) != "Basic "+basic("me", "passw0rd") {
		t.Errorf("got %v", err)
	}
}

// Each row is a chain of addresses; sent is what the last of them was sent.
func TestRedirects(t *testing.T) {
	t.Parallel()
	creds := []plugin.Credential{{Host: "a.example", Token: "for-a"}, {Host: "c.example", Token: "for-c"}}
	for name, test := range map[string]struct {
		start, to string
		sent      string
	}{
		"same host":               {"https://a.example/1", "/2", "Bearer for-a"},
		"same host in full":       {"https://a.example/1", "https://A.example:443/2", "Bearer for-a"},
		"other host":              {"https://a.example/1", "https://b.example/2", ""},
		"subdomain":               {"https://a.example/1", "https://sub.a.example/2", ""},
		"other port":              {"https://a.example/1", "https://a.example:8443/2", ""},
		"host with its own token": {"https://a.example/1", "https://c.example/2", "Bearer for-c"},
		"userinfo, same host":     {"https://me:passw0rd@b.example/1", "https://b.example/2", "Basic " + basic("me", "passw0rd")},
		"userinfo, other host":    {"https://me:passw0rd@b.example/1", "https://sub.a.example/2", ""},
		"userinfo of the server":  {"https://b.example/1", "https://its:password@sub.a.example/2", ""},
		"http to https":           {"http://b.example/1", "https://b.example/2", ""},
	} {
		w := &world{hosts: map[string]http.HandlerFunc{}}
		for _, host := range []string{
			"https://a.example:443", "https://sub.a.example:443", "https://a.example:8443",
			"https://b.example:443", "http://b.example:80", "https://c.example:443",
		} {
			w.hosts[host] = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/1" {
					leads(test.to)(rw, r)
					return
				}
				says("ok")(rw, r)
			}
		}
		got, err := quick(Config{Transport: w, Credentials: creds}).Document(t.Context(), test.start+"?signature=1", 100)
		if err != nil || string(got) != "ok" {
			t.Errorf("%s: got %q, %v", name, got, err)
			continue
		}
		if got := w.auth(t, 1); got != test.sent {
			t.Errorf("%s: sent %q, want %q", name, got, test.sent)
		}
		if got := w.asked[1].Header.Get("Referer"); got != "" {
			t.Errorf("%s: Referer %q", name, got)
		}
	}
}

func TestRedirectsRefused(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"http://a.example/2?secret=1":    "from https to http, to http://a.example/2?(sensitive)",
		"file:///etc/passwd":             "leads to file:///etc/passwd",
		"ftp://a.example/":               "leads to ftp://a.example/",
		"https://":                       "leads to https:",
		"https://a b/":                   "no valid address",
		"https://me:passw0rd@h:bad/path": "no valid address",
		"/1":                             "more than 10",
	} {
		w := &world{hosts: map[string]http.HandlerFunc{"https://a.example:443": leads(to), "http://a.example:80": says("no")}}
		_, err := quick(Config{Transport: w}).Document(t.Context(), "https://a.example/1", 100)
		if !errors.Is(err, ErrRedirect) {
			t.Errorf("%s: got %v", to, err)
			continue
		}
		wantText(t, err, "https://a.example/1: ", want)
		if strings.HasPrefix(to, "/") && len(w.asked) != 11 {
			t.Errorf("%d requests, want 11", len(w.asked))
		}
	}
}

func TestTenRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	n := 0
	w := &world{hosts: map[string]http.HandlerFunc{"https://a.example:443": func(rw http.ResponseWriter, r *http.Request) {
		if n++; n <= 10 {
			leads("/again")(rw, r)
		}
	}}}
	if _, err := quick(Config{Transport: w}).Document(t.Context(), "https://a.example/", 100); err != nil {
		t.Error(err)
	}
}

func TestRefusalSaysWhatWasSent(t *testing.T) {
	t.Parallel()
	netrc := writeNetrc(t, "machine a.example login me password passw0rd")
	deny := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	w := &world{hosts: map[string]http.HandlerFunc{"https://a.example:443": deny, "http://a.example:80": deny}}
	for name, test := range map[string]struct {
		c       Config
		address string
		sent    bool
		want    string
	}{
		"none":     {Config{}, "https://a.example/", false, "401 Unauthorized from a.example; no token was sent"},
		"token":    {Config{Credentials: []plugin.Credential{{Host: "a.example", Token: "t0ken!"}}}, "https://a.example/", true, "which was sent a token"},
		"netrc":    {Config{Netrc: netrc}, "https://a.example/", true, "which was sent a token"},
		"withheld": {Config{Netrc: netrc}, "http://a.example/", false, "the password in .netrc does not go over plain http"},
	} {
		test.c.Transport = w
		_, err := quick(test.c).Document(t.Context(), test.address, 10)
		var status *StatusError
		if !errors.As(err, &status) || status.TokenSent != test.sent || status.Host != "a.example" {
			t.Errorf("%s: got %#v", name, err)
			continue
		}
		wantText(t, err, test.want)
	}
}

func writeNetrc(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".netrc")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNetrc(t *testing.T) {
	t.Parallel()
	netrc := writeNetrc(t, "machine a.example login me password passw0rd\ndefault login you password 0ther")
	creds := []plugin.Credential{{Host: "t.example", Token: "t0ken"}}
	for address, want := range map[string]string{
		"https://a.example/":      "Basic " + basic("me", "passw0rd"),
		"https://a.example:8443/": "Basic " + basic("me", "passw0rd"),
		"https://b.example/":      "Basic " + basic("you", "0ther"),
		"https://t.example/":      "Bearer t0ken",
		"http://a.example/":       "",
		"http://127.0.0.1/":       "Basic " + basic("you", "0ther"),
	} {
		u, _ := url.Parse(address)
		w, err := fetched(t, Config{Netrc: netrc, Credentials: creds}, address, u.Scheme+"://"+hostPort(u.Host, u.Scheme))
		if err != nil {
			t.Fatal(err)
		}
		if got := w.auth(t, 0); got != want {
			t.Errorf("%s: sent %q, want %q", address, got, want)
		}
	}
}

func TestNetrcDefaultIsNotForRedirects(t *testing.T) {
	t.Parallel()
	netrc := writeNetrc(t, "machine c.example login c password cc\ndefault login you password 0ther")
	for to, want := range map[string]string{"https://b.example/": "", "https://c.example/": "Basic " + basic("c", "cc")} {
		w := &world{hosts: map[string]http.HandlerFunc{
			"https://a.example:443": leads(to), "https://b.example:443": says("ok"), "https://c.example:443": says("ok"),
		}}
		if _, err := quick(Config{Transport: w, Netrc: netrc}).Document(t.Context(), "https://a.example/", 10); err != nil {
			t.Fatal(err)
		}
		if got := w.auth(t, 1); got != want {
			t.Errorf("%s: sent %q, want %q", to, got, want)
		}
	}
}

func TestUnreadableNetrcIsNone(t *testing.T) {
	t.Parallel()
	for _, path := range []string{filepath.Join(t.TempDir(), "missing"), t.TempDir()} {
		if _, err := fetched(t, Config{Netrc: path}, "https://a.example/", "https://a.example:443"); err != nil {
			t.Error(err)
		}
	}
}

func TestParseNetrc(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []machine
	}{
		"empty":     {"", nil},
		"one line":  {"machine h login l password p", []machine{{"h", "l", "p"}}},
		"lines":     {"machine h\n\tlogin l\r\n\tpassword p\n", []machine{{"h", "l", "p"}}},
		"two":       {"machine h login l password p\nmachine i password q login m", []machine{{"h", "l", "p"}, {"i", "m", "q"}}},
		"comments":  {"# machine x password y\nmachine h # note password z\nlogin l password #p", []machine{{"h", "l", "#p"}}},
		"quoted":    {`machine "h" login "l l" password "p\"\\\tp"`, []machine{{"h", "l l", "p\"\\\tp"}}},
		"open":      {`machine h login l password "p`, []machine{{"h", "l", "p"}}},
		"macro":     {"macdef init\nmachine x password y\n\nmachine h login l password p", []machine{{"h", "l", "p"}}},
		"macro end": {"machine h login l password p\nmacdef init\nquit", []machine{{"h", "l", "p"}}},
		"account":   {"machine h account machine login l password p", []machine{{"h", "l", "p"}}},
		"default":   {"machine h password p default login l password q machine i password r", []machine{{"h", "", "p"}, {"", "l", "q"}}},
		"no secret": {"machine h login l\nmachine i password p", []machine{{"i", "", "p"}}},
		"stray":     {"login l password p what machine h password", nil},
		"cut off":   {"machine", nil},
	} {
		got := parseNetrc(test.text)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(machine{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzParseNetrc(f *testing.F) {
	f.Add("machine h login l password \"p\\\"\nmacdef x\n\ndefault password q # c")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range parseNetrc(text) {
			if m.password == "" {
				t.Errorf("%+v has no password", m)
			}
		}
	})
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"localhost", "LOCALHOST:80", "localhost.", "127.0.0.1", "127.8.9.1:80", "::1", "[::1]", "[::1]:80", "::ffff:127.0.0.1"} {
		if !IsLoopback(host) {
			t.Errorf("%s is not taken for loopback", host)
		}
	}
	for _, host := range []string{"", "example.com", "localhost.example.com", "foo.localhost", "127.0.0.1.nip.io", "128.0.0.1", "0.0.0.0", "127.1", "[::2]:80", "::"} {
		if IsLoopback(host) {
			t.Errorf("%s is taken for loopback", host)
		}
	}
}
