package fetch

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

const (
	defaultRetries    = 4
	defaultMinBackoff = 300 * time.Millisecond
	defaultUserAgent  = "plugins"

	// perHost is how many requests to one host are under way at once, and how many
	// connections to it are kept for the next: packages mostly come from one host.
	perHost = 16

	// pingAfter is how long an HTTP/2 connection may be silent before it is asked whether it
	// still lives, and how long that may take: a dead one would be used for the next attempt, too.
	pingAfter = 15 * time.Second
)

// Config says how a [Client] reaches the world. Its zero value reaches it directly.
type Config struct {
	Mirrors     []plugin.Mirror
	Credentials []plugin.Credential
	Netrc       string            // path of a .netrc, for hosts without a Credential; "" for none
	Docker      []string          // paths of files as Docker's config.json, for registries without either; those missing are no error
	NetrcOf     map[string]string // hosts for which, too, the .netrc's entry of another counts
	Offline     bool              // refuse every request that would leave this machine's files
	UserAgent   string            // default "plugins"
	Retries     int               // attempts after the first; default 4, negative for none
	Idle        time.Duration     // the longest wait for the next byte; default that of plugin.DefaultLimits
	Transport   http.RoundTripper // default: that of net/http, with the usual proxy variables

	// CertificateAuthorities vouch for servers besides the system's; not for a Transport.
	CertificateAuthorities []*x509.Certificate

	MinBackoff time.Duration   // the wait before the second attempt, doubled before each further one
	Documents  Documents       // keeps documents between runs; nil for none
	Observe    plugin.Observer // is warned of mirrors that do not do what they are for
}

// Client fetches. It may be used by several goroutines at once.
type Client struct {
	mirrors     []plugin.Mirror
	credentials []plugin.Credential
	netrc       func() []machine
	logins      *logins
	offline     bool
	userAgent   string
	retries     int
	idle        time.Duration
	transport   http.RoundTripper
	minBackoff  time.Duration
	netrcOf     map[string]string
	moved       moved
	documents   Documents
	detours     *detours
	gates       *gates
}

// moved is one address that is asked for elsewhere, and in which form.
type moved struct{ from, to, accept string }

// New makes a client. The .netrc is read when a request first needs it.
func New(c Config) *Client {
	client := &Client{
		mirrors:     c.Mirrors,
		credentials: c.Credentials,
		netrc:       sync.OnceValue(func() []machine { return readNetrc(c.Netrc) }),
		logins:      newLogins(c.Docker),
		offline:     c.Offline,
		userAgent:   c.UserAgent,
		retries:     max(c.Retries, 0),
		idle:        c.Idle,
		transport:   c.Transport,
		minBackoff:  c.MinBackoff,
		netrcOf:     c.NetrcOf,
		documents:   c.Documents,
		gates:       &gates{},
		detours:     &detours{observe: c.Observe},
	}
	if c.Retries == 0 {
		client.retries = defaultRetries
	}
	if client.userAgent == "" {
		client.userAgent = defaultUserAgent
	}
	if client.idle <= 0 {
		client.idle = plugin.DefaultLimits().Idle
	}
	if client.minBackoff <= 0 {
		client.minBackoff = defaultMinBackoff
	}
	if client.transport == nil {
		client.transport = defaultTransport(c.CertificateAuthorities)
	}
	return client
}

// WithIdle is the same client with another limit on waiting for a byte, since a
// plugin may raise its own; 0 leaves it as it is.
func (c *Client) WithIdle(idle time.Duration) *Client {
	if idle <= 0 {
		return c
	}
	copied := *c
	copied.idle = idle
	return &copied
}

// Elsewhere is the same client, but what is at one address it gets from another, and in
// the form that accept names. Messages name the first.
func (c *Client) Elsewhere(from, to, accept string) *Client {
	copied := *c
	copied.moved = moved{from, to, accept}
	return &copied
}

// Document reads a small document whole: from http(s)://, file:// or an absolute
// path. It may be at most max bytes long, decoded. One that is kept from an earlier run is
// sent for only if it has changed.
func (c *Client) Document(ctx context.Context, url string, max int64) (doc []byte, err error) {
	keeping := *c
	keeping.transport = Conditional(c.transport, c.documents)
	err = c.anywhere(ctx, url, "", func(t *target) (err error) {
		if t.path != "" {
			doc, err = readLocal(t.path, max)
			return err
		}
		return c.retry(ctx, t, func(ctx context.Context) (int64, error) {
			doc, err = keeping.readDocument(ctx, t, max)
			return 0, err
		})
	})
	if err != nil {
		return nil, err
	}
	return doc, nil
}

func (c *Client) readDocument(ctx context.Context, t *target, max int64) ([]byte, error) {
	resp, err := c.get(ctx, t, http.Header{})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, t.status(resp)
	}
	if resp.ContentLength > max {
		return nil, TooLarge(max)
	}
	return readAll(resp.Body, max)
}

// LooksLikeHTML reports whether b starts like a web page: what a login form or a
// captive portal answers where a document was asked for.
func LooksLikeHTML(b []byte) bool {
	start := strings.ToLower(strings.TrimLeft(string(b[:min(len(b), 512)]), "\ufeff \t\r\n"))
	for _, prefix := range []string{"<!doctype html", "<html", "<head", "<body", "<!--"} {
		if strings.HasPrefix(start, prefix) {
			return true
		}
	}
	return false
}
