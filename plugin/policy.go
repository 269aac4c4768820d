package plugin

import "time"

// Policy is what a project allows at all. The zero value allows everything.
type Policy struct {
	AllowSources     []string      // patterns in which * stops at "/" and ** does not; nil: every source
	AllowHosts       []string      // HOST, HOST:PORT or *.DOMAIN that may be asked; nil: every host
	RequireSignature bool          // of every package
	MinAge           time.Duration // since the release of a version that is newly chosen; 0: none
	Pos              Pos
}
