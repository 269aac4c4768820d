package config

import (
	"crypto/x509"
	"io"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// DefaultPluginDir is the plugin directory of a file that names none.
const DefaultPluginDir = "plugins"

// File is a configuration that was read and found valid.
type File struct {
	Path string // as it was given
	Dir  string // absolute; what relative paths are relative to

	Digest plugin.Digest // of its text

	RequiredVersion plugin.Constraint   // of this program
	PluginDir       string              // "~" expanded, not joined with Dir: see [File.Abs]
	Platforms       []plugin.Platform   // sorted, each once; nil where none are given
	Registries      []plugin.Registry   // in the order written
	Mirrors         []plugin.Mirror     // the user's first; several of one prefix are asked in this order
	Credentials     []plugin.Credential // the user's first; each host once
	Hosts           []Host              // in the order written
	Plugins         []plugin.Requirement

	CertificateAuthorities []*x509.Certificate // trusted besides the system's: the user's own file says so

	Policy   plugin.Policy
	GitHub   []plugin.GitHub // in the order written
	OnChange *OnChange       // nil: none
	Health   *Health         // nil: none

	Warnings hcl.Diagnostics

	home  string
	shown map[string]*hcl.File // what the warnings are about
}

// Registry returns the registry of that name.
func (f *File) Registry(name string) (plugin.Registry, bool) {
	for _, r := range f.Registries {
		if r.Name == name {
			return r, true
		}
	}
	return plugin.Registry{}, false
}

// Plugin returns the plugin of that name.
func (f *File) Plugin(name plugin.Name) (plugin.Requirement, bool) {
	for _, p := range f.Plugins {
		if p.Name == name {
			return p, true
		}
	}
	return plugin.Requirement{}, false
}

// Host is a program that loads the plugins.
type Host struct {
	Name    string
	Version plugin.Version
	Pos     plugin.Pos
}

// Host returns the declared host of that name.
func (f *File) Host(name string) (Host, bool) {
	for _, h := range f.Hosts {
		if h.Name == name {
			return h, true
		}
	}
	return Host{}, false
}

// WriteWarnings renders the warnings with the lines they are about, wrapped at
// width columns (0: not wrapped). It writes nothing if there are none.
func (f *File) WriteWarnings(w io.Writer, width uint, color bool) error {
	return hcl.NewDiagnosticTextWriter(w, f.shown, width, color).WriteDiagnostics(f.Warnings)
}

// Abs is the absolute path that a path of this file stands for: "~" is the home
// directory, a file URL is its path, and what is relative is relative to Dir.
func (f *File) Abs(path string) string {
	return absolute(path, f.Dir, f.home)
}
