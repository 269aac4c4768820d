package staging

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// placeExecutable finds the executable, names it after the plugin and makes it
// executable.
func (t *Tree) placeExecutable(root *os.Root, s Spec) error {
	if s.Binary == plugin.NoBinary {
		return nil
	}
	s.Aliases = append([]string{string(s.Name), t.Manifest.Name}, s.Aliases...)
	from, err := t.findExecutable(s)
	if err != nil {
		return err
	}
	name := string(s.Name)
	if from.Path == plugin.ManifestFile {
		return &plugin.RefusedError{Entry: from.Path, Rule: "it is the manifest, and cannot be the executable as well"}
	}
	if from.Path != name {
		if i := slices.IndexFunc(t.Files, func(e archive.Entry) bool { return e.Path == name }); i >= 0 && t.Files[i].Dir {
			return &plugin.RefusedError{Entry: name, Rule: fmt.Sprintf("it is a folder, and stands where the executable, %q, is to be installed", from.Path)}
		}
		if err := swap.Patiently(func() error { return root.Rename(from.Path, name) }); err != nil {
			return err
		}
		t.Files = slices.DeleteFunc(t.Files, func(e archive.Entry) bool { return e.Path == from.Path })
	}
	if err := makeExecutable(root, name); err != nil {
		return err
	}
	from.Path, from.Exec = name, true
	t.put(from)
	return nil
}

func makeExecutable(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o755), f.Close())
}

// findExecutable looks for, in this order: the path the configuration names; the
// plugin's name; the plugin's name as release tools decorate it; the only
// executable file.
func (t *Tree) findExecutable(s Spec) (archive.Entry, error) {
	if s.Binary != "" {
		for _, e := range t.Files {
			if e.Path == path.Clean(s.Binary) && !e.Dir {
				return e, nil
			}
		}
		return archive.Entry{}, &plugin.RefusedError{Rule: fmt.Sprintf(
			"the package has no file %q, which binary names; it holds %s", s.Binary, t.list())}
	}
	var decorated, executable []archive.Entry
	for _, e := range t.Files {
		switch {
		case e.Dir || e.Path == plugin.ManifestFile:
			continue
		case e.Path == string(s.Name):
			return e, nil
		case !strings.Contains(e.Path, "/") && s.decorates(e.Path):
			decorated = append(decorated, e)
		}
		if e.Exec {
			executable = append(executable, e)
		}
	}
	for _, found := range [][]archive.Entry{decorated, executable} {
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return archive.Entry{}, &plugin.RefusedError{Rule: "the package has several executables: " +
				paths(found) + "; say with binary which one is the plugin's"}
		}
	}
	return archive.Entry{}, &plugin.RefusedError{Rule: fmt.Sprintf(
		"the package has no executable: there is no file %q, none named like it, and none is executable; it holds %s", s.Name, t.list())}
}

func paths(entries []archive.Entry) string {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = fmt.Sprintf("%q", e.Path)
	}
	return strings.Join(texts, ", ")
}

// decorates reports whether file is the plugin's name, or one of its aliases,
// with or without "workflow-plugin-" and ".exe", followed by nothing but a
// version, this platform's operating system and its architecture, as GoReleaser
// and its like name files: workflow-plugin-authz_1.2.0_Linux_x86_64.
func (s Spec) decorates(file string) bool {
	base := strings.TrimSuffix(strings.ToLower(file), ".exe")
	for _, name := range s.Aliases {
		name = strings.ToLower(plugin.ShortName(name))
		for _, whole := range []string{name, "workflow-plugin-" + name} {
			rest, ok := strings.CutPrefix(base, whole)
			if ok && s.decoration(rest) {
				return true
			}
		}
	}
	return false
}

// decoration reports whether rest is made of such words alone, each after a
// separator.
func (s Spec) decoration(rest string) bool {
	rest = strings.ReplaceAll(rest, "x86_64", "x86-64")
	for rest != "" {
		if rest[0] != '-' && rest[0] != '_' {
			return false
		}
		word, ok := "", false
		for _, w := range s.words() {
			if after, found := strings.CutPrefix(rest[1:], w); found && (after == "" || after[0] == '-' || after[0] == '_') {
				word, ok = w, true
				break
			}
		}
		if !ok {
			return false
		}
		rest = rest[1+len(word):]
	}
	return true
}

// words are what may follow a plugin's name in the file name of its executable.
func (s Spec) words() []string {
	words := []string{s.Platform.OS, s.Platform.Arch, "v1", "v2", "v3", "v4", "v8.0"} // GOAMD64, GOARM64
	switch s.Platform.OS {
	case "darwin":
		words = append(words, "macos", "osx", "mac")
	case "windows":
		words = append(words, "win", "win64")
	}
	switch s.Platform.Arch {
	case "amd64":
		words = append(words, "x86-64", "x64", "64bit")
	case "arm64":
		words = append(words, "aarch64", "armv8")
	case "386":
		words = append(words, "i386", "x86", "32bit")
	}
	words = append(words, "all", "universal")
	if !s.Version.IsZero() {
		words = append(words, strings.ToLower(s.Version.String()), "v"+strings.ToLower(s.Version.String()))
	}
	return words
}
