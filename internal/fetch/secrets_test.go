package fetch

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

const (
	secretToken    = "t0ken-secret"
	secretPassword = "p4ssword-secret"
	secretNetrc    = "netrc-secret"
	secretQuery    = "sig=query-secret"
)

// Whatever goes wrong, and whatever a server answers, no error shows a secret.
func TestNoErrorShowsASecret(t *testing.T) {
	t.Parallel()
	for name, reply := range hostileReplies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := strings.TrimPrefix(wire(t, func(_ int, head string) string { return reply(head) }), "http://")
			user := url.UserPassword("me", secretPassword).String() + "@"
			netrc := writeNetrc(t, "machine "+host+" login me password "+secretNetrc)
			token := []plugin.Credential{{Host: host, Token: secretToken}}
			mirror := []plugin.Mirror{{Prefix: "https://canonical.example/", URL: "http://" + user + host + "/"}}
			for what, try := range map[string]struct {
				c       Config
				address string
			}{
				"token":    {Config{Credentials: token}, "http://" + host + "/p?" + secretQuery},
				"netrc":    {Config{Netrc: netrc}, "http://" + host + "/p?" + secretQuery},
				"userinfo": {Config{}, "http://" + user + host + "/p?" + secretQuery},
				"mirror":   {Config{Mirrors: mirror}, "https://canonical.example/p?" + secretQuery},
				"offline":  {Config{Offline: true}, "http://" + user + host + "/p?" + secretQuery},
			} {
				try.c.Retries, try.c.Idle = 1, 100*time.Millisecond
				c := quick(try.c)
				_, err := c.Document(t.Context(), try.address, 20)
				wantNoSecret(t, what, err)
				_, _, err = downloadTo(t.Context(), c, try.address, tempFile(t), 20, nil)
				wantNoSecret(t, what, err)
			}
		})
	}
}

// hostileReplies are answers that are all errors. Many echo the request.
func hostileReplies() map[string]func(head string) string {
	replies := map[string]func(string) string{
		"closed":        func(string) string { return "" },
		"echo":          func(head string) string { return strings.ReplaceAll(head, "\r\n", " ") + "\r\n\r\n" },
		"echoed header": func(head string) string { return "HTTP/1.1 200 OK\r\n" + flat(head) + "\r\n\r\n" },
		"echoed status": func(head string) string { return "HTTP/1.1 " + flat(head) + "\r\n\r\n" },
		"echoed length": func(head string) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + flat(head) + "\r\n\r\n" },
		"echoed encoding": func(head string) string {
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + flat(head) + "\r\n\r\n"
		},
		"cut off":   func(string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf" },
		"too large": func(string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" },
		"redirect away": func(head string) string {
			return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: file://me:" + secretPassword + "@h/?" + secretQuery + "\r\n\r\n"
		},
		"redirect to nonsense": func(head string) string {
			return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://a b/" + flat(head) + "\r\n\r\n"
		},
		"redirect in a circle": func(string) string {
			return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /?" + secretQuery + "\r\n\r\n"
		},
	}
	for _, code := range []int{304, 400, 401, 403, 404, 416, 429, 500} {
		replies[fmt.Sprint(code)] = func(head string) string {
			return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n", code, flat(head))
		}
	}
	return replies
}

func flat(head string) string { return strings.ReplaceAll(strings.TrimSpace(head), "\r\n", " ") }

func wantNoSecret(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, secret := range []string{
		secretToken, secretPassword, secretNetrc, secretQuery,
		basic("me", secretPassword), basic("me", secretNetrc),
	} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %q shows %q", what, err, secret)
		}
	}
}

func TestScrubKeepsWhatAnErrorIs(t *testing.T) {
	t.Parallel()
	err := scrub(fmt.Errorf("it says %s: %w", secretToken, io.ErrUnexpectedEOF), []string{secretToken, "", "it"})
	if err.Error() != "it says (sensitive): unexpected EOF" {
		t.Errorf("got %q", err)
	}
	if err.(interface{ Unwrap() error }).Unwrap() == nil {
		t.Error("the cause is lost")
	}
}

// net/http reads the proxy variables once a process, so each case is a process.
func TestProxyVariables(t *testing.T) {
	if address := os.Getenv("FETCH_TEST_ADDRESS"); address != "" {
		got, err := quick(Config{Retries: -1}).Document(t.Context(), address, 100)
		fmt.Printf("got %q, error %v\n", got, err)
		return
	}
	t.Parallel()
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "proxied "+r.URL.String()) })
	direct := serve(t, says("direct"))
	broken := httptest.NewServer(http.NotFoundHandler())
	broken.Close()
	closed := strings.TrimPrefix(broken.URL, "http://")
	for name, test := range map[string]struct {
		env     string
		address string
		want    string
	}{
		"http":      {"HTTP_PROXY=" + proxy.URL, "http://plugins.example/x", `got "proxied http://plugins.example/x"`},
		"lowercase": {"http_proxy=" + proxy.URL, "http://plugins.example/x", `got "proxied http://plugins.example/x"`},
		"loopback":  {"HTTP_PROXY=" + proxy.URL, direct.URL, `got "direct"`},
		"broken":    {"HTTP_PROXY=http://me:" + secretPassword + "@" + closed, "http://plugins.example/x", "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyVariables$", "-test.v")
			cmd.Env = append(withoutProxy(os.Environ()), test.env, "FETCH_TEST_ADDRESS="+test.address)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v, %s", err, out)
			}
			if strings.Contains(string(out), secretPassword) {
				t.Errorf("it shows the password: %s", out)
			}
		})
	}
}

func withoutProxy(env []string) []string {
	var kept []string
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			kept = append(kept, e)
		}
	}
	return kept
}

// The same as in the table of redirects, over real connections.
func TestRedirectFromTLS(t *testing.T) {
	t.Parallel()
	plain := serve(t, says("never"))
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/down":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		default:
			fmt.Fprint(w, r.Header.Get("Authorization"))
		}
	})
	s.StartTLS()
	defer s.Close()
	c := quick(Config{
		Transport:   s.Client().Transport,
		Credentials: []plugin.Credential{{Host: strings.TrimPrefix(s.URL, "https://"), Token: secretToken}},
	})
	_, err := c.Document(t.Context(), s.URL+"/down", 100)
	wantText(t, err, "from https to http")
	wantDownload(t, c, s.URL+"/same", []byte("Bearer "+secretToken))
}

func TestDeadlineIsNotAnIdleServer(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := quick(Config{}).Document(ctx, s.URL, 10)
	wantText(t, err, context.DeadlineExceeded.Error())
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	if c.idle != plugin.DefaultLimits().Idle || c.retries != 4 || c.minBackoff != 300*time.Millisecond {
		t.Errorf("got %+v", c)
	}
	if c.WithIdle(0) != c || c.WithIdle(time.Second).idle != time.Second {
		t.Error("WithIdle does not do what it says")
	}
}
