package project

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/wfctl"
	"github.com/plugins-hcl/plugins/plugin"
)

// moving is a project on its way in: what is known of it, until it is a configuration.
type moving struct {
	project   *Project
	dir       string // the configuration's folder
	from      string // what it is read from; "": nothing
	installed bool   // that is a plugin directory
	pluginDir string // as the configuration will say it

	setup      *wfctl.Setup
	registries []config.DraftRegistry
	sources    []string // of setup.Plugins, in that order; "" for the first registry
	notes      []Note
}

func (m *moving) note(pos plugin.Pos, format string, args ...any) {
	m.notes = append(m.notes, Note{pos, fmt.Sprintf(format, args...)})
}

// goCodeAlone is the registry that wfctl asks where nobody says otherwise.
func goCodeAlone() config.DraftRegistry {
	return config.DraftRegistry{Name: "gocodealone", URL: wfctl.GoCodeAlone}
}

// nameRegistries gives each registry a name that a configuration can have.
func (m *moving) nameRegistries() {
	for _, n := range m.setup.Notes {
		m.note(n.Pos, "%s", n.Text)
	}
	taken := map[string]bool{"github.com": true}
	for i, r := range m.setup.Registries {
		name := registryName(r.Name)
		if name == "" || taken[name] {
			name = fmt.Sprintf("registry%d", i+1)
		}
		for taken[name] {
			name += "x"
		}
		taken[name] = true
		if name != r.Name {
			m.note(r.Pos, "registry %q is called %q", r.Name, name)
		}
		d := config.DraftRegistry{Name: name, URL: m.registryURL(r.URL), TokenEnv: r.TokenEnv}
		if r.HasToken && d.TokenEnv == "" {
			d.TokenEnv = variableName(name) + "_TOKEN"
			m.note(r.Pos, "the token of registry %q was not written down: put it into the variable %s", name, d.TokenEnv)
		}
		m.registries = append(m.registries, d)
	}
	if len(m.registries) == 0 {
		if m.setup.Configured {
			m.note(plugin.Pos{}, "none of the registries can be used: GoCodeAlone's stands in for them")
		}
		m.registries = []config.DraftRegistry{goCodeAlone()}
	}
}

// registryURL is where a registry is; a path is seen from the configuration's folder.
func (m *moving) registryURL(address string) string {
	if strings.Contains(address, "://") || filepath.IsAbs(address) {
		return address
	}
	rel, err := m.relative(filepath.Join(filepath.Dir(m.from), address))
	if err != nil || filepath.IsAbs(rel) {
		return address
	}
	return "./" + strings.TrimPrefix(rel, "./")
}

// registryName makes a name of what a registry is called; "" where nothing is left.
func registryName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	name, err := plugin.ParseName(strings.Trim(s, "._-"))
	if err != nil {
		return ""
	}
	return string(name)
}

// variableName is a registry's name as a part of a variable's.
func variableName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '.' || r == '-' {
			return '_'
		}
		return r
	}, strings.ToUpper(s))
	if s[0] >= '0' && s[0] <= '9' {
		s = "REGISTRY_" + s
	}
	return s
}

// remark tells of installed folders that no plugin will take over.
func (m *moving) remark() {
	abs := m.pluginDir
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(m.dir, filepath.FromSlash(abs))
	}
	for _, p := range m.setup.Plugins {
		long := plugin.LongName(string(p.Name))
		declared := slices.ContainsFunc(m.setup.Plugins, func(o wfctl.Plugin) bool { return string(o.Name) == long })
		switch {
		case long == string(p.Name):
			continue
		case declared:
			m.note(p.Pos, "%q and %q are one plugin: remove one of the two blocks, and then its folder", p.Name, long)
			continue
		}
		if _, err := os.Lstat(filepath.Join(abs, long)); err == nil {
			m.note(plugin.Pos{File: filepath.Join(abs, long)},
				"it stays beside %q, which replaces it, as an unmanaged folder: remove it once that is installed", p.Name)
		}
	}
}

// draft is the configuration.
func (m *moving) draft() config.Draft {
	d := config.Draft{Comment: m.header(), PluginDir: m.pluginDir, Registries: m.registries}
	for i, p := range m.setup.Plugins {
		out := config.DraftPlugin{Name: p.Name, Source: m.sources[i]}
		out.Version, out.Why = m.version(p)
		d.Plugins = append(d.Plugins, out)
		d.Credentials = m.credential(d.Credentials, p)
	}
	return d
}

func (m *moving) header() []string {
	lines := []string{
		`What is to be in the plugin directory. "plugins lock" pins it, "plugins plan" shows what`,
		`would change, and "plugins apply" does it.`,
	}
	if m.from != "" {
		lines = append(lines, "",
			fmt.Sprintf("Moved in from %s. The versions are those that were there, so that nothing is", filepath.ToSlash(filepath.Base(m.from))),
			`upgraded on the way. To loosen one: "~> 0.6" is >= 0.6, < 1; then "plugins lock --upgrade".`)
	}
	return lines
}

// version is the constraint of a plugin, and what is to be said of it: the version that
// somebody pinned, else the one that is locked or installed.
func (m *moving) version(p wfctl.Plugin) (constraint, why string) {
	exact, exactErr := plugin.ParseVersion(p.Version)
	locked, lockedErr := plugin.ParseVersion(p.Locked)
	switch {
	case p.Version != "" && exactErr == nil:
		if lockedErr == nil && !locked.Equal(exact) {
			m.note(p.Pos, "plugin %q: %s is locked, but %s demands %s, which counts", p.Name, locked, filepath.Base(m.from), exact)
		}
		return exact.String(), ""
	case lockedErr == nil && p.Version != "":
		return locked.String(), fmt.Sprintf("%q was demanded; this one was locked.", p.Version)
	case p.Version != "":
		m.note(p.Pos, "plugin %q: it has no locked version: lock chooses the newest that %q allows", p.Name, p.Version)
		return p.Version, ""
	case lockedErr == nil && !m.installed:
		return locked.String(), "Any was demanded; this one was locked."
	case lockedErr == nil:
		return locked.String(), ""
	case p.Locked != "":
		m.note(p.Pos, "plugin %q: its version is not one: lock chooses the newest", p.Name)
		return "", ""
	}
	m.note(p.Pos, "plugin %q: nothing tells its version: lock chooses the newest", p.Name)
	return "", ""
}

// credential adds the variable that holds a plugin's token for GitHub.
func (m *moving) credential(all []config.DraftCredential, p wfctl.Plugin) []config.DraftCredential {
	usual := []string{"", "GH_TOKEN", "GITHUB_TOKEN", "RELEASES_TOKEN"}
	if slices.Contains(usual, p.TokenEnv) || len(all) > 0 && all[0].TokenEnv == p.TokenEnv {
		return all
	}
	if len(all) > 0 {
		m.note(p.Pos, "plugin %q: its token is in %s, but one host has one token here, and that of github.com is in %s",
			p.Name, p.TokenEnv, all[0].TokenEnv)
		return all
	}
	// The packages of a private repository are had through the API.
	return append(all,
		config.DraftCredential{Host: "github.com", TokenEnv: p.TokenEnv},
		config.DraftCredential{Host: "api.github.com", TokenEnv: p.TokenEnv})
}
