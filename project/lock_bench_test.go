package project_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

const (
	plugins  = 10_000
	versions = 100
	declared = 200
)

// largeRegistry is a registry of many plugins, each of which has many versions that need
// two others; what it answers is made when it is asked for.
func largeRegistry() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		switch {
		case len(parts) == 3 && parts[2] == "manifest.json":
			tag(w, r, fmt.Sprintf(`{"name": %q, %s}`, parts[1], versionOf(parts[1], versions-1)))
		case len(parts) == 3 && parts[2] == "versions.json":
			all := make([]string, versions)
			for i := range all {
				all[i] = "{" + versionOf(parts[1], i) + "}"
			}
			tag(w, r, fmt.Sprintf(`{"name": %q, "versions": [%s]}`, parts[1], strings.Join(all, ",")))
		case len(parts) == 3 && parts[0] == "dl":
			_, _ = w.Write(archiveOf(parts[1], strings.TrimSuffix(parts[2], ".tar.gz")))
		default:
			http.NotFound(w, r)
		}
	})
}

// tag answers with a document that has an ETag.
func tag(w http.ResponseWriter, r *http.Request, document string) {
	etag := fmt.Sprintf(`"%d"`, len(document))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(document))
}

// versionOf is what the registry says of one version. Each needs two plugins, somewhat
// older ones of which are excluded; the farther from those declared, the fewer.
func versionOf(name string, i int) string {
	var n int
	_, _ = fmt.Sscanf(name, "p%d", &n)
	var needs []string
	for _, d := range []int{n*7 + 1, n*13 + 5} {
		if n < declared*2 {
			needs = append(needs, fmt.Sprintf(`{"name": "p%05d", "minVersion": "1.%d.0"}`, d%plugins, i/2))
		}
	}
	return fmt.Sprintf(`"version": "1.%d.0", "dependencies": [%s], "downloads": [{"os": %q, "arch": %q, "url": "dl/%s/1.%d.0.tar.gz"}]`,
		i, strings.Join(needs, ","), plugin.CurrentPlatform().OS, plugin.CurrentPlatform().Arch, name, i)
}

func archiveOf(name, version string) []byte {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	out := tar.NewWriter(zip)
	for _, f := range [][2]string{{"plugin.json", fmt.Sprintf(`{"name": %q, "version": %q}`, name, version)}, {name, "#!/bin/sh\n"}} {
		file, text := f[0], f[1]
		_ = out.WriteHeader(&tar.Header{Name: file, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg})
		_, _ = out.Write([]byte(text))
	}
	_, _ = out.Close(), zip.Close()
	return b.Bytes()
}

// BenchmarkLockLargeRegistry locks 200 plugins of a registry of 10,000, with 100 versions each:
// for the first time, when all is locked, and when all is to be the newest again.
func BenchmarkLockLargeRegistry(b *testing.B) {
	srv := httptest.NewServer(largeRegistry())
	defer srv.Close()
	var text strings.Builder
	fmt.Fprintf(&text, "registry \"r\" { url = %q }\n", srv.URL)
	for i := range declared {
		fmt.Fprintf(&text, "plugin \"p%05d\" {}\n", i)
	}
	dir := b.TempDir()
	path := filepath.Join(dir, "plugins.hcl")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	lock := func(b *testing.B, cache string, o project.LockOptions) {
		p, err := project.Open(path, project.Options{CacheDir: cache, Env: noConfig(b)})
		if err != nil {
			b.Fatal(err)
		}
		locked, err := p.Lock(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(locked.After.Plugins)), "plugins")
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			_ = os.Remove(filepath.Join(dir, "plugins.lock.hcl"))
			cache := b.TempDir()
			b.StartTimer()
			lock(b, cache, project.LockOptions{})
		}
	})
	cache := b.TempDir()
	b.Run("locked", func(b *testing.B) {
		lock(b, cache, project.LockOptions{})
		for b.Loop() {
			lock(b, cache, project.LockOptions{})
		}
	})
	b.Run("upgrade", func(b *testing.B) {
		for b.Loop() {
			lock(b, cache, project.LockOptions{UpgradeAll: true})
		}
	})
}
