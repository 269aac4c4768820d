package scripttest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// release is one version of a plugin in a registry of static files. The documents
// are kept as maps, so that what a script changed in them by hand survives the
// next release.
type release struct {
	dir           string // the registry's folder
	folder        string // the plugin's folder in it
	name          string // in the registry's documents
	version       string
	kind          string // external, builtin, ui
	minEngine     string
	urlBase       string // in front of the downloads' paths; relative to the registry where empty
	documents     []string
	noSHA256      bool
	noDownloads   bool
	compatibility []map[string]any
	downloads     []map[string]any
}

// The documents a release may be told by.
const (
	docManifest      = "manifest"
	docVersions      = "versions"
	docCompatibility = "compatibility"
)

// pack makes the packages of one download per platform, called file-OS-ARCH.EXT.
func (r *release) pack(p Package, file string, platforms []string) error {
	if r.noDownloads {
		return nil
	}
	format := or(p.Format, "tar.gz")
	for _, platform := range platforms {
		goos, goarch, ok := strings.Cut(platform, "/")
		if !ok {
			return errors.New("a platform is OS/ARCH, not " + platform)
		}
		name := path.Join("dl", r.folder, "v"+r.version, file+"-"+goos+"-"+goarch+"."+format)
		p.Platform, p.Format = platform, format
		target := filepath.Join(r.dir, filepath.FromSlash(name))
		if err := p.Write(target); err != nil {
			return err
		}
		data, err := os.ReadFile(target)
		if err != nil {
			return err
		}
		d := map[string]any{"os": goos, "arch": goarch, "url": r.urlBase + name}
		if !r.noSHA256 {
			d["sha256"] = hexDigest(data)
		}
		r.downloads = append(r.downloads, d)
	}
	return nil
}

// publish writes the release into the registry's documents.
func (r *release) publish() error {
	write := map[string]func() error{
		docManifest: r.writeManifest, docVersions: r.writeVersions, docCompatibility: r.writeCompatibility,
	}
	for _, d := range r.documents {
		f := write[d]
		if f == nil {
			return errors.New("no document of a registry is called " + d)
		}
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// facts are what all documents say of a release.
func (r *release) facts() map[string]any {
	m := map[string]any{"version": r.version}
	if !r.noDownloads {
		m["downloads"] = r.downloads
	}
	if r.minEngine != "" {
		m["minEngineVersion"] = r.minEngine
	}
	return m
}

// writeManifest replaces the manifest, unless it is of a newer version.
func (r *release) writeManifest() error {
	file := filepath.Join(r.dir, "plugins", r.folder, "manifest.json")
	doc, err := readDocument(file)
	if err != nil {
		return err
	}
	if old, ok := doc["version"].(string); ok && newer(old, r.version) {
		return nil
	}
	doc = r.facts()
	doc["name"], doc["type"] = r.name, r.kind
	doc["author"], doc["description"] = "The Authors", "A plugin made by a test."
	return writeDocument(file, doc)
}

func (r *release) writeVersions() error {
	file := filepath.Join(r.dir, "plugins", r.folder, "versions.json")
	return addVersion(file, map[string]any{"name": r.name}, r.facts())
}

func (r *release) writeCompatibility() error {
	file := filepath.Join(r.dir, "compatibility", r.folder, "index.json")
	facts := r.facts()
	facts["compatibility"] = r.compatibility
	return addVersion(file, map[string]any{"plugin": r.name}, facts)
}

// addVersion puts facts into the list "versions" of a document, newest first, in
// the place of what was there for the same version.
func addVersion(file string, head, facts map[string]any) error {
	doc, err := readDocument(file)
	if err != nil {
		return err
	}
	for k, v := range head {
		doc[k] = v
	}
	list, _ := doc["versions"].([]any)
	version := func(e any) string { s, _ := e.(map[string]any)["version"].(string); return s }
	list = slices.DeleteFunc(list, func(e any) bool { return version(e) == facts["version"] })
	list = append(list, facts)
	slices.SortStableFunc(list, func(a, b any) int {
		if newer(version(a), version(b)) {
			return -1
		}
		return 1
	})
	doc["versions"] = list
	return writeDocument(file, doc)
}

func newer(a, b string) bool {
	va, erra := semver.NewVersion(a)
	vb, errb := semver.NewVersion(b)
	return erra == nil && errb == nil && va.GreaterThan(vb)
}

// readDocument reads a JSON object; one that does not exist is empty.
func readDocument(file string) (map[string]any, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]any{}, nil
	}
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	return doc, json.Unmarshal(data, &doc)
}

func writeDocument(file string, doc any) error {
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}
