package wfctl

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// installFile is what wfctl writes into the folder of a plugin that it installed from a
// lock file.
const installFile = ".wfctl-install.json"

// Scan describes the plugins that are installed in dir. Nothing there is touched.
func Scan(dir string) (*Setup, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Setup{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := s.look(dir, e); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// look describes one folder, or notes why it stays unmanaged.
func (s *Setup) look(dir string, e fs.DirEntry) error {
	at := plugin.Pos{File: filepath.Join(dir, e.Name())}
	name, err := plugin.ParseName(e.Name())
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		s.note(at, "it is a symbolic link, and is left alone: a host may skip it, and plugins installs folders only")
		return nil
	case !e.IsDir():
		return nil
	case strings.HasSuffix(e.Name(), ".installing") || strings.HasSuffix(e.Name(), ".uninstalling"):
		s.note(at, "it is what an interrupted wfctl left, and is left alone")
		return nil
	case err != nil:
		s.note(at, "it is left alone: %s", err)
		return nil
	}
	root, err := os.OpenRoot(filepath.Join(dir, e.Name()))
	if err != nil {
		return err
	}
	defer root.Close()
	data, err := plugin.ReadManifestBytes(root, MaxSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.note(at, "it has no plugin.json, and is left alone")
		return nil
	case errors.Is(err, plugin.ErrRefused):
		s.note(at, "it is left alone: its plugin.json: %s", err)
		return nil
	case err != nil:
		return err
	}
	p, err := installed(name, data, at)
	if err != nil {
		s.note(at, "it is left alone: its plugin.json: %s", err)
		return nil
	}
	if p.Repository == "" {
		p.Repository = installedFrom(root)
	}
	p.addNames()
	s.Plugins = append(s.Plugins, p)
	return nil
}

// installed reads what a plugin.json tells of where it came from.
func installed(folder plugin.Name, data []byte, at plugin.Pos) (Plugin, error) {
	var doc struct{ Name, Version, Repository string }
	if err := plugin.DecodeJSON(data, &doc); err != nil {
		return Plugin{}, err
	}
	p := Plugin{Name: folder, Locked: doc.Version, Repository: gitHub(doc.Repository), Pos: at}
	if plugin.SameName(doc.Name, string(folder)) {
		p.Names = append(p.Names, doc.Name)
	}
	return p, nil
}

// installedFrom is the repository that wfctl noted. What is wrong with that file
// matters to nobody here.
func installedFrom(root *os.Root) string {
	info, err := root.Lstat(installFile)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := root.Open(installFile)
	if err != nil {
		return ""
	}
	defer f.Close()
	data, err := plugin.ReadAtMost(f, MaxSize)
	var doc struct {
		Source string `json:"source"`
	}
	if err != nil || json.Unmarshal(data, &doc) != nil {
		return ""
	}
	return gitHub(doc.Source)
}

// addNames lists what a registry may call it: wfctl has dropped "workflow-plugin-" from
// the folder's name, and the registry's own manifest may have neither.
func (p *Plugin) addNames() {
	p.addRepositoryName()
	for _, n := range []string{string(p.Name), plugin.ShortName(string(p.Name)), plugin.LongName(string(p.Name))} {
		if !slices.Contains(p.Names, n) {
			p.Names = append(p.Names, n)
		}
	}
}
