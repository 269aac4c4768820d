package installed

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// Origin is what else of a lock it takes to install the same package again, as it may
// be shown: everybody may read a record.
type Origin struct {
	URL          string         `json:"url,omitempty"` // without what addresses hide
	Path         string         `json:"path,omitempty"`
	ManifestName string         `json:"manifest_name,omitempty"`
	Resolved     string         `json:"resolved,omitempty"`
	Plugin       string         `json:"plugin,omitempty"`  // its folder in a registry
	Address      string         `json:"address,omitempty"` // by which a policy judges it
	MinHost      plugin.Version `json:"min_host,omitzero"`
	SignedBy     string         `json:"signed_by,omitempty"`
}

// Pin is what one plugin of an installed set was installed from.
type Pin struct {
	Name     plugin.Name    `json:"name"`
	Version  plugin.Version `json:"version"`
	Source   string         `json:"source"`
	Digest   plugin.Digest  `json:"digest"`
	Origin   Origin         `json:"origin,omitzero"`
	Settings Settings       `json:"settings,omitzero"`
	Keep     []string       `json:"keep,omitempty"`
}

// Pin is what the plugin was installed from.
func (r *Record) Pin() Pin {
	return Pin{
		Name: r.Name, Version: r.Version, Source: r.Source, Digest: r.Digest,
		Origin: r.Origin, Settings: r.Settings, Keep: r.Keep,
	}
}

// Pins are those of the snapshot's plugins that this program installed; sorted by name.
func (s *Snapshot) Pins() []Pin {
	var pins []Pin
	for _, p := range s.Plugins {
		if p.Present && p.Record != nil {
			pins = append(pins, p.Record.Pin())
		}
	}
	return pins
}

// Pins are those of the plugins that this program installed; sorted by name.
func (s State) Pins() ([]Pin, error) {
	names, err := s.recorded()
	if err != nil {
		return nil, err
	}
	var pins []Pin
	for _, name := range names {
		if _, err := os.Lstat(s.Plugin(name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		r, _, err := s.ReadRecord(name)
		if err != nil {
			return nil, err
		}
		pins = append(pins, r.Pin())
	}
	return pins, nil
}

// Replace puts pins in the place of those of the same plugins, and takes those of the
// plugins away that are gone.
func Replace(all, with []Pin, gone []plugin.Name) []Pin {
	all = slices.DeleteFunc(slices.Clone(all), func(p Pin) bool {
		return slices.Contains(gone, p.Name) || slices.ContainsFunc(with, func(q Pin) bool { return q.Name == p.Name })
	})
	all = append(append([]Pin{}, all...), with...)
	slices.SortFunc(all, func(a, b Pin) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
