package commit

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// step changes what one name in the plugin directory stands for: a folder or the
// file that goes with it. All paths are slash-separated and relative to the directory.
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

// folder is the name of the folder that the step changes; "" if it changes a file.
func (s step) folder() string {
	if path.Dir(s.Live) != "." {
		return ""
	}
	return s.Live
}

// file is the name of the folder whose file the step changes; "" if it changes a folder.
func (s step) file() string {
	name, ok := strings.CutSuffix(path.Base(s.Live), fileSuffix)
	if s.folder() != "" || !ok {
		return ""
	}
	return name
}

func abs(dir, rel string) string { return filepath.Join(dir, filepath.FromSlash(rel)) }
