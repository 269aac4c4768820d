package scripttest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Package describes a package to make. Its executable is a shell script that
// prints the plugin's name and version.
type Package struct {
	Name, Version   string
	Platform        string // told by the executable, so that packages differ
	ManifestName    string // in plugin.json; Name where empty
	ManifestVersion string // in plugin.json; Version where empty
	NoManifest      bool
	Binary          string // file name of the executable; Name where empty
	NoBinary        bool
	Body            string // of the executable
	Mode            fs.FileMode
	Top             string   // a folder around everything
	Files           []string // PATH=TEXT; a path is put in as it is, however hostile
	Executables     []string // PATH=TEXT
	Links           []string // PATH=TARGET, symbolic
	Fill            []string // PATH=SIZE, files that do not compress
	Zeros           []string // PATH=SIZE, files that compress to next to nothing
	Format          string   // tar, tar.gz, tar.zst, tar.xz, zip, dir
}

// entry is one entry of an archive.
type entry struct {
	name string
	mode fs.FileMode
	body string
	link string
}

// epoch is the time of all entries, so that the same package has the same bytes.
var epoch = time.Date(2024, 1, 2, 3, 4, 6, 0, time.UTC)

func (p Package) entries() []entry {
	var out []entry
	add := func(name string, mode fs.FileMode, body string) {
		out = append(out, entry{name: name, mode: mode, body: body})
	}
	if !p.NoManifest {
		add(p.inTop("plugin.json"), 0o644, p.manifest())
	}
	if !p.NoBinary {
		add(p.inTop(or(p.Binary, p.Name)), p.mode(), p.body())
	}
	for _, f := range p.Executables {
		name, body, _ := strings.Cut(f, "=")
		add(p.inTop(name), 0o755, body)
	}
	for _, f := range p.Files {
		name, body, _ := strings.Cut(f, "=")
		add(p.inTop(name), 0o644, body)
	}
	for _, f := range p.Fill {
		name, n, _ := strings.Cut(f, "=")
		add(p.inTop(name), 0o644, noise(size(n)))
	}
	for _, f := range p.Zeros {
		name, n, _ := strings.Cut(f, "=")
		add(p.inTop(name), 0o644, strings.Repeat("\x00", size(n)))
	}
	for _, l := range p.Links {
		name, target, _ := strings.Cut(l, "=")
		out = append(out, entry{name: p.inTop(name), mode: 0o777 | fs.ModeSymlink, link: target})
	}
	return out
}

// size reads a number of bytes that the flags have checked.
func size(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// noise is n bytes, the same ones each time.
func noise(n int) string {
	data := make([]byte, n)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(data) // never fails
	return string(data)
}

func (p Package) inTop(name string) string {
	if p.Top == "" {
		return name
	}
	return p.Top + "/" + name
}

func (p Package) mode() fs.FileMode {
	if p.Mode == 0 {
		return 0o755
	}
	return p.Mode
}

func (p Package) body() string {
	if p.Body != "" {
		return p.Body
	}
	text := "#!/bin/sh\n"
	if p.Platform != "" {
		text += "# for " + p.Platform + "\n"
	}
	return text + "echo " + p.Name + " " + p.Version + "\n"
}

func (p Package) manifest() string {
	text, err := json.MarshalIndent(map[string]string{
		"name":    or(p.ManifestName, p.Name),
		"version": or(p.ManifestVersion, p.Version),
	}, "", "  ")
	if err != nil {
		panic(err) // a map of strings
	}
	return string(text) + "\n"
}

// Write makes the package at path; its folders are made too.
func (p Package) Write(path string) error {
	if p.format(path) == "dir" {
		return writeDir(path, p.entries())
	}
	data, err := p.bytes(p.format(path))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// format is the one asked for, else the one that the file name tells.
func (p Package) format(path string) string {
	if p.Format != "" {
		return p.Format
	}
	for _, f := range []string{"tar.gz", "tar.zst", "tar.xz", "tar", "zip"} {
		if strings.HasSuffix(path, "."+f) {
			return f
		}
	}
	return "dir"
}

func (p Package) bytes(format string) ([]byte, error) {
	var out bytes.Buffer
	if format == "zip" {
		err := writeZip(&out, p.entries())
		return out.Bytes(), err
	}
	w, err := compressor(&out, format)
	if err != nil {
		return nil, err
	}
	if err := writeTar(w, p.entries()); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }

func compressor(w io.Writer, format string) (io.WriteCloser, error) {
	switch format {
	case "tar":
		return plainWriter{w}, nil
	case "tar.gz":
		return gzip.NewWriter(w), nil
	case "tar.zst":
		return zstd.NewWriter(w)
	case "tar.xz":
		return xz.NewWriter(w)
	}
	return nil, fmt.Errorf("no package has the format %q", format)
}

func writeTar(w io.Writer, entries []entry) error {
	t := tar.NewWriter(w)
	for _, e := range entries {
		h := &tar.Header{
			Name: e.name, Mode: int64(e.mode.Perm()), Size: int64(len(e.body)),
			ModTime: epoch, Typeflag: tar.TypeReg, Linkname: e.link,
		}
		if e.link != "" {
			h.Typeflag = tar.TypeSymlink
		}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := io.WriteString(t, e.body); err != nil {
			return err
		}
	}
	return t.Close()
}

func writeZip(w io.Writer, entries []entry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: epoch}
		h.SetMode(e.mode)
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, e.body+e.link); err != nil {
			return err
		}
	}
	return z.Close()
}

func writeDir(dir string, entries []entry) error {
	for _, e := range entries {
		name := filepath.Join(dir, filepath.FromSlash(e.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if e.link != "" {
			if err := os.Symlink(e.link, name); err != nil {
				return err
			}
			continue
		}
		// Written anew: a file that is executed, or that another name links to, stays as it is.
		if err := os.RemoveAll(name); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(e.body), e.mode); err != nil {
			return err
		}
	}
	return nil
}

// or is s, or the fallback where s is empty.
func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
