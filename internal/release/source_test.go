package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// repository is a small one with a commit that can be released as v1.2.3.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	repo := t.TempDir()
	do(t, repo, "init", "--quiet")
	put(t, repo, "CHANGELOG.md", "# Changes\n\n## 1.2.3 (2026-01-02)\n\n- All of it.\n")
	commit(t, repo)
	do(t, repo, "tag", "v1.2.3")
	return repo
}

func do(t *testing.T, repo string, args ...string) {
	t.Helper()
	if _, err := git(t.Context(), repo, args...); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, repo string) {
	t.Helper()
	do(t, repo, "add", "--all")
	do(t, repo, "-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "a commit")
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is not exactly a tagged commit is not released, and nothing is built of it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, tag string
		spoil     func(repo string)
		want      string
	}{
		{"a changed file", "v1.2.3", func(repo string) { put(t, repo, "CHANGELOG.md", "## 1.2.3 (today)\n") }, "not clean"},
		{"a file that git does not know", "v1.2.3", func(repo string) { put(t, repo, "new.go", "package x\n") }, "new.go"},
		{"no such tag", "v1.2.4", func(string) {}, "no tag v1.2.4"},
		{"a commit behind the tag", "v1.2.3", func(repo string) { put(t, repo, "a", "b"); commit(t, repo) }, "another commit"},
		{"a branch of that name", "v1.3.0", func(repo string) { do(t, repo, "branch", "v1.3.0") }, "no tag v1.3.0"},
		{"not a version", "latest", func(string) {}, "no version to release"},
		{"no v", "1.2.3", func(string) {}, "no version to release"},
		{"build metadata", "v1.2.3+x", func(string) {}, "no version to release"},
		{"an unreleased version", "v2.0.0", func(repo string) {
			put(t, repo, "CHANGELOG.md", "## 2.0.0 (unreleased)\n")
			commit(t, repo)
			do(t, repo, "tag", "v2.0.0")
		}, "says that 2.0.0 is unreleased"},
		{"a version without a chapter", "v1.2.30", func(repo string) { do(t, repo, "tag", "v1.2.30") }, "no chapter"},
	} {
		repo := repository(t)
		test.spoil(repo)
		dist := filepath.Join(t.TempDir(), "dist")
		err := run(t.Context(), []string{"-repo", repo, "-dist", dist, test.tag}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, which does not say %q", test.what, err, test.want)
		}
		if _, err := os.Lstat(dist); err == nil {
			t.Errorf("%s: something was released", test.what)
		}
	}
}

// A tag is enough for a prerelease, and the time of all files is that of the commit.
func TestSourceOfAPrerelease(t *testing.T) {
	t.Parallel()
	repo := repository(t)
	do(t, repo, "tag", "--annotate", "--message=x", "v2.0.0-rc.1")
	src, err := openSource(t.Context(), repo, "v2.0.0-rc.1")
	if err != nil {
		t.Fatal(err)
	}
	if age := src.time.Unix(); age == 0 || src.time.Location().String() != "UTC" {
		t.Errorf("its time is %v", src.time)
	}
	if got := packageVersion(src); got != "2.0.0~rc.1" {
		t.Errorf("in a package it is %q, which has to sort before 2.0.0", got)
	}
}

// The files of an earlier release do not end up in this one.
func TestDistIsThere(t *testing.T) {
	t.Parallel()
	dist := t.TempDir()
	put(t, dist, "plugins_0.1.0_linux_amd64.tar.gz", "old")
	err := run(t.Context(), []string{"-repo", repository(t), "-dist", dist, "v1.2.3"}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("%v", err)
	}
	if names, err := os.ReadDir(dist); err != nil || len(names) != 1 {
		t.Errorf("it holds %v now: %v", names, err)
	}
}

// Where the place of a build shows in a program, there is no release; nor where the
// program does not say that it is this version.
func TestProgramsAreExamined(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what, want string
		build      builder
	}{
		{"a path in it", "two builds for linux/amd64 are not the same", func(_ context.Context, at place, _ plugin.Platform) ([]byte, error) {
			return []byte(at.clone), nil
		}},
		{"the cache in it", "two builds for linux/amd64 are not the same", func(_ context.Context, at place, _ plugin.Platform) ([]byte, error) {
			return []byte(at.cache), nil
		}},
		{"another program", "it should be", func(context.Context, place, plugin.Platform) ([]byte, error) {
			return os.ReadFile(self)
		}},
		{"no program", "the program for linux/amd64", func(context.Context, place, plugin.Platform) ([]byte, error) {
			return []byte("#!/bin/sh\n"), nil
		}},
	} {
		r := release{log: &bytes.Buffer{}, repo: repository(t), platforms: []plugin.Platform{{OS: "linux", Arch: "amd64"}}, build: test.build}
		made, err := r.make(t.Context(), "v1.2.3")
		if err == nil || !strings.Contains(err.Error(), test.want) || made != nil {
			t.Errorf("%s: %v, which does not say %q; made %d files", test.what, err, test.want, len(made))
		}
	}
}
