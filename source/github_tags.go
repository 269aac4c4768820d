package source

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// splitTag finds the version at the end of a tag, and what stands before it: "plugin"
// and 1.2.0 of "plugin/v1.2.0", "plugin-1.2.0" or "plugin@1.2.0". A single number is no
// version: "v1" mostly is a tag that moves along.
func splitTag(tag string) (prefix string, v plugin.Version, ok bool) {
	const separators = "/-@_"
	for start := 0; start < len(tag); start++ {
		if start > 0 && !strings.ContainsRune(separators, rune(tag[start-1])) {
			continue
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(tag[start:], "v"), "V")
		digits := strings.TrimLeft(rest, "0123456789")
		if len(digits) == len(rest) || !strings.HasPrefix(digits, ".") {
			continue
		}
		v, err := plugin.ParseVersion(rest)
		if err != nil {
			continue
		}
		prefix = strings.ToLower(strings.TrimRight(tag[:start], separators))
		if slices.Contains([]string{"v", "ver", "version", "rel", "release", "releases"}, prefix) {
			prefix = ""
		}
		return prefix, v, true
	}
	return "", plugin.Version{}, false
}

// choosePrefix tells which tags are meant: those that the configuration says; the only
// ones; those that start with the plugin's name; those that are a version alone; those
// that start with the repository's name.
func (g *gitHub) choosePrefix(byPrefix map[string][]versioned) (string, error) {
	all := slices.Sorted(maps.Keys(byPrefix))
	unclear := &PrefixError{Repository: g.repo.String(), Plugin: g.r.Name, Wanted: g.prefix, Prefixes: all}
	named := func(name string) (string, bool) {
		name = strings.ToLower(name)
		for _, whole := range []bool{true, false} {
			for _, p := range all {
				if p == name || !whole && p != "" && plugin.SameName(path.Base(p), name) {
					return p, true
				}
			}
		}
		return "", false
	}
	if g.prefix != "" {
		p, ok := named(strings.TrimRight(g.prefix, "/-@_"))
		if !ok && len(all) > 0 {
			return "", unclear
		}
		return p, nil
	}
	if len(all) == 0 {
		return "", nil
	}
	if len(all) == 1 {
		return all[0], nil
	}
	if p, ok := named(string(g.r.Name)); ok {
		return p, nil
	}
	if slices.Contains(all, "") {
		return "", nil
	}
	if p, ok := named(g.repo.Name); ok {
		return p, nil
	}
	return "", unclear
}
