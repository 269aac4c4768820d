package installed_test

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

var digest = plugin.Digest("sha256:" + strings.Repeat("a", 64))

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string, mode fs.FileMode) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o600))
	must(t, os.Chmod(path, mode))
}

// directory is a plugin directory that may be changed as a host or a person does.
type directory struct {
	t testing.TB
	installed.State
}

func newDirectory(t testing.TB) directory {
	t.Helper()
	return directory{t: t, State: installed.State{Dir: t.TempDir()}}
}

func (d directory) path(name string) string { return filepath.Join(d.Dir, filepath.FromSlash(name)) }

// install puts a plugin there, with its record: plugin.json, an executable, a file in
// a folder and an empty folder.
func (d directory) install(name plugin.Name) {
	d.t.Helper()
	root := d.Plugin(name)
	write(d.t, filepath.Join(root, "plugin.json"), `{"name":"`+string(name)+`","version":"1.0.0"}`, 0o644)
	write(d.t, filepath.Join(root, string(name)), "#!/bin/sh\n", 0o755)
	write(d.t, filepath.Join(root, "docs", "a.txt"), "one", 0o644)
	must(d.t, os.MkdirAll(filepath.Join(root, "empty"), 0o755))
	d.record(name)
}

// record writes the record of what lies there, a while after it was written.
func (d directory) record(name plugin.Name) {
	d.t.Helper()
	d.writeRecord(d.recordOf(name))
	d.recordedAt(name, time.Now().Add(time.Hour))
}

func (d directory) recordOf(name plugin.Name) *installed.Record {
	d.t.Helper()
	r := &installed.Record{
		FormatVersion: installed.RecordVersion, Name: name, Version: plugin.MustVersion("1.0.0"),
		Source: "acme/" + string(name), Digest: digest,
	}
	root := d.Plugin(name)
	must(d.t, filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		rel, err := filepath.Rel(root, p)
		must(d.t, err)
		f := installed.File{Path: filepath.ToSlash(rel), Dir: e.IsDir()}
		if !f.Dir {
			info, err := e.Info()
			must(d.t, err)
			data, err := os.ReadFile(p)
			must(d.t, err)
			f.Exec, f.Size, f.SHA256, f.Stat = info.Mode()&0o111 != 0, info.Size(), sha256.Sum256(data), installed.StatOf(info)
		}
		r.Files = append(r.Files, f)
		return nil
	}))
	slices.SortFunc(r.Files, func(a, b installed.File) int { return strings.Compare(a.Path, b.Path) })
	return r
}

func (d directory) writeRecord(r *installed.Record) {
	d.t.Helper()
	data, err := r.Encode()
	must(d.t, err)
	write(d.t, d.Record(r.Name), string(data), 0o644)
}

// recordedAt makes a record as old as given.
func (d directory) recordedAt(name plugin.Name, at time.Time) {
	d.t.Helper()
	must(d.t, os.Chtimes(d.Record(name), at, at))
}

func (d directory) scan(o installed.Options) *installed.Snapshot {
	d.t.Helper()
	snap, err := installed.Scan(d.t.Context(), d.Dir, o)
	must(d.t, err)
	return snap
}

// drift scans, and lists the drift of authz.
func (d directory) drift(o installed.Options) []string {
	d.t.Helper()
	p, ok := d.scan(o).Plugin("authz")
	if !ok || p.Record == nil {
		d.t.Fatalf("authz is not found: %+v", p)
	}
	var texts []string
	for _, x := range p.Drift {
		texts = append(texts, x.String())
	}
	return texts
}

func keep(patterns ...string) installed.Options {
	return installed.Options{Wanted: map[plugin.Name][]string{"authz": patterns}}
}

// needsModes skips where anybody, or whoever runs this, may read everything.
func needsModes(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("who runs this may read everything")
	}
}
