package wfctl

import (
	"fmt"

	"github.com/plugins-hcl/plugins/plugin"
)

// PluginDir is where wfctl installs plugins unless it is told otherwise.
const PluginDir = "data/plugins"

// Setup is what wfctl knows of a project.
type Setup struct {
	Plugins    []Plugin   // in the order written
	Registries []Registry // in the order in which wfctl asks them
	Configured bool       // whether the registries are said, be it none
	Notes      []Note     // what could not be taken over
}

// Plugin is one plugin of a setup.
type Plugin struct {
	Name    plugin.Name // the folder wfctl installs it in
	Names   []string    // what it may be called in a registry, the likeliest first
	Version string      // as somebody demands it; "": any
	Locked  string      // the version that is locked or installed; "": not known

	Repository string // OWNER/REPOSITORY at GitHub; "": not known
	Registry   string // the registry it came from; "": not known
	TokenEnv   string // the variable that holds the token for its repository; "": none

	Pos plugin.Pos
}

// Registry is one that wfctl asks for plugins.
type Registry struct {
	Name     string // as written; it need not be one here
	URL      string // what paths are appended to, without user, query and fragment
	HasToken bool   // its token is in the file, and in no value here
	TokenEnv string // the variable that the token is read from; "": none
	Pos      plugin.Pos
}

// Note says what was not taken over, and why.
type Note struct {
	Pos  plugin.Pos
	Text string
}

func (n Note) String() string { return n.Pos.String() + ": " + n.Text }

// Error says what is wrong with one of wfctl's files, and where.
type Error struct {
	Pos plugin.Pos
	Err error
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func (s *Setup) note(pos plugin.Pos, format string, args ...any) {
	s.Notes = append(s.Notes, Note{pos, fmt.Sprintf(format, args...)})
}

// unique refuses two plugins of one name.
func (s *Setup) unique() error {
	at := map[plugin.Name]plugin.Pos{}
	for _, p := range s.Plugins {
		if first, ok := at[p.Name]; ok {
			return &Error{p.Pos, fmt.Errorf("plugin %q is there twice: also at %s", p.Name, first)}
		}
		at[p.Name] = p.Pos
	}
	return nil
}
