package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// trial is one run of a program that is to be measured, with all prepared for it.
type trial struct {
	argv []string
	dir  string
	env  []string // beside ours

	installed string    // glob of the manifests that are to be there afterwards
	releases  []release // what they are to say; nil: nobody looks
}

// check tells whether a run did what it was to do: one that is quick because it did not
// is none.
func (t *trial) check() error {
	if t.releases == nil {
		return nil
	}
	paths, err := filepath.Glob(t.installed)
	if err != nil {
		return err
	}
	found := map[string]string{}
	for _, path := range paths {
		manifest, err := readManifest(path)
		if err != nil {
			return err
		}
		found[manifest.Name] = manifest.Version
	}
	for _, r := range t.releases {
		if found[r.Name] != r.Version {
			return fmt.Errorf("%s: afterwards the version of %s is %q, not %s", strings.Join(t.argv, " "), r.Name, found[r.Name], r.Version)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	return string(data), err
}

// sample is what a run took.
type sample struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	Peak    int64   `json:"peak_bytes"`
}

// measureCommand is "measure OUT COMMAND...": a process between us and what is
// measured. The kernel counts the memory of whoever starts a program as the program's,
// until it runs, and this one has next to none.
func measureCommand(args []string) error {
	out, argv := args[0], args[1:]
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	elapsed := time.Since(start)
	if err != nil {
		return err
	}
	p := cmd.ProcessState
	data, err := json.Marshal(sample{elapsed.Seconds(), (p.UserTime() + p.SystemTime()).Seconds(), peakOf(p)})
	return errors.Join(err, os.WriteFile(out, data, 0o644))
}

// run runs a program without measuring it.
func (w *world) run(ctx context.Context, t trial) error {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, t.argv[0], t.argv[1:]...)
	cmd.Dir, cmd.Env = t.dir, append(w.env, t.env...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(t.argv, " "), err, output.Bytes())
	}
	return nil
}

// measure runs a program and tells what that took. What others left to be written is
// written first: it is not this program's.
func (w *world) measure(ctx context.Context, t *trial) (s sample, err error) {
	if err := syncFileSystem(w.dir); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return s, err
	}
	out := filepath.Join(w.dir, "sample.json")
	measured := *t
	measured.argv = append([]string{w.self, "measure", out}, t.argv...)
	if err := w.run(ctx, measured); err != nil {
		return s, err
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return s, err
	}
	return s, errors.Join(json.Unmarshal(data, &s), t.check())
}
