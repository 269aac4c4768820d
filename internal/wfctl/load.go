package wfctl

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/plugins-hcl/plugins/plugin"
)

// The names of wfctl's files.
const (
	LockFile   = ".wfctl-lock.yaml"
	ConfigFile = ".wfctl.yaml"
)

// Load reads the wfctl.yaml at path, or another of wfctl's files that lists plugins,
// with the lock file and the registries beside it. The error is an [*Error] or one of
// the file system.
func Load(path string) (*Setup, error) {
	main, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	s := &Setup{}
	top, err := main.mapping(main.root, "the file")
	if err != nil {
		return nil, err
	}
	listed := of(top.values["plugins"])
	if _, ok := top.values["plugins"]; !ok {
		return nil, main.fail(nil, `it lists no plugins: there is no "plugins:" in it`)
	}
	dir := filepath.Dir(path)
	if listed != nil && listed.Kind == yaml.MappingNode { // a lock file, of either form
		locked, err := readLocked(main)
		if err != nil {
			return nil, err
		}
		s.Plugins = locked.plugins
		for i, p := range s.Plugins {
			if _, err := plugin.ParseVersion(p.Locked); err == nil {
				s.Plugins[i].Version = p.Locked // nobody says more
			}
		}
	} else if err := s.manifest(main, top, dir); err != nil {
		return nil, err
	}
	if err := s.unique(); err != nil {
		return nil, err
	}
	return s, s.registries(filepath.Join(dir, ConfigFile))
}

// manifest reads a wfctl.yaml, and what is locked of it.
func (s *Setup) manifest(d *document, top *mapping, dir string) error {
	items, err := d.list(top.values["plugins"], `"plugins"`)
	if err != nil {
		return err
	}
	for _, key := range top.keys {
		if key != "plugins" && key != "version" {
			s.note(d.pos(top.key(key)), "%q has no counterpart here, and is left out", key)
		}
	}
	for _, item := range items {
		p, err := s.entry(d, item)
		if err != nil {
			return err
		}
		s.Plugins = append(s.Plugins, p)
	}
	locked, err := besides(dir)
	if err != nil || locked == nil {
		return err
	}
	for i := range s.Plugins {
		s.addLocked(&s.Plugins[i], locked)
	}
	for _, p := range locked.plugins {
		if !slices.ContainsFunc(s.Plugins, func(o Plugin) bool { return o.Name == p.Name }) {
			s.note(p.Pos, "plugin %q is locked, but %s does not list it: it is left out", p.Name, filepath.Base(d.file))
		}
	}
	return nil
}

// entry reads one plugin of a wfctl.yaml.
func (s *Setup) entry(d *document, item *yaml.Node) (Plugin, error) {
	m, err := d.mapping(item, "a plugin")
	if err != nil {
		return Plugin{}, err
	}
	var name, version, source string
	if err := d.texts(m, map[string]*string{"name": &name, "version": &version, "source": &source}); err != nil {
		return Plugin{}, err
	}
	p, err := named(name, d.pos(item))
	if err != nil {
		return p, err
	}
	p.Version = wanted(version)
	if _, err := plugin.ParseConstraint(p.Version); err != nil {
		return p, d.fail(m.key("version"), "plugin %q: %w", p.Name, err)
	}
	if p.Repository == "" {
		p.Repository = s.repository(source, p, m.key("source"), d)
	}
	p.addRepositoryName()
	if p.TokenEnv, err = s.tokenEnv(d, m, p); err != nil {
		return p, err
	}
	for _, key := range m.keys {
		switch key {
		case "name", "version", "source", "auth":
		case "verify":
			s.note(d.pos(m.key(key)), "plugin %q: \"verify\" (a signature of sigstore) is left out; a verify block can name a minisign key or a command", p.Name)
		default:
			s.note(d.pos(m.key(key)), "plugin %q: %q has no counterpart here, and is left out", p.Name, key)
		}
	}
	return p, nil
}

// named is the plugin that wfctl means by a name: OWNER/REPOSITORY is one at GitHub.
func named(name string, pos plugin.Pos) (Plugin, error) {
	p := Plugin{Pos: pos}
	folder := name
	if p.Repository = gitHub("github.com/" + name); p.Repository != "" {
		_, repository, _ := strings.Cut(p.Repository, "/")
		folder = strings.ToLower(repository)
	} else {
		p.Names = []string{name}
	}
	var err error
	if p.Name, err = plugin.ParseName(plugin.ShortName(folder)); err != nil {
		return p, &Error{pos, err}
	}
	return p, nil
}

