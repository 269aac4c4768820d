package project

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// Wanted is a plugin as a person names it on a command line.
type Wanted struct {
	Name    plugin.Name // "": what the source calls it
	Source  string      // as a configuration writes it; "": the first registry's plugin of that name
	Version string      // a constraint; "": none
	Dir     string      // what a relative path is seen from; "": the working directory
}

// ParseWanted reads NAME, REGISTRY/PLUGIN, github.com/OWNER/REPOSITORY, oci://…, an
// address or a path; a constraint may follow behind an "@", but for a path, which has
// the version that its plugin.json says. "@latest" is no constraint.
func ParseWanted(text string) (Wanted, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Wanted{}, errors.New("it names no plugin")
	}
	w := Wanted{Source: text}
	if kind, err := (&config.File{}).KindOf(text); err == nil && kind.Local() {
		return w, nil
	}
	if i := strings.LastIndexByte(text, '@'); i > strings.LastIndexByte(text, '/') && i > 0 {
		w.Source, w.Version = text[:i], strings.TrimSpace(text[i+1:])
		if w.Version == "" {
			return Wanted{}, fmt.Errorf("%q has no version behind its @", text)
		}
	}
	if w.Version == "latest" {
		w.Version = ""
	}
	c, err := plugin.ParseConstraint(w.Version)
	if err != nil {
		return Wanted{}, err
	}
	w.Version = c.String()
	if m := gitHubPage.FindStringSubmatch(w.Source); m != nil {
		w.Source = "github.com/" + m[1]
	}
	if !strings.Contains(w.Source, "/") {
		w.Name, err = plugin.ParseName(w.Source)
		w.Source = ""
		return w, err
	}
	return w, nil
}

// gitHubPage is how a browser or git names a repository there.
var gitHubPage = regexp.MustCompile(`^https://github\.com/([^/?#]+/[^/?#]+?)(?:\.git)?/?$`)

// source is the source of w as this configuration writes it: a relative path is relative
// to its folder, and has slashes.
func (p *Project) source(w Wanted) (string, error) {
	kind, err := p.Config.KindOf(w.Source)
	if err != nil || !kind.Local() || strings.Contains(w.Source, "://") || strings.HasPrefix(w.Source, "~") {
		return w.Source, nil
	}
	if filepath.IsAbs(w.Source) {
		return filepath.ToSlash(w.Source), nil
	}
	abs, err := filepath.Abs(filepath.Join(w.Dir, w.Source))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(p.Config.Dir, abs)
	if err != nil {
		return filepath.ToSlash(abs), nil // on another drive
	}
	if rel = filepath.ToSlash(rel); rel != ".." && !strings.HasPrefix(rel, "../") {
		rel = "./" + rel
	}
	return rel, nil
}

// nameOf is what a source calls its plugin, where its address tells.
func nameOf(source string) string {
	return plugin.ShortName(strings.ToLower(path.Base(source)))
}
