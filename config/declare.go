package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// KindOf tells the kind of a source from how it is written.
func (f *File) KindOf(source string) (plugin.SourceKind, error) {
	return (&decoder{file: f}).classify(source)
}

// Declare is what a plugin block would say, were it in the file. The block is not: a
// plugin of that name may well be declared otherwise. One that says nothing valid is an
// [*InvalidPluginError].
func (f *File) Declare(p NewPlugin) (plugin.Requirement, error) {
	var b strings.Builder
	for i, platform := range f.Platforms {
		if i == 0 {
			b.WriteString("platforms = [")
		}
		fmt.Fprintf(&b, "%s,", quote(platform.String()))
		if i == len(f.Platforms)-1 {
			b.WriteString("]\n")
		}
	}
	for _, r := range f.Registries {
		fmt.Fprintf(&b, "registry %s {\n  url = %s\n}\n", quote(r.Name), quote(r.URL))
	}
	for _, g := range f.GitHub {
		fmt.Fprintf(&b, "github %s {}\n", quote(g.Host))
	}
	b.WriteString(p.text())
	parsed, err := Parse([]byte(b.String()), filepath.Join(f.Dir, "plugins.hcl"), Options{Home: f.home})
	if err != nil {
		return plugin.Requirement{}, invalidPlugin(p, err)
	}
	r, _ := parsed.Plugin(p.Name)
	if registry, ok := f.Registry(r.Source.Registry); ok {
		r.Verify = registry.Verify
	}
	r.Pos = plugin.Pos{}
	return r, nil
}

// InvalidPluginError says what is wrong with a plugin block that is not written yet.
type InvalidPluginError struct {
	Plugin NewPlugin
	Why    string // a sentence
}

func (e *InvalidPluginError) Error() string {
	if e.Plugin.Source != "" {
		return fmt.Sprintf("%s cannot be declared as a source: %s", plugin.Redact(e.Plugin.Source), e.Why)
	}
	return fmt.Sprintf("plugin %q cannot be declared: %s", e.Plugin.Name, e.Why)
}

// invalidPlugin leaves out where things stand: that is in no file.
func invalidPlugin(p NewPlugin, err error) error {
	var diags *DiagnosticsError
	if !errors.As(err, &diags) {
		return err
	}
	var why []string
	for _, d := range diags.Diags {
		if d.Detail != "" {
			why = append(why, d.Detail)
		} else {
			why = append(why, d.Summary+".")
		}
	}
	return &InvalidPluginError{Plugin: p, Why: strings.Join(why, " ")}
}