// addRepositoryName lets a registry also know the plugin by its repository's name.
func (p *Plugin) addRepositoryName() {
	_, name, _ := strings.Cut(p.Repository, "/")
	if name = strings.ToLower(name); plugin.SameName(name, string(p.Name)) && !slices.Contains(p.Names, name) {
		p.Names = append(p.Names, name)
	}
	if len(p.Names) == 0 {
		p.Names = []string{string(p.Name)}
	}
}

// wanted is a version as wfctl demands it; "" for the newest.
func wanted(version string) string {
	if version = strings.TrimSpace(version); version == "latest" {
		return ""
	}
	return version
}

func (s *Setup) repository(source string, p Plugin, n *yaml.Node, d *document) string {
	repository := gitHub(source)
	if source != "" && repository == "" {
		s.note(d.pos(n), "plugin %q: its source, %q, is left out: with wfctl, too, it comes from a registry, whatever that says",
			p.Name, plugin.RedactURL(source))
	}
	return repository
}

// variable is how the name of an environment variable is written that is surely no
// token that somebody put in its place.
var variable = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

func (s *Setup) tokenEnv(d *document, m *mapping, p Plugin) (string, error) {
	auth, err := d.mapping(m.values["auth"], `"auth"`)
	if err != nil {
		return "", err
	}
	name, err := d.text(auth, "env")
	if err == nil && name != "" && !variable.MatchString(name) {
		s.note(d.pos(auth.key("env")), "plugin %q: \"auth.env\" does not look like the name of a variable, and is left out", p.Name)
		return "", nil
	}
	return name, err
}

// locks are the plugins of a lock file.
type locks struct {
	file    string
	plugins []Plugin
}

// besides reads the lock file in dir. Before wfctl had one, .wfctl.yaml was it, and is
// still read. nil: neither locks anything.
func besides(dir string) (*locks, error) {
	for _, name := range []string{LockFile, ConfigFile} {
		d, err := readDocument(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return readLocked(d)
	}
	return nil, nil
}

// readLocked reads a lock file of either form: the older one says "repository" for
// "source", and from which registry a plugin came.
func readLocked(d *document) (*locks, error) {
	top, err := d.mapping(d.root, "the file")
	if err != nil {
		return nil, err
	}
	plugins, err := d.mapping(top.values["plugins"], `"plugins"`)
	if err != nil {
		return nil, err
	}
	out := &locks{file: filepath.Base(d.file)}
	for i, key := range plugins.keys {
		entry, err := d.mapping(plugins.values[key], "a locked plugin")
		if err != nil {
			return nil, err
		}
		var version, source, repository, registry string
		err = d.texts(entry, map[string]*string{
			"version": &version, "source": &source, "repository": &repository, "registry": &registry,
		})
		if err != nil {
			return nil, err
		}
		p, err := named(key, d.pos(plugins.nodes[i]))
		if err != nil {
			return nil, err
		}
		p.Locked, p.Registry = wanted(version), registry
		p.Repository = cmp.Or(p.Repository, gitHub(source), gitHub(repository))
		p.addRepositoryName()
		out.plugins = append(out.plugins, p)
	}
	return out, nil
}

// addLocked adds to a plugin what is locked of it. Where the two disagree, wfctl.yaml
// counts, as it does for wfctl, which then locks anew.
func (s *Setup) addLocked(p *Plugin, l *locks) {
	i := slices.IndexFunc(l.plugins, func(o Plugin) bool { return o.Name == p.Name })
	if i < 0 {
		return
	}
	o := l.plugins[i]
	p.Locked, p.Registry = o.Locked, o.Registry
	if p.Repository == "" {
		p.Repository = o.Repository
		p.addRepositoryName()
	}
}

var gitHubRepository = regexp.MustCompile(
	`^(?:(?:https?|git|ssh)://(?:git@)?(?:www\.)?github\.com/|git@github\.com:|github\.com/)([A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*?)(?:\.git)?/?(?:@[A-Za-z0-9._+-]+)?$`)

// gitHub is OWNER/REPOSITORY of a source or an address at GitHub; "" if it is none.
func gitHub(s string) string {
	if m := gitHubRepository.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}
