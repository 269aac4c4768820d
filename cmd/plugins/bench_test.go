package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// benchmarkPlugins is a project of n plugins with packages of some 2 MiB, locked,
// and the addresses of the packages.
func benchmarkPlugins(b *testing.B, n int) (project string, urls []string) {
	b.Helper()
	packages := b.TempDir()
	server := httptest.NewServer(http.FileServer(http.Dir(packages)))
	b.Cleanup(server.Close)
	project = b.TempDir()
	var config strings.Builder
	for i := range n {
		name := fmt.Sprintf("p%02d", i)
		p := scripttest.Package{Name: name, Version: "1.0.0", Fill: []string{"a=1500000", "b=500000"}, Files: []string{"data/c=c", "data/d=d"}}
		if err := p.Write(filepath.Join(packages, name+".tar.gz")); err != nil {
			b.Fatal(err)
		}
		urls = append(urls, server.URL+"/"+name+".tar.gz")
		fmt.Fprintf(&config, "plugin %q {\n  source = %q\n}\n", name, urls[i])
	}
	if err := os.WriteFile(filepath.Join(project, "plugins.hcl"), []byte(config.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	benchmarkRun(b, project, "lock")
	return project, urls
}

func benchmarkRun(b *testing.B, project string, command ...string) {
	b.Helper()
	var out bytes.Buffer
	args := append([]string{"-C", project, "--cache-dir", filepath.Join(project, "cache")}, command...)
	if code := cli.Run(args, strings.NewReader(""), &out, &out); code != 0 {
		b.Fatalf("%s: exit %d\n%s", command, code, out.String())
	}
}

func benchmarkClean(b *testing.B, paths ...string) {
	b.Helper()
	b.StopTimer()
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			b.Fatal(err)
		}
	}
	b.StartTimer()
}

const benchmarkCount = 20

// BenchmarkApply installs plugins over loopback, from nothing; compare it with
// BenchmarkFloor.
func BenchmarkApply(b *testing.B) {
	project, _ := benchmarkPlugins(b, benchmarkCount)
	for b.Loop() {
		benchmarkClean(b, filepath.Join(project, "cache"), filepath.Join(project, "plugins"))
		benchmarkRun(b, project, "apply", "--auto-approve")
	}
}

// BenchmarkApplyCached is BenchmarkApply with the packages in the cache.
func BenchmarkApplyCached(b *testing.B) {
	project, _ := benchmarkPlugins(b, benchmarkCount)
	benchmarkRun(b, project, "apply", "--auto-approve")
	for b.Loop() {
		benchmarkClean(b, filepath.Join(project, "plugins"))
		benchmarkRun(b, project, "apply", "--auto-approve")
	}
}

// BenchmarkPlanNothing plans with everything installed: a stat a file.
func BenchmarkPlanNothing(b *testing.B) {
	project, _ := benchmarkPlugins(b, benchmarkCount)
	benchmarkRun(b, project, "apply", "--auto-approve")
	for b.Loop() {
		benchmarkRun(b, project, "plan")
	}
}

// BenchmarkFloor downloads, hashes and unpacks the same packages in parallel and
// does nothing else: no check, no sync, no record.
func BenchmarkFloor(b *testing.B) {
	_, urls := benchmarkPlugins(b, benchmarkCount)
	dir := filepath.Join(b.TempDir(), "floor")
	for b.Loop() {
		benchmarkClean(b, dir)
		var g errgroup.Group
		g.SetLimit(8)
		for i, url := range urls {
			g.Go(func() error { return floor(url, filepath.Join(dir, fmt.Sprint(i))) })
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

func floor(url, dir string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	zipped, err := gzip.NewReader(io.TeeReader(resp.Body, sha256.New()))
	if err != nil {
		return err
	}
	for archive := tar.NewReader(zipped); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o755)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, archive); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
}
