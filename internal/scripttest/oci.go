package scripttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"cuelabs.dev/go/oci/ociregistry"
	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/rogpeppe/go-internal/testscript"
)

// recorded is the body that a handler answers with, for faults to spoil.
func (a *answer) recorded(h http.Handler) func() ([]byte, error) {
	return func() ([]byte, error) {
		rec := httptest.NewRecorder()
		r := a.r.Clone(a.r.Context())
		r.Header.Del("If-None-Match")
		h.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK {
			return nil, fmt.Errorf("it answers %d", rec.Code)
		}
		for name, values := range rec.Header() {
			a.w.Header()[name] = values
		}
		return rec.Body.Bytes(), nil
	}
}

// cmdRegistry starts an OCI registry, which faults, requests and await know as a server.
// With -basic or -token it wants to know who asks: USER:PASSWORD.
func cmdRegistry(ts *testscript.TestScript, args []string) error {
	fs := flag.NewFlagSet("registry", flag.ContinueOnError)
	basic := fs.String("basic", "", "")
	token := fs.String("token", "", "")
	page := fs.Int("page", 0, "")
	docker := fs.Bool("docker", false, "")
	ops, err := operands(fs, args, "NAME")
	if err != nil {
		return err
	}
	w, name := worldOf(ts), ops[0]
	if w.servers[name] != nil {
		return fmt.Errorf("%s runs already", name)
	}
	handler, backend, err := w.registry(ts, *docker, *basic)
	if err != nil {
		return err
	}
	w.oci[name] = backend
	if *page > 0 {
		handler = paged(handler, *page)
	}
	s := newServer("", false)
	switch {
	case *basic != "" && !*docker: // Docker's asks itself
		handler = basicAuth(handler, *basic)
	case *token != "":
		service := newServer("", false)
		service.answers(tokenService(*token))
		w.servers[name+"_AUTH"] = service
		ts.Setenv(name+"_AUTH_HOST", strings.TrimPrefix(service.http.URL, "http://"))
		handler = bearerAuth(handler, service.http.URL+"/token")
	}
	s.answers(handler)
	w.servers[name] = s
	ts.Setenv(name+"_HOST", strings.TrimPrefix(s.http.URL, "http://"))
	ts.Setenv(name+"_URL", s.http.URL)
	return nil
}

// registry is a registry, and how to push to it: ours, or Debian's docker-registry.
func (w *world) registry(ts *testscript.TestScript, docker bool, login string) (http.Handler, ociregistry.Interface, error) {
	if docker {
		return w.dockerRegistry(ts.MkAbs("."), login)
	}
	backend := ocimem.NewWithConfig(&ocimem.Config{LaxChildReferences: true})
	return ociserver.New(backend, nil), backend, nil
}

// paged gives lists in pages of at most n, as large registries do.
func paged(next http.Handler, n int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/tags/list") {
			query := r.URL.Query()
			query.Set("n", fmt.Sprint(n))
			r.URL.RawQuery = query.Encode()
		}
		next.ServeHTTP(w, r)
	})
}

