package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// tarGz is an archive whose bytes follow from its arguments. Every name is put behind
// the prefix, and folders stand before what is in them.
func tarGz(prefix string, files []file, mtime time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range withFolders(prefix, files) {
		h := &tar.Header{
			Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: mtime,
			Uname: "root", Gname: "root", Format: tar.FormatUSTAR,
		}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return gzipped(b.Bytes())
}

// withFolders sorts files, and adds the folders that they are in.
func withFolders(prefix string, files []file) []file {
	all := map[string]file{}
	for _, f := range files {
		f.name = prefix + f.name
		all[f.name] = f
		for i, c := range f.name {
			if c == '/' {
				all[f.name[:i+1]] = file{name: f.name[:i+1], mode: 0o755}
			}
		}
	}
	var sorted []file
	for _, f := range all {
		sorted = append(sorted, f)
	}
	slices.SortFunc(sorted, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return sorted
}

// gzipped has no name and no time in its header.
func gzipped(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// zipFile is the same for Windows, where files lie in a folder of that name, too.
func zipFile(folder string, files []file, mtime time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range withFolders(folder+"/", files) {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: mtime.UTC()}
		mode := fs.FileMode(f.mode)
		if strings.HasSuffix(f.name, "/") {
			mode |= fs.ModeDir
		}
		h.SetMode(mode)
		entry, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}
