package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// Index is what a registry's index.json lists.
type Index struct {
	Registry   string
	Entries    []Entry // sorted by name, each name once
	Unreadable int     // entries that are none
}

// Entry is a plugin of an index. Its words are somebody's own: see [About].
type Entry struct {
	Name        plugin.Name
	Version     plugin.Version // the newest; zero: not told
	Description string
	Type, Tier  string
	Keywords    []string
}

// NoIndexError says that a registry has no index.json: its plugins cannot be listed. It
// is [fs.ErrNotExist].
type NoIndexError struct {
	Registry string
	URL      string
}

func (e *NoIndexError) Error() string {
	return fmt.Sprintf("registry %q has no index, so its plugins cannot be listed (%s)", e.Registry, plugin.RedactURL(e.URL))
}

// Is makes it [fs.ErrNotExist].
func (e *NoIndexError) Is(target error) bool { return target == fs.ErrNotExist }

// Index lists the plugins of a registry. An entry that cannot be read is counted, and
// the others are listed.
func (s *Set) Index(ctx context.Context, name string) (*Index, error) {
	src, err := newRegistry(s, plugin.Requirement{Source: plugin.SourceSpec{Registry: name}})
	if err != nil {
		return nil, err
	}
	r := src.(*registry)
	var raw json.RawMessage
	_, err = r.document(ctx, "index.json", &raw)
	if err != nil && ignoreMissing(err) == nil {
		return nil, &NoIndexError{Registry: name, URL: r.base + "/index.json"}
	}
	if err != nil {
		return nil, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, &DocumentError{URL: r.base + "/index.json", Err: errors.New("it is not a list of plugins")}
	}
	return indexOf(name, items), nil
}

func indexOf(registry string, items []json.RawMessage) *Index {
	index := &Index{Registry: registry}
	seen := map[plugin.Name]bool{}
	for _, item := range items {
		var l lenient
		if json.Unmarshal(item, &l) != nil {
			index.Unreadable++
			continue
		}
		name, err := plugin.ParseName(l.text("name"))
		if err != nil || seen[name] {
			index.Unreadable++
			continue
		}
		seen[name] = true
		index.Entries = append(index.Entries, Entry{
			Name: name, Version: l.version("version"), Description: l.text("description"),
			Type: l.text("type"), Tier: l.text("tier"), Keywords: l.texts("keywords"),
		})
	}
	slices.SortFunc(index.Entries, func(a, b Entry) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return index
}
