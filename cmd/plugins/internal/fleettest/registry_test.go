package fleettest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/plugins-hcl/plugins/internal/scripttest"
	"github.com/plugins-hcl/plugins/plugin"
)

// registry is Debian's docker-registry, as a fleet has it.
type registry struct{ host string }

// startRegistry starts one on a free port, which it tells in what it logs.
func startRegistry(t *testing.T) registry {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		t.Skip("needs docker-registry (Debian: docker-registry)")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: \"127.0.0.1:0\"}\n", dir)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", config)
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	listening := regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)
	var told bytes.Buffer
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if m := listening.FindSubmatch(lines.Bytes()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return registry{string(m[1])}
		}
		told.Write(append(lines.Bytes(), '\n'))
	}
	t.Fatalf("docker-registry does not listen:\n%s", told.String())
	return registry{}
}

// descriptor is what a manifest says of a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

// push pushes a package as "oras push" does: a manifest with one layer, whose title
// tells the platform.
func (r registry) push(t *testing.T, p scripttest.Package) {
	t.Helper()
	here := plugin.CurrentPlatform()
	title := fmt.Sprintf("%s-%s-%s.tar.gz", p.Name, here.OS, here.Arch)
	path := filepath.Join(t.TempDir(), title)
	if err := p.Write(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	layer := r.blob(t, p.Name, "application/vnd.oci.image.layer.v1.tar+gzip", data)
	layer.Annotations = map[string]string{"org.opencontainers.image.title": title}
	m := manifest{2, "application/vnd.oci.image.manifest.v1+json", r.blob(t, p.Name, "application/vnd.oci.empty.v1+json", []byte("{}")), []descriptor{layer}}
	encoded, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r.put(t, r.url(p.Name, "manifests/"+p.Version), m.MediaType, encoded)
}

func (r registry) url(name, rest string) string {
	return fmt.Sprintf("http://%s/v2/plugins/%s/%s", r.host, name, rest)
}

func (r registry) blob(t *testing.T, name, mediaType string, data []byte) descriptor {
	t.Helper()
	d := descriptor{MediaType: mediaType, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(data)), Size: len(data)}
	resp, err := http.Post(r.url(name, "blobs/uploads/"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatalf("docker-registry takes no upload: %s, %v", resp.Status, err)
	}
	to.RawQuery += "&" + url.Values{"digest": {d.Digest}}.Encode()
	r.put(t, to.String(), "application/octet-stream", data)
	return d
}

func (r registry) put(t *testing.T, to, mediaType string, data []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, to, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", mediaType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(resp.Body)
		t.Fatalf("PUT %s: %s\n%s", to, resp.Status, text)
	}
}
