package source

import (
	"context"
	"encoding/json"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// About is what a source says of a plugin for people to read. All of it is somebody's
// own words: bounded, but not made fit for a terminal.
type About struct {
	Description, Author, License string
	Homepage, Repository         string
	Type, Tier, Status, Category string
	Keywords                     []string
	Capabilities                 []Capability
	Newest                       plugin.Version // that the words are about
	Builtin                      bool           // it is part of the host: there is nothing to install
}

// Describer is a source that tells more of a plugin than its versions.
type Describer interface {
	Source
	About(ctx context.Context) (*About, error)
}

// About is what the registry's manifest says, of builtin plugins, too.
func (r *registry) About(ctx context.Context) (*About, error) {
	r.once.Do(func() { r.docs, r.err = r.load(ctx) })
	if r.err != nil {
		return nil, r.err
	}
	return about(r.docs.raw), nil
}

// About is what the plugin.json of a folder says.
func (l *local) About(context.Context) (*About, error) {
	pkgs, err := l.packages()
	if err != nil {
		return nil, err
	}
	abs := l.set.Abs(l.set.sample(pkgs).Path)
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		return &About{}, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := plugin.ReadManifestBytes(root, plugin.DefaultLimits().Manifest)
	if err != nil {
		return nil, err
	}
	return about(data), nil
}

func about(manifest []byte) *About {
	var l lenient
	_ = json.Unmarshal(manifest, &l) // nothing of what is no object is there
	return &About{
		Description: l.text("description"), Author: l.text("author"), License: l.text("license"),
		Homepage: l.text("homepage"), Repository: l.text("repository"),
		Type: l.text("type"), Tier: l.text("tier"), Status: l.text("status"), Category: l.text("category"),
		Keywords: l.texts("keywords"), Capabilities: l.capabilities("capabilities"),
		Newest: l.version("version"), Builtin: l.text("type") == "builtin",
	}
}
