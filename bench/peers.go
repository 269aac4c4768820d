package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// peers are other programs that install what their files say. A new one is an entry here:
// what its files hold, and how it is run. See docs/performance.md.
func peers() []*program {
	return []*program{krew()}
}

// peersHere are the peers that are on PATH.
func peersHere() (all []*program) {
	for _, p := range peers() {
		if path, err := exec.LookPath(p.name); err == nil {
			p.path = path
			all = append(all, p)
		}
	}
	return all
}

// krew is kubectl's manager of plugins. It knows checksums and no lock; that there is
// nothing to upgrade is all it can find out, and it keeps no packages.
func krew() *program {
	return &program{
		name: "krew",
		files: func(_ context.Context, _ *world, s *published, v variant, base string) (map[string]string, error) {
			// A clone of an index, as far as krew looks.
			files := map[string]string{"index/default/.git/HEAD": ""}
			for _, r := range s.wanted(v) {
				files["index/default/plugins/"+r.Name+".yaml"] = fmt.Sprintf(`apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: %[1]s
spec:
  version: v%[2]s
  shortDescription: made to be measured
  platforms:
  - selector: {matchLabels: {os: %[3]s, arch: %[4]s}}
    uri: %[5]s
    sha256: %[6]s
    bin: %[1]s
`, r.Name, r.Version, runtime.GOOS, runtime.GOARCH, base+"/"+r.Path, r.SHA256)
			}
			return files, nil
		},
		columns:   []string{"cold", "idle", "upgrade", "one", "large", "far"},
		install:   []string{"{program}", "install", "--no-update-index", "{names}"},
		upgrade:   []string{"{program}", "upgrade", "--no-update-index"},
		plan:      []string{"{program}", "upgrade", "--no-update-index"},
		env:       []string{"KREW_ROOT={dir}"},
		installed: "store/*/*/plugin.json",
	}
}
