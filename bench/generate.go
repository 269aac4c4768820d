package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// set is a number of plugins that are alike.
type set struct {
	name     string
	count    int
	size     int // of the executable, in bytes
	files    int // small files beside it
	versions int // in the registry's history: the packages of the first two are there
}

// release is one version of a plugin, as published.
type release struct {
	Name, Version string
	Path          string // of its package, below the server's root
	SHA256        string
}

// firstVersion and secondVersion are what is installed, and what that is upgraded to.
const (
	firstVersion  = "1.0.0"
	secondVersion = "2.0.0"
)

func (s set) plugin(i int) string { return fmt.Sprintf("%s-%05d", s.name, i) }

// url is the address of the set's registry on a server.
func (s set) url(base string) string { return base + "/" + s.name }

// publish writes a registry of static documents and the packages it names below root,
// the same at every call, and returns the releases of the first two versions by plugin.
func (s set) publish(root string) ([][]release, error) {
	all := make([][]release, s.count)
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for i := range s.count {
		g.Go(func() error {
			for _, version := range []string{firstVersion, secondVersion}[:min(2, s.versions)] {
				r, err := s.writePackage(root, s.plugin(i), version)
				if err != nil {
					return err
				}
				all[i] = append(all[i], r)
			}
			return s.writeDocuments(root, all[i])
		})
	}
	return all, g.Wait()
}

type document struct {
	Name     string            `json:"name"`
	Versions []documentVersion `json:"versions,omitempty"`
	documentVersion
}

type documentVersion struct {
	Version   string             `json:"version,omitempty"`
	Downloads []documentDownload `json:"downloads,omitempty"`
}

type documentDownload struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
}

func (r release) document() documentVersion {
	_, path, _ := strings.Cut(r.Path, "/")
	return documentVersion{r.Version, []documentDownload{{runtime.GOOS, runtime.GOARCH, path, r.SHA256}}}
}

// writeDocuments writes what the registry says of one plugin. Versions older than those
// that have packages are told of all the same: a long history costs whoever reads it.
func (s set) writeDocuments(root string, releases []release) error {
	name := releases[0].Name
	var versions []documentVersion
	for _, r := range releases {
		versions = append(versions, r.document())
	}
	for i := range s.versions - len(releases) {
		old := release{name, fmt.Sprintf("0.%d.0", i+1), s.name + "/packages/none.tar.gz", fmt.Sprintf("%064x", i)}
		versions = append(versions, old.document())
	}
	newest := versions[len(releases)-1]
	dir := filepath.Join(root, s.name, "plugins", name)
	return errors.Join(
		writeJSON(filepath.Join(dir, "manifest.json"), document{Name: name, documentVersion: newest}),
		writeJSON(filepath.Join(dir, "versions.json"), document{Name: name, Versions: versions}),
	)
}

func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFile(path, data)
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// writePackage writes a package as publishers make them: an executable, a plugin.json
// and a few texts.
func (s set) writePackage(root, name, version string) (r release, err error) {
	r = release{Name: name, Version: version, Path: fmt.Sprintf("%s/packages/%s-%s.tar.gz", s.name, name, version)}
	path := filepath.Join(root, filepath.FromSlash(r.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return r, err
	}
	f, err := os.Create(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	zipped := gzip.NewWriter(io.MultiWriter(f, sum))
	archive := tar.NewWriter(zipped)
	add := func(file string, mode int64, size int, content io.Reader) {
		if err == nil {
			err = archive.WriteHeader(&tar.Header{Name: file, Typeflag: tar.TypeReg, Mode: mode, Size: int64(size)})
		}
		if err == nil {
			_, err = io.Copy(archive, content)
		}
	}
	manifest := fmt.Sprintf(`{"name": %q, "version": %q, "description": "made to be measured"}`+"\n", name, version)
	add("plugin.json", 0o644, len(manifest), strings.NewReader(manifest))
	add(name, 0o755, s.size, newContent(name+version, s.size))
	for i := range s.files {
		add(fmt.Sprintf("share/%02d/%d.txt", i/100, i), 0o644, smallFile, newContent(fmt.Sprint(name, version, i), smallFile))
	}
	if err = errors.Join(err, archive.Close(), zipped.Close()); err != nil {
		return r, err
	}
	r.SHA256 = fmt.Sprintf("%x", sum.Sum(nil))
	return r, nil
}

const smallFile = 2 << 10

// content reads like a program: a mixture of recurring sequences, some far more frequent
// than others, and bytes that nothing foretells. gzip makes somewhat less than half of it,
// as of an executable.
type content struct {
	state uint64
	left  int
	words [1 << 10][16]byte
}

func newContent(seed string, size int) io.Reader {
	h := fnv.New64a()
	_, _ = io.WriteString(h, seed)
	// The sequences are the same everywhere, as those of one compiler are.
	c := &content{state: 1, left: size}
	for i := range c.words {
		for j := range c.words[i] {
			c.words[i][j] = byte(c.random() >> 32)
		}
	}
	c.state = h.Sum64() | 1
	return c
}

// random is xorshift64*: quick, and the same on every machine.
func (c *content) random() uint64 {
	c.state ^= c.state >> 12
	c.state ^= c.state << 25
	c.state ^= c.state >> 27
	return c.state * 2685821657736338717
}

func (c *content) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	p = p[:min(len(p), c.left)]
	for n := 0; n < len(p); {
		r := c.random()
		// The product of two draws falls on low numbers far more often.
		word := (r & 0x3ff) * (r >> 10 & 0x3ff) >> 10
		n += copy(p[n:], c.words[word][:5+r>>24&7])
		if r>>28&3 == 0 {
			n += copy(p[n:], []byte{byte(r >> 32), byte(r >> 40), byte(r >> 48)})
		}
	}
	c.left -= len(p)
	return len(p), nil
}
