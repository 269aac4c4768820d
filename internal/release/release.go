package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

const (
	modulePath = "github.com/plugins-hcl/plugins"
	homepage   = "https://" + modulePath
	summary    = "Reconcile a directory of plugins with a file that says what should be in it"
	license    = "Apache-2.0" // of LICENSE
)

// release is one run of this program.
type release struct {
	log         io.Writer
	repo        string
	platforms   []plugin.Platform
	sharedCache bool

	build builder
}

// artifacts are the files of a release by their names.
type artifacts map[string][]byte

// make makes a release of the tag, all of it or none.
func (r *release) make(ctx context.Context, tag string) (artifacts, error) {
	src, err := openSource(ctx, r.repo, tag)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "plugins-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	places, err := r.twoPlaces(ctx, src, work)
	if err != nil {
		return nil, err
	}
	programs, err := r.buildTwice(ctx, src, places)
	if err != nil {
		return nil, err
	}
	r.say("completions, manual pages, licences")
	docs, err := makeDocs(ctx, places[0], work)
	if err != nil {
		return nil, err
	}
	return r.pack(src, programs, docs)
}

// pack makes the files that are published. What it makes follows from its arguments
// alone: no clock, no names of this machine, no order of a map.
func (r *release) pack(src source, programs []program, docs documents) (artifacts, error) {
	made := artifacts{}
	for _, p := range programs {
		name := fmt.Sprintf("plugins_%s_%s_%s", src.version, p.platform.OS, p.platform.Arch)
		r.say("%s", name)
		if err := docs.missingLicense(p); err != nil {
			return nil, err
		}
		files := docs.archived(p)
		var err error
		if p.platform.OS == "windows" {
			made[name+".zip"], err = zipFile(name, files, src.time)
		} else {
			made[name+".tar.gz"], err = tarGz(name+"/", files, src.time)
		}
		if err != nil {
			return nil, err
		}
		if made[name+".cdx.json"], err = sbom(src, p); err != nil {
			return nil, err
		}
		if p.platform.OS != "linux" {
			continue
		}
		if made[name+".deb"], err = deb(src, p, docs); err != nil {
			return nil, err
		}
		if made[name+".rpm"], err = rpm(src, p, docs); err != nil {
			return nil, err
		}
	}
	if text, ok, err := formula(src, made); err != nil {
		return nil, err
	} else if ok {
		made["plugins.rb"] = text
	} else {
		r.say("no Homebrew formula: it needs Linux and macOS, both on amd64 and arm64")
	}
	made["checksums.txt"] = checksums(made)
	return made, nil
}

// checksums is what "sha256sum -c" reads.
func checksums(made artifacts) []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(made)) {
		fmt.Fprintf(&b, "%s  %s\n", digest(made[name]), name)
	}
	return []byte(b.String())
}

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// write writes a release into a folder that appears when it is whole.
func write(dist string, made artifacts) error {
	unfinished, err := os.MkdirTemp(filepath.Dir(dist), "."+filepath.Base(dist)+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	for name, data := range made {
		if err := os.WriteFile(filepath.Join(unfinished, name), data, 0o644); err != nil {
			return err
		}
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return err
	}
	return os.Rename(unfinished, dist)
}

func (r *release) say(format string, args ...any) {
	fmt.Fprintf(r.log, format+"\n", args...)
}