func basicAuth(next http.Handler, login string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user+":"+password != login {
			denyOCI(w, `Basic realm="the test"`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func bearerAuth(next http.Handler, realm string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		repository, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/manifests/")
		repository, _, _ = strings.Cut(repository, "/blobs/")
		scope := "repository:" + strings.TrimSuffix(repository, "/tags/list") + ":pull"
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			scope += ",push"
		}
		if got := r.Header.Get("Authorization"); got != "Bearer "+bearerFor(scope) && got != "Bearer "+bearerFor(scope+",push") {
			denyOCI(w, fmt.Sprintf("Bearer realm=%q,service=%q,scope=%q", realm, "the test", scope))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func bearerFor(scope string) string { return "token-for-" + hexDigest([]byte(scope))[:16] }

func denyOCI(w http.ResponseWriter, challenge string) {
	w.Header().Set("WWW-Authenticate", challenge)
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, `{"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]}`)
}

// tokenService gives a token for a scope to the one user there is.
func tokenService(login string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.Method == http.MethodPost {
			user, password = "<token>", r.FormValue("refresh_token")
		}
		if user+":"+password != login {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		token := bearerFor(r.FormValue("scope"))
		_ = json.NewEncoder(w).Encode(map[string]string{"token": token, "access_token": token})
	})
}

// push is what ocipush makes.
type push struct {
	registry ociregistry.Interface
	repo     string
	tag      string

	platform, variant string
	config            string // the platform in an image's configuration
	mediaType         string
	title             string
	untitled          bool
	grow              int64 // how much larger the index says that the manifest is
	growLayers        int64 // the same, of a manifest and its layers
	annotation        string
}

// cmdOCIPush pushes files as the layers of one manifest, as "oras push" does; with
// -platform into the index that has the tag, which it makes where there is none.
func cmdOCIPush(ts *testscript.TestScript, args []string) error {
	p := push{}
	fs := flag.NewFlagSet("ocipush", flag.ContinueOnError)
	fs.StringVar(&p.platform, "platform", "", "")
	fs.StringVar(&p.variant, "variant", "", "")
	fs.StringVar(&p.config, "config", "", "")
	fs.StringVar(&p.mediaType, "type", ocispec.MediaTypeImageLayer, "")
	fs.StringVar(&p.title, "title", "", "")
	fs.BoolVar(&p.untitled, "untitled", false, "")
	fs.Int64Var(&p.grow, "grow", 0, "")
	fs.Int64Var(&p.growLayers, "grow-layers", 0, "")
	fs.StringVar(&p.annotation, "annotation", "", "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	ops := fs.Args()
	if len(ops) < 2 {
		return errors.New("it takes NAME REPOSITORY:TAG FILE…")
	}
	p.registry = worldOf(ts).oci[ops[0]]
	if p.registry == nil {
		return fmt.Errorf("no registry is called %q", ops[0])
	}
	p.repo, p.tag, _ = strings.Cut(ops[1], ":")
	if len(ops) == 3 && strings.HasSuffix(ops[2], ".json") {
		return p.raw(ts, ops[2])
	}
	files := make([]string, 0, len(ops))
	for _, name := range ops[2:] {
		files = append(files, ts.MkAbs(name))
	}
	return p.push(files)
}

// raw pushes a manifest as it is written.
func (p push) raw(ts *testscript.TestScript, name string) error {
	data, err := os.ReadFile(ts.MkAbs(name))
	if err != nil {
		return err
	}
	_, err = p.registry.PushManifest(context.Background(), p.repo, p.tag, data, ocispec.MediaTypeImageManifest)
	return err
}

func (p push) push(files []string) error {
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Config: ocispec.DescriptorEmptyJSON}
	config := []byte("{}")
	if p.config != "" {
		os, arch, _ := strings.Cut(p.config, "/")
		config = fmt.Appendf(nil, `{"os": %q, "architecture": %q, "rootfs": {"type": "layers", "diff_ids": []}}`, os, arch)
		m.Config = descriptorOf(ocispec.MediaTypeImageConfig, config)
	}
	if err := p.blob(m.Config, config); err != nil {
		return err
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		d := descriptorOf(p.mediaType, data)
		if err := p.blob(d, data); err != nil {
			return err
		}
		if d.Size += p.growLayers; !p.untitled {
			d.Annotations = map[string]string{ocispec.AnnotationTitle: or(p.title, filepath.Base(name))}
		}
		m.Layers = append(m.Layers, d)
	}
	if key, value, ok := strings.Cut(p.annotation, "="); ok {
		m.Annotations = map[string]string{key: value}
	}
	tag := p.tag
	if p.platform != "" {
		tag = "" // it has a digest only
	}
	d, err := p.manifest(tag, m.MediaType, m)
	if err != nil || p.platform == "" {
		return err
	}
	d.Platform = &ocispec.Platform{Variant: p.variant}
	d.Platform.OS, d.Platform.Architecture, _ = strings.Cut(p.platform, "/")
	d.Size += p.grow
	return p.intoIndex(d)
}

// intoIndex adds a manifest to the index that has the tag.
func (p push) intoIndex(d ocispec.Descriptor) error {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	if r, err := p.registry.GetTag(context.Background(), p.repo, p.tag); err == nil {
		defer r.Close()
		if err := json.NewDecoder(r).Decode(&index); err != nil {
			return err
		}
	}
	index.Manifests = append(index.Manifests, d)
	_, err := p.manifest(p.tag, index.MediaType, index)
	return err
}

func (p push) blob(d ocispec.Descriptor, data []byte) error {
	_, err := p.registry.PushBlob(context.Background(), p.repo, d, bytes.NewReader(data))
	return err
}

func (p push) manifest(tag, mediaType string, m any) (ocispec.Descriptor, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return p.registry.PushManifest(context.Background(), p.repo, tag, data, mediaType)
}

func descriptorOf(mediaType string, data []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
}
