package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/plugins-hcl/plugins/plugin"
)

// program is plugins for one platform.
type program struct {
	platform plugin.Platform
	data     []byte
	info     *debug.BuildInfo
}

// file is its name in an archive.
func (p program) file() string {
	if p.platform.OS == "windows" {
		return "plugins.exe"
	}
	return "plugins"
}

// place is where something is built.
type place struct {
	clone string
	cache string // "" is the user's
}

// twoPlaces have as little in common as a machine allows.
func (r *release) twoPlaces(ctx context.Context, src source, work string) ([2]place, error) {
	// Paths of different lengths: a path that gets into a program moves what is behind it.
	places := [2]place{
		{filepath.Join(work, "a"), filepath.Join(work, "cache-a")},
		{filepath.Join(work, "another", "clone"), filepath.Join(work, "cache-b")},
	}
	for i := range places {
		if r.sharedCache {
			places[i].cache = ""
		}
		if err := src.clone(ctx, places[i].clone); err != nil {
			return places, err
		}
	}
	return places, nil
}

// builder builds the program somewhere.
type builder func(ctx context.Context, at place, p plugin.Platform) ([]byte, error)

// buildTwice builds every program in two places and demands that the places do not
// show.
func (r *release) buildTwice(ctx context.Context, src source, places [2]place) ([]program, error) {
	var programs []program
	for _, platform := range r.platforms {
		r.say("build %s, twice", platform)
		var built [2][]byte
		for i := range built {
			var err error
			if built[i], err = r.build(ctx, places[i], platform); err != nil {
				return nil, err
			}
		}
		if !bytes.Equal(built[0], built[1]) {
			return nil, fmt.Errorf("two builds for %s are not the same: %s and %s", platform, digest(built[0]), digest(built[1]))
		}
		p := program{platform: platform, data: built[0]}
		if err := p.examine(src); err != nil {
			return nil, fmt.Errorf("the program for %s: %w", platform, err)
		}
		programs = append(programs, p)
	}
	return programs, nil
}

// examine demands that a program tells where it comes from: it is what
// "plugins version" prints.
func (p *program) examine(src source) error {
	var err error
	if p.info, err = buildinfo.Read(bytes.NewReader(p.data)); err != nil {
		return err
	}
	got := map[string]string{"version": p.info.Main.Version, "Go": p.info.GoVersion}
	for _, s := range p.info.Settings {
		got[s.Key] = s.Value
	}
	want := map[string]string{
		"version": src.tag, "Go": runtime.Version(), "vcs.revision": src.commit, "vcs.modified": "false",
		"-trimpath": "true", "CGO_ENABLED": "0", "GOOS": p.platform.OS, "GOARCH": p.platform.Arch,
	}
	for key, value := range want {
		if got[key] != value {
			return fmt.Errorf("it says that its %s is %q; it should be %q", key, got[key], value)
		}
	}
	return nil
}

func goBuild(ctx context.Context, at place, p plugin.Platform) ([]byte, error) {
	env, err := environment(ctx, at.cache, p)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "plugins-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "plugins")
	if _, err := command(ctx, env, at.clone, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", out, "./cmd/plugins"); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

// environment is this program's own, where nothing that a person set for Go may change
// a byte: only from where modules come is left to them, since go.sum pins what they are.
func environment(ctx context.Context, cache string, p plugin.Platform) ([]string, error) {
	out, err := command(ctx, nil, ".", "go", "env", "-json",
		"GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE", "GOMODCACHE", "GOCACHE")
	if err != nil {
		return nil, err
	}
	var theirs map[string]string
	if err := json.Unmarshal([]byte(out), &theirs); err != nil {
		return nil, err
	}
	env := os.Environ()
	for key, value := range theirs {
		env = append(env, key+"="+value)
	}
	if cache != "" {
		env = append(env, "GOCACHE="+cache)
	}
	return append(env, "GOENV=off", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GODEBUG=", "GOFIPS140=off",
		"GOTOOLCHAIN=local", "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0", "GOOS="+p.OS, "GOARCH="+p.Arch), nil
}
