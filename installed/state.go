package installed

import (
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/plugin"
)

// StateDir is the folder in a plugin directory that holds this program's state.
// Its name starts with a dot, as no plugin's does.
const StateDir = commit.StateDir

// State is the layout of a plugin directory's state.
type State struct{ Dir string } // the plugin directory

// Path is the folder of the state.
func (s State) Path() string { return filepath.Join(s.Dir, StateDir) }

// Plugin is the folder of a plugin.
func (s State) Plugin(name plugin.Name) string { return filepath.Join(s.Dir, string(name)) }

// Records is the folder of the records.
func (s State) Records() string { return filepath.Join(s.Path(), commit.FilesDir) }

// Record is the file of a plugin's record.
func (s State) Record(name plugin.Name) string {
	return filepath.Join(s.Records(), string(name)+recordSuffix)
}

const recordSuffix = ".json"
