package fetch

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/plugins-hcl/plugins/plugin"
)

// authorize gives req what is known for its host and port. It says whether that
// is anything, and whether something is kept back because the way is not safe.
func (c *Client) authorize(req *http.Request, h hop) (sent, withheld bool, err error) {
	u := req.URL
	safe := u.Scheme == "https" || IsLoopback(u.Host)
	if token := c.token(u); token != "" {
		if !safe {
			return false, true, fmt.Errorf("%w: the token for %s", ErrInsecure, u.Host)
		}
		if strings.ContainsFunc(token, unicode.IsControl) {
			return false, false, fmt.Errorf("the token for %s holds a control character", u.Host)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		return true, false, nil
	}
	if h.user != nil {
		if !safe {
			return false, true, fmt.Errorf("%w: the password for %s", ErrInsecure, u.Host)
		}
		password, _ := h.user.Password()
		req.Header.Set("Authorization", "Basic "+basic(h.user.Username(), password))
		return true, false, nil
	}
	m, ok := c.machine(u, h.asked)
	if !ok || !safe {
		// Not an error: a .netrc is written for other programs too.
		return false, ok, nil
	}
	req.Header.Set("Authorization", "Basic "+basic(m.login, m.password))
	return true, false, nil
}

// machine is the entry of the .netrc for u.
func (c *Client) machine(u *url.URL, asked bool) (machine, bool) {
	m, ok := findMachine(c.netrc(), u, asked)
	if of := c.netrcOf[strings.ToLower(u.Host)]; of != "" && (!ok || m.name == "") {
		if other, found := findMachine(c.netrc(), &url.URL{Host: of}, false); found {
			return other, true
		}
	}
	return m, ok
}

// Authorizes reports whether a request for address would be sent a token or a password.
func (c *Client) Authorizes(address string) bool {
	for _, t := range c.locate(address) {
		if t.err != nil || t.url == nil {
			continue
		}
		h := hop{url: t.url, user: t.url.User, asked: true}
		req, err := ask{header: http.Header{}}.request(context.Background(), h)
		if err != nil {
			continue
		}
		if sent, _, err := c.authorize(req, h); sent && err == nil {
			return true
		}
	}
	return false
}

// token is the one of the credential that fits u best.
func (c *Client) token(u *url.URL) string {
	var best *plugin.Credential
	for i, cred := range c.credentials {
		fits := strings.TrimSpace(cred.Token) != "" &&
			hostPort(cred.Host, u.Scheme) == hostPort(u.Host, u.Scheme) && under(cred.Path, u.Path)
		if fits && (best == nil || len(cred.Path) > len(best.Path)) {
			best = &c.credentials[i]
		}
	}
	if best == nil {
		return ""
	}
	return strings.TrimSpace(best.Token)
}

// under reports whether p is folder or in it. Both are cleaned first, so that
// "/v1/../v2" is not under "/v1".
func under(folder, p string) bool {
	folder, p = path.Clean("/"+folder), path.Clean("/"+p)
	return folder == "/" || p == folder || strings.HasPrefix(p, folder+"/")
}

// hostPort is host in lower case with its port, or its scheme's if it names none.
func hostPort(host, scheme string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if port == "" {
		port = "443"
		if scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(strings.ToLower(name), port)
}

// IsLoopback reports whether host, with or without a port, is this machine by its
// very text. Names other than localhost are not looked up: what they mean is the
// network's to say.
func IsLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// secrets are all that this client could send.
func (c *Client) secrets() []string {
	var all []string
	for _, cred := range c.credentials {
		token := strings.TrimSpace(cred.Token)
		_, password, _ := strings.Cut(token, ":")
		all = append(all, token, password)
	}
	for _, m := range c.netrc() {
		all = append(all, m.password, basic(m.login, m.password))
	}
	return append(all, c.logins.secrets()...)
}
