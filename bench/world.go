package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// world is all that a benchmark stands on. It is made below one folder, which decides
// what file system is measured, and removed with it.
type world struct {
	dir     string
	self    string // this program, as floor and measurer
	plugins string // the program that all this is about
	env     []string
	sets    map[string]*published
	base    string // the address of the server
	far     string // the address of one that takes its time for every request
	servers []*server
	serial  int
	cleared int
}

// published is a set that can be downloaded.
type published struct {
	set
	releases [][]release
	projects map[string]map[string]string // what was locked already
}

// variant is which version of each plugin is wanted.
type variant string

const (
	first  variant = "first"
	second variant = "second"
	one    variant = "one" // the second version of the first plugin, and the first of all others
)

func (v variant) index(i int) int {
	if v == second || v == one && i == 0 {
		return 1
	}
	return 0
}

// wanted are the releases of a variant.
func (p *published) wanted(v variant) (all []release) {
	for i, versions := range p.releases {
		all = append(all, versions[v.index(i)])
	}
	return all
}

type worldOptions struct {
	dir     string // where to make a folder; "" is the system's for temporary ones
	plugins string // a program that is built already; "" builds it
	latency time.Duration
	far     time.Duration // the latency of the other server
	tls     bool
	sets    []set
}

func newWorld(ctx context.Context, o worldOptions) (w *world, err error) {
	w = &world{plugins: o.plugins, sets: map[string]*published{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.dir, err = os.MkdirTemp(o.dir, "plugins-bench-"); err != nil {
		return w, err
	}
	if w.self, err = os.Executable(); err != nil {
		return w, err
	}
	if err := w.isolate(); err != nil {
		return w, err
	}
	if w.plugins == "" {
		if w.plugins, err = w.build(ctx); err != nil {
			return w, err
		}
	}
	if w.plugins, err = filepath.Abs(w.plugins); err != nil {
		return w, err
	}
	for _, s := range o.sets {
		if err := w.publish(s); err != nil {
			return w, err
		}
	}
	return w, w.serve(o)
}

func (w *world) close() error {
	var errs []error
	for _, s := range w.servers {
		errs = append(errs, s.close())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}

// isolate keeps what somebody has in the home folder, and in the environment, from
// having a say.
func (w *world) isolate() error {
	home := filepath.Join(w.dir, "home")
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "PLUGINS_") && !strings.HasPrefix(name, "XDG_") && !strings.HasSuffix(name, "_TOKEN") {
			w.env = append(w.env, v)
		}
	}
	w.env = append(w.env, "HOME="+home, "USERPROFILE="+home, "NO_PROXY=127.0.0.1")
	return os.MkdirAll(home, 0o755)
}

// build builds the program as a release is.
func (w *world) build(ctx context.Context) (string, error) {
	path := filepath.Join(w.dir, "plugins.exe")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "github.com/plugins-hcl/plugins/cmd/plugins")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

func (w *world) served() string { return filepath.Join(w.dir, "served") }

func (w *world) publish(s set) error {
	releases, err := s.publish(w.served())
	w.sets[s.name] = &published{set: s, releases: releases, projects: map[string]map[string]string{}}
	return err
}

func (w *world) serve(o worldOptions) error {
	var certificate *tls.Certificate
	if o.tls {
		c, file, err := newCertificate()
		if err != nil {
			return err
		}
		path := filepath.Join(w.dir, "certificate.pem")
		if err := writeFile(path, file); err != nil {
			return err
		}
		certificate, w.env = c, append(w.env, "SSL_CERT_FILE="+path)
	}
	for _, at := range []struct {
		latency time.Duration
		url     *string
	}{{o.latency, &w.base}, {max(o.latency, o.far), &w.far}} {
		s, err := serve(w.served(), at.latency, certificate)
		if err != nil {
			return err
		}
		w.servers, *at.url = append(w.servers, s), s.url
	}
	return nil
}

// runs is where what is measured happens.
func (w *world) runs() string { return filepath.Join(w.dir, "runs") }

// clear frees the space of all runs so far, and leaves their files: ext4 takes ten times
// as long to make a file for some minutes after it lost others, and the next run would pay.
func (w *world) clear() error {
	err := filepath.WalkDir(w.runs(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		// What has another name may be somebody's cache, which is to last.
		if err == nil && info.Size() > 0 && !isLinked(info) {
			err = os.Truncate(path, 0)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a run that needed nothing fresh
	}
	if err != nil {
		return err
	}
	w.cleared++
	return os.Rename(w.runs(), filepath.Join(w.dir, fmt.Sprintf("cleared-%d", w.cleared)))
}

// fresh is a folder that nobody has seen.
func (w *world) fresh(name string) (string, error) {
	w.serial++
	dir := filepath.Join(w.runs(), fmt.Sprintf("%d-%s", w.serial, name))
	return dir, os.MkdirAll(dir, 0o755)
}

// list writes a file for the floor: what to install, from where.
func (w *world) list(releases []release, base string) (string, error) {
	dir, err := w.fresh("list")
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, r := range releases {
		fmt.Fprintln(&text, r.Name, base+"/"+r.Path, r.SHA256)
	}
	path := filepath.Join(dir, "list")
	return path, writeFile(path, []byte(text.String()))
}
