package staging

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/plugin"
)

// writeManifest puts plugin.json in place of the package's, if it has one.
func (t *Tree) writeManifest(root *os.Root, content string) error {
	if err := root.Remove(plugin.ManifestFile); err != nil && !isMissing(err) {
		return &plugin.RefusedError{Entry: plugin.ManifestFile, Rule: "it stands where the registry's manifest is to be written"}
	}
	f, err := root.OpenFile(plugin.ManifestFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	t.put(archive.Entry{Path: plugin.ManifestFile, Size: int64(len(content)), SHA256: sha256.Sum256([]byte(content))})
	return nil
}

// checkManifest reads plugin.json and compares its name and version.
func (t *Tree) checkManifest(root *os.Root, s Spec) error {
	if info, err := root.Lstat(plugin.ManifestFile); err == nil && info.Size() > s.Limits.Manifest {
		return &plugin.RefusedError{Entry: plugin.ManifestFile, Rule: "it is larger than " +
			plugin.Size(s.Limits.Manifest) + "; " + plugin.RaiseSize("manifest", s.Limits.Manifest)}
	}
	data, err := plugin.ReadManifestBytes(root, s.Limits.Manifest)
	if isMissing(err) {
		return &plugin.RefusedError{Rule: "the package has no plugin.json; it holds " + t.list() +
			` (manifest = "registry" writes one from the registry's manifest)`}
	}
	if err != nil {
		return err
	}
	if t.Manifest, err = plugin.ParseManifest(data); err != nil {
		return &plugin.RefusedError{Entry: plugin.ManifestFile, Rule: err.Error()}
	}
	if s.Names != nil && !slices.ContainsFunc(s.Names, func(n string) bool {
		return n == t.Manifest.Name || s.Similar && plugin.SameName(n, t.Manifest.Name)
	}) {
		return &plugin.RefusedError{Entry: plugin.ManifestFile, Rule: fmt.Sprintf(
			"it is of the plugin %q, not of %s", t.Manifest.Name, quoted(s.Names))}
	}
	if !s.Version.IsZero() && !t.Manifest.Version.Equal(s.Version) {
		return &plugin.RefusedError{Entry: plugin.ManifestFile, Rule: fmt.Sprintf(
			"it says version %s, but the package is that of version %s", t.Manifest.Version, s.Version)}
	}
	return nil
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " or ")
}

// put adds an entry, or replaces the one of its path.
func (t *Tree) put(e archive.Entry) {
	i, found := slices.BinarySearchFunc(t.Files, e.Path, func(e archive.Entry, path string) int {
		return strings.Compare(e.Path, path)
	})
	if found {
		t.Files[i] = e
		return
	}
	t.Files = slices.Insert(t.Files, i, e)
}

// list names the files, for messages; at most eight.
func (t *Tree) list() string {
	const most = 8
	var names []string
	for _, e := range t.Files {
		if e.Dir {
			continue
		}
		if len(names) == most {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%q", e.Path))
	}
	if len(names) == 0 {
		return "no files"
	}
	return strings.Join(names, ", ")
}
