package wfctl

import (
	"cmp"
	"errors"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/plugins-hcl/plugins/plugin"
)

// GoCodeAlone is the address of the registry that wfctl asks unless it is told
// otherwise.
const GoCodeAlone = "https://gocodealone.github.io/workflow-registry/v1"

// registries reads those of a .wfctl.yaml. As with wfctl, a file without "registries:"
// says nothing about them.
func (s *Setup) registries(path string) error {
	d, err := readDocument(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	top, err := d.mapping(d.root, "the file")
	if err != nil {
		return err
	}
	value, ok := top.values["registries"]
	if !ok {
		return nil
	}
	s.Configured = true
	items, err := d.list(value, `"registries"`)
	if err != nil {
		return err
	}
	type ranked struct {
		Registry
		priority int
	}
	var all []ranked
	for _, item := range items {
		r, priority, err := s.registry(d, item)
		if err != nil {
			return err
		}
		if r.URL != "" {
			all = append(all, ranked{r, priority})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.priority, b.priority) })
	for _, r := range all {
		if !slices.ContainsFunc(s.Registries, func(o Registry) bool { return o.URL == r.URL }) {
			s.Registries = append(s.Registries, r.Registry)
		}
	}
	if n := top.key("compatibility"); n != nil {
		s.note(d.pos(n), `"compatibility" is left out: what is known to fail with the host that a host block declares is never chosen`)
	}
	return nil
}

// registry reads one; without URL it cannot be used, and is noted.
func (s *Setup) registry(d *document, item *yaml.Node) (r Registry, priority int, err error) {
	m, err := d.mapping(item, "a registry")
	if err != nil {
		return r, 0, err
	}
	r.Pos = d.pos(item)
	var kind, owner, repo, branch, address, token, rank string
	err = d.texts(m, map[string]*string{
		"name": &r.Name, "type": &kind, "owner": &owner, "repo": &repo, "branch": &branch,
		"url": &address, "token": &token, "priority": &rank,
	})
	if err != nil {
		return r, 0, err
	}
	if rank != "" {
		if priority, err = strconv.Atoi(rank); err != nil {
			return r, 0, d.fail(m.values["priority"], `"priority" must be a whole number`)
		}
	}
	r.HasToken, r.TokenEnv = token != "", fromEnv(token)
	switch cmp.Or(kind, "github") {
	case "github":
		r.URL = s.raw(r, owner, repo, cmp.Or(branch, "main"))
	case "static":
		r.URL = s.static(r, address)
	default:
		s.note(r.Pos, "registry %q is left out: its type is neither github nor static, and wfctl skips it, too", r.Name)
	}
	return r, priority, nil
}

var token = regexp.MustCompile(`^\$(?:([A-Z][A-Z0-9_]*)|\{([A-Z][A-Z0-9_]*)\})$`)

// fromEnv is the variable that a token names in place of itself; "" if it does not.
func fromEnv(s string) string {
	if m := token.FindStringSubmatch(s); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// raw is the address of the files of a repository. GoCodeAlone's registry is taken from
// where it is published: there it tells of all versions, its repository of the newest.
func (s *Setup) raw(r Registry, owner, repo, branch string) string {
	switch {
	case gitHub("github.com/"+owner+"/"+repo) == "" || strings.ContainsAny(branch, " \t\r\n?#%\\"):
		s.note(r.Pos, `registry %q is left out: "owner", "repo" and "branch" name no repository at GitHub`, r.Name)
		return ""
	case strings.EqualFold(owner+"/"+repo, "GoCodeAlone/workflow-registry") && branch == "main":
		return GoCodeAlone
	}
	return "https://raw.githubusercontent.com/" + owner + "/" + repo + "/" + branch
}

// static is the address of a registry of static files, without what may be secret.
func (s *Setup) static(r Registry, address string) string {
	u, err := url.Parse(address)
	scheme := ""
	if err == nil {
		scheme = strings.ToLower(u.Scheme)
	}
	switch {
	case address == "":
		s.note(r.Pos, `registry %q is left out: it has no "url", and wfctl skips it, too`, r.Name)
		return ""
	case err != nil || !slices.Contains([]string{"", "http", "https", "file"}, scheme) || u.Host == "" && strings.HasPrefix(scheme, "http"):
		s.note(r.Pos, `registry %q is left out: its "url", %q, is none`, r.Name, plugin.RedactURL(address))
		return ""
	case scheme == "":
		return address // a path
	}
	if u.User != nil {
		s.note(r.Pos, `registry %q: the user and password in its "url" are left out; put them into your .netrc`, r.Name)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		s.note(r.Pos, `registry %q: what follows the path in its "url" is left out: paths are appended to it`, r.Name)
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return strings.TrimRight(u.String(), "/")
}
