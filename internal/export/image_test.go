package export_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/export"
	"github.com/plugins-hcl/plugins/plugin"
)

// folderPlugin is a plugin in a local folder.
func folderPlugin(t *testing.T, dir, name string) access.Wanted {
	t.Helper()
	dir = filepath.Join(dir, name)
	for file, text := range map[string]string{"plugin.json": fmt.Sprintf(`{"name": %q, "version": "1.0.0"}`, name), name: "#!/bin/sh\necho " + name + "\n", "data/x": name} {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return access.Wanted{
		Requirement: plugin.Requirement{Name: plugin.Name(name)}, Version: plugin.MustVersion("1.0.0"),
		Package: plugin.Package{Platform: plugin.AnyPlatform, Path: dir}, Platform: plugin.Platform{OS: "linux", Arch: "amd64"},
	}
}

// pulled is an image as oras-go gets it: the layers' digests, and the files in them.
func pulled(t *testing.T, host string, d plugin.Digest) (layers []string, files map[string]string) {
	t.Helper()
	repo, err := remote.NewRepository(host + "/fleet")
	if err != nil {
		t.Fatal(err)
	}
	repo.PlainHTTP = true
	fetch := func(d ocispec.Descriptor, into any) []byte {
		data, err := content.FetchAll(t.Context(), repo, d)
		if err == nil && into != nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	root, err := repo.Resolve(t.Context(), string(d))
	if err != nil {
		t.Fatal(err)
	}
	var index ocispec.Index
	fetch(root, &index)
	var m ocispec.Manifest
	fetch(index.Manifests[0], &m)
	files = map[string]string{}
	for _, l := range m.Layers {
		layers = append(layers, string(l.Digest))
		unpacked, err := gzip.NewReader(bytes.NewReader(fetch(l, nil)))
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(unpacked); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			text, readErr := io.ReadAll(r)
			if err = errors.Join(err, readErr); err != nil {
				t.Fatal(err)
			}
			if _, twice := files[h.Name]; twice {
				t.Errorf("%s is there twice", h.Name)
			}
			files[h.Name] = fmt.Sprintf("%o %s", h.Mode, text)
		}
	}
	return layers, files
}

// Many plugins share layers, since no engine mounts as many as one likes. All are there,
// and one more changes one layer.
func TestImageOfMany(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(ociserver.New(ocimem.New(), nil))
	t.Cleanup(server.Close)
	host, dir := strings.TrimPrefix(server.URL, "http://"), t.TempDir()
	a, err := access.New(access.Options{Abs: func(p string) string { return p }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	var all []access.Wanted
	for i := range 131 {
		all = append(all, folderPlugin(t, dir, fmt.Sprintf("p%03d", i)))
	}
	push := func(plugins []access.Wanted) ([]string, map[string]string) {
		image := export.Image{Access: a, Lock: "sha256:00", Sets: []export.Set{{Platform: plugins[0].Platform, Plugins: plugins}}}
		pushed, err := image.Push(t.Context(), "oci://"+host+"/fleet", "latest")
		if err != nil {
			t.Fatal(err)
		}
		again, err := image.Push(t.Context(), "oci://"+host+"/fleet", "latest")
		if err != nil || again.Digest != pushed.Digest || again.Added != 0 {
			t.Errorf("pushed again: %+v, %v; it was %+v", again, err, pushed)
		}
		return pulled(t, host, pushed.Digest)
	}
	layers, files := push(all)
	if len(layers) > 100 {
		t.Errorf("it has %d layers", len(layers))
	}
	want := map[string]string{}
	for _, w := range all {
		name := string(w.Requirement.Name)
		want[name+"/"], want[name+"/data/"] = "755 ", "755 "
		want[name+"/plugin.json"] = fmt.Sprintf(`644 {"name": %q, "version": "1.0.0"}`, name)
		want[name+"/"+name] = "755 #!/bin/sh\necho " + name + "\n"
		want[name+"/data/x"] = "644 " + name
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("its files (-want +got):\n%s", diff)
	}
	more, _ := push(append(slices.Clone(all), folderPlugin(t, dir, "q")))
	fresh := slices.DeleteFunc(more, func(d string) bool { return slices.Contains(layers, d) })
	if len(fresh) != 1 {
		t.Errorf("one more plugin changes %d layers", len(fresh))
	}
	few, _ := push(all[:100])
	if len(few) != 100 {
		t.Errorf("a hundred plugins have %d layers", len(few))
	}
}
