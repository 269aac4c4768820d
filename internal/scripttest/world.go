package scripttest

import (
	"fmt"

	"aead.dev/minisign"
	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"github.com/rogpeppe/go-internal/testscript"
)

// world is what a script has made and not yet cleared away.
type world struct {
	servers   map[string]*server
	oci       map[string]*ocimem.Registry // by the name of its server
	snapshots map[string]snapshot
	processes map[string]*process
	keys      map[string]minisign.PrivateKey
	mounts    []string // the newest last
}

type worldKey struct{}

func newWorld() *world {
	return &world{
		servers:   map[string]*server{},
		oci:       map[string]*ocimem.Registry{},
		snapshots: map[string]snapshot{},
		processes: map[string]*process{},
		keys:      map[string]minisign.PrivateKey{},
	}
}

func worldOf(ts *testscript.TestScript) *world {
	return ts.Value(worldKey{}).(*world)
}

// close ends what still runs, so that the folder of the script can be removed.
func (w *world) close() {
	for _, p := range w.processes {
		p.kill()
	}
	for _, s := range w.servers {
		s.close()
	}
	for len(w.mounts) > 0 {
		_ = w.unmount()
	}
}

func (w *world) server(name string) (*server, error) {
	s := w.servers[name]
	if s == nil {
		return nil, fmt.Errorf("no server is called %q", name)
	}
	return s, nil
}
