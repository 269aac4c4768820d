package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"sync"

	"golang.org/x/sync/semaphore"
)

// defaultTransport is that of net/http, HTTP/2 included, which trusts authorities besides
// the system's.
func defaultTransport(authorities []*x509.Certificate) http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok && authorities == nil {
		return http.DefaultTransport // a program put its own there
	}
	if ok {
		t = t.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	t.MaxIdleConnsPerHost = perHost
	t.MaxResponseHeaderBytes = 1 << 20
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter}
	if authorities != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: pool(authorities)}
	}
	return t
}

// pool is the system's authorities and these.
func pool(authorities []*x509.Certificate) *x509.CertPool {
	all, err := x509.SystemCertPool()
	if err != nil {
		all = x509.NewCertPool() // a system that has none
	}
	for _, cert := range authorities {
		all.AddCert(cert)
	}
	return all
}

// gates bound the requests to each host. The transport could do so itself, but while it
// waits for a connection, our watchdog would take the server for silent.
type gates struct {
	mu sync.Mutex
	of map[string]*semaphore.Weighted
}

// enter waits until one more request may be made. A library's does not: it may read an
// answer while it asks for more, for as many as are under way.
func (c *Client) enter(ctx context.Context, a ask, req *http.Request) (leave func(), err error) {
	if a.judged {
		return func() {}, nil
	}
	return c.gates.enter(ctx, hostPort(req.URL.Host, req.URL.Scheme))
}

func (g *gates) enter(ctx context.Context, host string) (leave func(), err error) {
	gate := g.gate(host)
	if err := gate.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { gate.Release(1) }), nil
}

func (g *gates) gate(host string) *semaphore.Weighted {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil {
		g.of = map[string]*semaphore.Weighted{}
	}
	if g.of[host] == nil {
		g.of[host] = semaphore.NewWeighted(perHost)
	}
	return g.of[host]
}

// gated is a body whose end makes room for another request.
type gated struct {
	io.ReadCloser
	leave func()
}

func (g *gated) Close() error {
	defer g.leave()
	return g.ReadCloser.Close()
}
