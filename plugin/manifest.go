package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ManifestFile is the name of the manifest in a plugin's folder.
const ManifestFile = "plugin.json"

// Manifest is what this program reads of a plugin.json; a host reads more.
type Manifest struct {
	Name         string       `json:"name"`
	Version      Version      `json:"version"`
	Dependencies []Dependency `json:"dependencies"`
	// Capabilities are what it declares to bring, by kind: "cliCommands" and the like. Their
	// names are as far as they have some; a kind that is there has no names where it says
	// just that.
	Capabilities map[string][]string `json:"-"`
}

// Dependency is a plugin that another one needs. A registry's manifest bounds it
// with MinVersion and MaxVersion, both inclusive; a plugin.json with Constraint.
type Dependency struct {
	Name       string `json:"name"`
	MinVersion string `json:"minVersion,omitempty"`
	MaxVersion string `json:"maxVersion,omitempty"`
	Constraint string `json:"constraint,omitempty"`
}

// Range is the versions that meet the dependency.
func (d Dependency) Range() (Constraint, error) {
	var parts []string
	for _, bound := range []struct{ operator, version string }{{">= ", d.MinVersion}, {"<= ", d.MaxVersion}} {
		if bound.version == "" {
			continue
		}
		v, err := ParseVersion(bound.version)
		if err != nil {
			return Constraint{}, err
		}
		parts = append(parts, bound.operator+v.String())
	}
	if d.Constraint != "" {
		parts = append(parts, d.Constraint)
	}
	return ParseConstraint(strings.Join(parts, ", "))
}

// ParseManifest reads a plugin.json. Its name and version are required; the name
// need not be a [Name], since a lock compares it byte for byte.
func ParseManifest(data []byte) (Manifest, error) {
	// Hosts keep what they like under "dependencies"; only our form of it counts.
	var doc struct {
		Name         string          `json:"name"`
		Version      *string         `json:"version"`
		Dependencies json.RawMessage `json:"dependencies"`
		Capabilities json.RawMessage `json:"capabilities"`
	}
	if err := DecodeJSON(data, &doc); err != nil {
		return Manifest{}, err
	}
	if doc.Name == "" {
		return Manifest{}, errors.New(`it has no "name"`)
	}
	if doc.Version == nil {
		return Manifest{}, errors.New(`it has no "version"`)
	}
	v, err := ParseVersion(*doc.Version)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Name: doc.Name, Version: v}
	if err := json.Unmarshal(doc.Dependencies, &m.Dependencies); err != nil {
		m.Dependencies = nil
	}
	m.Capabilities = capabilities(doc.Capabilities)
	return m, nil
}

// capabilities reads what a manifest declares; what is not of the usual form is not told.
func capabilities(data json.RawMessage) map[string][]string {
	var kinds map[string]json.RawMessage
	if json.Unmarshal(data, &kinds) != nil {
		return nil
	}
	out := map[string][]string{}
	for kind, value := range kinds {
		var list []json.RawMessage
		switch text := strings.TrimSpace(string(value)); {
		case json.Unmarshal(value, &list) == nil:
			if len(list) > 0 {
				out[kind] = capabilityNames(list)
			}
		case text != "false" && text != "null" && text != "{}" && text != `""`:
			out[kind] = nil
		}
	}
	return out
}

// capabilityNames are those of a list of texts, or of objects that have names.
func capabilityNames(list []json.RawMessage) (names []string) {
	for _, item := range list {
		var named struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(item, &named.Name) != nil && json.Unmarshal(item, &named) != nil || named.Name == "" {
			continue
		}
		names = append(names, named.Name)
	}
	return names
}

// ReadManifest reads the plugin.json of the folder root, of at most max bytes.
// That there is none is fs.ErrNotExist.
func ReadManifest(root *os.Root, max int64) (Manifest, error) {
	data, err := ReadManifestBytes(root, max)
	if err != nil {
		return Manifest{}, err
	}
	m, err := ParseManifest(data)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", ManifestFile, err)
	}
	return m, nil
}

// ReadManifestBytes is [ReadManifest] without the parsing.
func ReadManifestBytes(root *os.Root, max int64) (data []byte, err error) {
	// Looked at before it is opened: opening a fifo would wait for a writer.
	info, err := root.Lstat(ManifestFile)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &RefusedError{Entry: ManifestFile, Rule: "it is not a regular file"}
	}
	f, err := root.Open(ManifestFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err = ReadAtMost(f, max)
	var large *TooLargeError
	if errors.As(err, &large) {
		err = &RefusedError{Entry: ManifestFile, Rule: large.Error()}
	}
	return data, err
}
