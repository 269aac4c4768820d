package scripttest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"cuelabs.dev/go/oci/ociregistry"
	"cuelabs.dev/go/oci/ociregistry/ociclient"
	"golang.org/x/crypto/bcrypt"
)

// dockerConfig is the configuration of Debian's docker-registry: its folder, its port and
// who may ask.
const dockerConfig = `version: 0.1
log:
  level: error
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: %q
http:
  addr: 127.0.0.1:%d
  secret: nobody must guess it
  relativeurls: true
%s`

const dockerAuth = `auth:
  htpasswd:
    realm: the test
    path: %q
`

// dockerRegistry starts Debian's docker-registry with a folder of its own in dir, and
// gives a way to it through which we see, and spoil, what is asked.
func (w *world) dockerRegistry(dir, login string) (http.Handler, ociregistry.Interface, error) {
	dir, err := os.MkdirTemp(dir, "docker-registry-")
	if err != nil {
		return nil, nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, nil, err
	}
	auth, client := "", http.DefaultTransport
	if user, password, ok := strings.Cut(login, ":"); ok {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			return nil, nil, err
		}
		path := filepath.Join(dir, "htpasswd")
		if err := os.WriteFile(path, []byte(user+":"+string(hash)+"\n"), 0o600); err != nil {
			return nil, nil, err
		}
		auth, client = fmt.Sprintf(dockerAuth, path), asUser{user, password}
	}
	config := filepath.Join(dir, "config.yml")
	text := fmt.Sprintf(dockerConfig, filepath.Join(dir, "storage"), port, auth)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, nil, err
	}
	cmd := exec.Command("docker-registry", "serve", config)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	w.registries = append(w.registries, cmd)
	host := fmt.Sprintf("127.0.0.1:%d", port)
	if err := answers(host); err != nil {
		return nil, nil, err
	}
	backend, err := ociclient.New(host, &ociclient.Options{Insecure: true, Transport: client})
	return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host}), backend, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// answers waits until a registry does.
func answers(host string) (err error) {
	for range 200 {
		var resp *http.Response
		if resp, err = http.Get("http://" + host + "/v2/"); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("docker-registry does not answer: %w", err)
}

// asUser sends requests as somebody.
type asUser struct{ user, password string }

func (a asUser) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.SetBasicAuth(a.user, a.password)
	return http.DefaultTransport.RoundTrip(req)
}
