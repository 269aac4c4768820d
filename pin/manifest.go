package pin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// ChangedManifestError says that a registry's manifest of a locked version, which the
// lock pins, says something else now. It is [plugin.ErrRefused].
type ChangedManifestError struct {
	Version plugin.Version
	Changes []string // by key: "~ author: \"a\" → \"b\"", "+ license: \"MIT\"", "- tier: \"core\""
}

func (e *ChangedManifestError) Error() string {
	return fmt.Sprintf("version %s is locked, and what the registry's manifest says of it has changed:\n  %s",
		e.Version, strings.Join(e.Changes, "\n  "))
}

// Is makes it [plugin.ErrRefused].
func (e *ChangedManifestError) Is(target error) bool { return target == plugin.ErrRefused }

// manifest is the plugin.json to lock, where the registry's counts. What is locked of
// a version stays; the registry must not say anything else of that version.
func (p *pinner) manifest(rel *source.Release) (string, error) {
	if p.r.Manifest != plugin.ManifestFromRegistry {
		return "", nil
	}
	if !p.sameVersion() || p.previous.Manifest == "" {
		switch {
		case rel.Manifest == nil && p.gone != nil:
			return "", p.lacks("the registry's manifest")
		case rel.Manifest == nil:
			return "", errors.New(`manifest = "registry" needs a plugin that comes from a registry`)
		}
		return string(rel.Manifest), nil
	}
	if rel.Manifest == nil || !rel.ManifestOf.Equal(p.choice.Version) {
		return p.previous.Manifest, nil
	}
	changes, err := manifestChanges([]byte(p.previous.Manifest), rel.Manifest)
	if err == nil && len(changes) > 0 {
		err = &ChangedManifestError{Version: p.choice.Version, Changes: changes}
	}
	return p.previous.Manifest, err
}

// manifestChanges lists by key how the JSON object b differs from a; how they are
// laid out does not matter.
func manifestChanges(a, b []byte) ([]string, error) {
	var objects [2]map[string]any
	for i, data := range [][]byte{a, b} {
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := d.Decode(&objects[i]); err != nil {
			return nil, fmt.Errorf("the manifest of a registry: %w", err)
		}
	}
	return objectChanges("", objects[0], objects[1]), nil
}

func objectChanges(prefix string, a, b map[string]any) []string {
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var changes []string
	for _, key := range keys {
		was, had := a[key]
		now, has := b[key]
		before, ok := was.(map[string]any)
		after, okToo := now.(map[string]any)
		name := prefix + key
		switch {
		case ok && okToo:
			changes = append(changes, objectChanges(name+".", before, after)...)
		case !has:
			changes = append(changes, fmt.Sprintf("- %s: %s", name, shown(was)))
		case !had:
			changes = append(changes, fmt.Sprintf("+ %s: %s", name, shown(now)))
		case !reflect.DeepEqual(was, now):
			changes = append(changes, fmt.Sprintf("~ %s: %s → %s", name, shown(was), shown(now)))
		}
	}
	return changes
}

// shown is a value on one line, cut where it is long.
func shown(v any) string {
	const most = 200
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	text := strings.TrimSpace(b.String())
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
