package scripttest

import (
	"fmt"
	"os/exec"

	"aead.dev/minisign"
	"cuelabs.dev/go/oci/ociregistry"
	"github.com/rogpeppe/go-internal/testscript"
)

// world is what a script has made and not yet cleared away.
type world struct {
	servers   map[string]*server
	oci       map[string]ociregistry.Interface // by the name of its server
	gitHubs   map[string]*gitHub
	snapshots map[string]snapshot
	processes map[string]*process
	keys      map[string]minisign.PrivateKey
	mounts    []string // the newest last

	registries []*exec.Cmd // Docker's
}

type worldKey struct{}

func newWorld() *world {
	return &world{
		servers:   map[string]*server{},
		oci:       map[string]ociregistry.Interface{},
		gitHubs:   map[string]*gitHub{},
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
	for _, r := range w.registries {
		_ = r.Process.Kill()
		_ = r.Wait()
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
