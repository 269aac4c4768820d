package apply

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

// step changes what one name in the plugin directory stands for: a plugin's folder
// or its record. All paths are slash-separated and relative to the directory.
type step struct {
	Live string `json:"live"`
	New  string `json:"new,omitempty"` // what is to stand there; after an exchange, what stood there
	Old  string `json:"old,omitempty"` // where what stands there goes, if it is not exchanged
	// Digest is that of what lies at New before the step.
	Digest plugin.Digest `json:"digest,omitempty"`
	// Inode is that of the folder at New before the step: a plugin that ran since may
	// have written into its folder. 0 for a file, or where there are no inodes.
	Inode uint64 `json:"inode,omitempty"`
	// Copied says that what stands there cannot be renamed: Old is a copy of it.
	Copied bool `json:"copied,omitempty"`
}

// staged is where, in this transaction's folder, the successor of live lies.
func (t *transaction) staged(live string) string {
	if path.Dir(live) == "." {
		return path.Join(t.rel(), live+"."+t.id)
	}
	return path.Join(t.rel(), "records", path.Base(live))
}

// replaced is where its predecessor goes.
func (t *transaction) replaced(live string) string { return t.staged(live) + ".old" }

func (t *transaction) rel() string { return stagingOf(t.id) }

func stagingOf(id string) string { return path.Join(installed.StateDir, "staging", id) }

const previousRel = installed.StateDir + "/previous"

func (t *transaction) step(live string, digest plugin.Digest, replaces bool) step {
	s := step{Live: live, New: t.staged(live), Digest: digest}
	if replaces {
		s.Old = t.replaced(live)
	}
	return s
}

func (t *transaction) removal(live string) step {
	return step{Live: live, Old: t.replaced(live)}
}

func recordPath(name plugin.Name) string {
	return path.Join(installed.StateDir, "records", string(name)+".json")
}

// plugin is the plugin whose folder the step changes; "" if it changes a record.
func (s step) plugin() plugin.Name {
	if path.Dir(s.Live) != "." {
		return ""
	}
	return plugin.Name(s.Live)
}

// recorded is the plugin whose record the step changes; "" if it changes a folder.
func (s step) recorded() plugin.Name {
	name, ok := strings.CutSuffix(path.Base(s.Live), ".json")
	if s.plugin() != "" || !ok {
		return ""
	}
	return plugin.Name(name)
}

func abs(dir, rel string) string { return filepath.Join(dir, filepath.FromSlash(rel)) }
