package fetch

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"oras.land/oras-go/v2/registry/remote/auth"
)

const (
	dockerHub         = "docker.io"
	dockerHubRegistry = "registry-1.docker.io"

	// anybody is the user of a token that names none. Registries that take tokens as
	// passwords mostly look at those alone; GitLab wants this name.
	anybody = "oauth2"
)

// logins are what registries are told of who asks, and the tokens that they gave for it.
type logins struct {
	docker []string // paths of files as Docker's config.json

	mu    sync.Mutex
	known map[string]*login // by host and repository
}

// login is that for one repository.
type login struct {
	once   sync.Once
	cred   auth.Credential
	err    error      // why a place that may have one could not be read
	tokens auth.Cache // of the registry
}

func newLogins(docker []string) *logins {
	return &logins{docker: docker, known: map[string]*login{}}
}

func (l *logins) of(p *place) *login {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := p.Host + "/" + p.Repository
	if l.known[key] == nil {
		l.known[key] = &login{tokens: auth.NewCache()}
	}
	return l.known[key]
}

// secrets are all that was found.
func (l *logins) secrets() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, known := range l.known {
		if c := known.cred; c != auth.EmptyCredential {
			all = append(all, c.Password, c.RefreshToken, c.AccessToken, basic(c.Username, c.Password))
		}
	}
	return all
}

// login finds out, once, who asks for something of a registry: a credential of the
// configuration, else .netrc, else what Docker's login keeps.
func (c *Client) login(ctx context.Context, t *target) *login {
	l := c.logins.of(t.oci)
	l.once.Do(func() {
		cred, err := c.findLogin(ctx, t)
		c.logins.mu.Lock()
		defer c.logins.mu.Unlock()
		l.cred, l.err = cred, err
	})
	return l
}

func (c *Client) findLogin(ctx context.Context, t *target) (auth.Credential, error) {
	u := *t.url
	u.Host = t.oci.Host // as it is written
	if token := c.token(&u); token != "" {
		user, password, named := strings.Cut(token, ":")
		if !named {
			user, password = anybody, token
		}
		return auth.Credential{Username: user, Password: password}, nil
	}
	if m, ok := findMachine(c.netrc(), &u, true); ok {
		return auth.Credential{Username: cmp.Or(m.login, anybody), Password: m.password}, nil
	}
	return dockerLogin(ctx, c.logins.docker, t.oci.OCIRef, c.idle)
}

// getOCI asks a registry. It says who asks only when the registry says that it must be
// told, and how.
func (c *Client) getOCI(ctx context.Context, t *target, header http.Header) (*http.Response, error) {
	if t.oci.what == "" {
		return nil, errNoBlob
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header = header.Clone()
	known := c.logins.of(t.oci)
	client := &auth.Client{
		Client: &http.Client{Transport: registryTransport{c, t}},
		Cache:  known.tokens,
		Credential: func(ctx context.Context, _ string) (auth.Credential, error) {
			return c.login(ctx, t).cred, nil
		},
		ClientID: defaultUserAgent,
		// Where its token service is, a registry says over https; looking its name up
		// here would fail, or take long, behind a proxy.
		BlockedRealmPrefixes: []netip.Prefix{},
	}
	ctx = auth.WithScopesForHost(ctx, t.url.Host, auth.ScopeRepository(t.oci.Repository, auth.ActionPull))
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, c.loginError(ctx, t, plain(err))
	}
	if resp.StatusCode >= http.StatusBadRequest {
		defer resp.Body.Close()
		status := t.status(resp)
		status.Reason = reason(resp.Body)
		return nil, c.loginError(ctx, t, status)
	}
	return resp, nil
}

// plain takes out what the libraries on the way put around an error of ours.
func plain(err error) error {
	var status *StatusError
	var idle *IdleError
	var network *networkError
	var wrapped *url.Error
	switch {
	case errors.As(err, &status):
		return status
	case errors.As(err, &idle):
		return idle
	case errors.As(err, &network):
		return network
	case errors.As(err, &wrapped):
		return wrapped.Err
	}
	return err
}

// loginError adds to a refusal what is known of who asked.
func (c *Client) loginError(ctx context.Context, t *target, err error) error {
	var status *StatusError
	if errors.Is(err, auth.ErrBasicCredentialNotFound) {
		status = &StatusError{URL: t.canonical, Mirror: t.mirror, Code: http.StatusUnauthorized, Host: t.url.Host}
	} else if !errors.As(err, &status) {
		return err
	}
	status.Login, status.withheld = t.oci.Host, false
	if status.denied() {
		l := c.login(ctx, t)
		if status.TokenSent = l.cred != auth.EmptyCredential; !status.TokenSent {
			status.Cause = l.err
		}
	}
	return status
}

// registryTransport sends the requests for one target, and those for its tokens, as all
// others are sent: redirects are followed by our rules, and nothing meant for one host
// goes to the next.
type registryTransport struct {
	client *Client
	target *target
}

var errRealm = errors.New("its registry sends whoever asks to a token service that is not reached over https")

func (r registryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	t := r.target
	a := ask{method: req.Method, header: req.Header, length: req.ContentLength, judged: true, challenged: true}
	if !sameAddress(req.URL, t.url) {
		// The standard lets a registry name the service that gives tokens for it, wherever
		// that is, and has it told who asks.
		// https://distribution.github.io/distribution/spec/auth/token/
		if req.URL.Scheme != "https" && !IsLoopback(req.URL.Host) || IsLoopback(req.URL.Host) && !IsLoopback(t.url.Host) {
			return nil, errRealm
		}
		service := *t
		service.url = req.URL
		t, a.judged = &service, false
	}
	if req.Body != nil && req.Body != http.NoBody {
		a.body = once(req)
	}
	return r.client.follow(req.Context(), t, a)
}

func sameAddress(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Host == b.Host && a.Path == b.Path
}

// HelperError says that the program, or the file, that keeps who asks a registry could
// not be asked.
type HelperError struct {
	Program string // docker-credential-…; "" for the file itself
	File    string // that names it
	Err     error
}

func (e *HelperError) Error() string {
	if e.Program == "" {
		return e.File + " cannot be read: " + e.Err.Error()
	}
	return e.Program + ", which " + e.File + " names, failed: " + e.Err.Error()
}

func (e *HelperError) Unwrap() error { return e.Err }
