package plugin

// Package is one file, or one local folder, that a plugin can be installed from.
// Exactly one of URL and Path is set; a relative Path is relative to the folder of
// plugins.hcl.
type Package struct {
	Platform Platform
	URL      string
	Path     string
	Digest   Digest // "" where nobody publishes it
}

// Location is the URL or the path.
func (p Package) Location() string { return p.URL + p.Path }

// Shown is [Package.Location] as it may be shown.
func (p Package) Shown() string { return RedactURL(p.URL) + p.Path }
