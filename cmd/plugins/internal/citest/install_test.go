package citest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// curl serves what lies in a folder.
const curl = `#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$CURL_LOG"
while [ $# -gt 1 ]; do
	[ "$1" != --output ] || output=$2
	shift
done
[ -f "$CURL_FILES/${1##*/}" ] || { echo 'curl: (22) The requested URL returned error: 404' >&2; exit 22; }
cp "$CURL_FILES/${1##*/}" "$output"
`

const released = "#!/bin/sh\necho released \"$@\"\n"

// release is what a release has for a platform: the program and what it comes with, in a
// folder.
func release(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	folder := strings.TrimSuffix(strings.TrimSuffix(name, ".tar.gz"), ".zip") + "/"
	if strings.HasSuffix(name, ".zip") {
		w := zip.NewWriter(&b)
		f, err := w.Create(folder + "plugins.exe")
		if err == nil {
			_, err = f.Write([]byte(released))
		}
		if err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range []struct{ name, text string }{{"README.md", "read me"}, {"plugins", released}} {
		if err := w.WriteHeader(&tar.Header{Name: folder + f.name, Mode: 0o644, Size: int64(len(f.text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if w.Close() != nil || z.Close() != nil {
		t.Fatal("the archive was not written")
	}
	return b.Bytes()
}

// A release is held to its checksums before a byte of it is unpacked.
func TestInstallRelease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, version, ref string
		os, arch, archive  string
		sums               string // in place of the right ones
		fails              string
	}{
		{name: "linux", version: "v1.2.3", os: "Linux", arch: "X64", archive: "plugins_1.2.3_linux_amd64.tar.gz"},
		{name: "macOS", version: "1.2.3", os: "macOS", arch: "ARM64", archive: "plugins_1.2.3_darwin_arm64.tar.gz"},
		{name: "windows", version: "v1.2.3", os: "Windows", arch: "X64", archive: "plugins_1.2.3_windows_amd64.zip"},
		{name: "by the tag", ref: "v1.3.0-rc.1", os: "Linux", arch: "ARM64", archive: "plugins_1.3.0-rc.1_linux_arm64.tar.gz"},
		{name: "no tag", ref: "main", os: "Linux", arch: "X64", fails: "use actions/setup-go"},
		{name: "not a version", version: "v1.2.3/../../x", os: "Linux", arch: "X64", fails: "version is a release like v1.2.3"},
		{name: "latest", version: "latest", os: "Linux", arch: "X64", fails: "version is a release like v1.2.3"},
		{name: "not there", version: "v9.9.9", os: "Linux", arch: "X64", fails: "cannot download https://github.com/plugins-hcl/plugins/releases/download/v9.9.9/"},
		{name: "no platform", version: "v1.2.3", os: "Linux", arch: "X86", fails: "no release for the runner's architecture, X86"},
		{
			name: "tampered", version: "v1.2.3", os: "Linux", arch: "X64", archive: "plugins_1.2.3_linux_amd64.tar.gz",
			sums: strings.Repeat("0", 64) + "  plugins_1.2.3_linux_amd64.tar.gz\n", fails: "and not " + strings.Repeat("0", 64),
		},
		{
			name: "not listed", version: "v1.2.3", os: "Linux", arch: "X64", archive: "plugins_1.2.3_linux_amd64.tar.gz",
			sums: strings.Repeat("0", 64) + "  another.tar.gz\n", fails: "does not name plugins_1.2.3_linux_amd64.tar.gz",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, sample(t))
			tools := []string{"bash", "mktemp", "mkdir", "awk", "tar", "gzip", "find", "head", "cp", "chmod", "sha256sum", "sh"}
			if strings.HasSuffix(c.archive, ".zip") {
				tools = append(tools, "unzip")
			}
			r.only(t, tools...)
			r.tool(t, "curl", strings.Replace(curl, "/usr/bin/env bash", shell(t), 1))
			r.env["CURL_LOG"], r.env["CURL_FILES"] = r.at("curl.log"), r.at("files")
			r.env["RUNNER_OS"], r.env["RUNNER_ARCH"] = c.os, c.arch
			if c.archive != "" {
				data := release(t, c.archive)
				write(t, filepath.Join(r.at("files"), c.archive), string(data))
				sums := fmt.Sprintf("%x  %s\n%x  another.tar.gz\n", sha256.Sum256(data), c.archive, sha256.Sum256(nil))
				if c.sums != "" {
					sums = c.sums
				}
				write(t, filepath.Join(r.at("files"), "checksums.txt"), sums)
			}

			d := r.step(t, "install.sh", map[string]string{"VERSION": c.version, "ACTION_REF": c.ref})
			if c.fails != "" {
				if d.code == 0 {
					t.Error("it was taken")
				}
				mustSay(t, d.log, "::error title=plugins::", c.fails)
				if unpacked, _ := filepath.Glob(r.at("temp/*/unpacked")); len(unpacked) > 0 {
					t.Errorf("%v was unpacked", unpacked)
				}
				if _, err := os.Stat(r.at("path")); err == nil {
					t.Error("it is on the PATH")
				}
				return
			}
			if d.code != 0 || !strings.HasSuffix(d.log, "released version\n") {
				t.Fatalf("exit %d\n%s", d.code, d.log)
			}
			bin := strings.TrimSpace(read(t, r.at("path")))
			if found, _ := filepath.Glob(filepath.Join(bin, "plugins*")); len(found) != 1 {
				t.Errorf("on the PATH is %v", found)
			}
			for line := range strings.Lines(read(t, r.at("curl.log"))) {
				if !strings.Contains(line, "--fail") || !strings.Contains(line, "--proto =https") {
					t.Errorf("curl %s", line)
				}
			}
		})
	}
}

// Without a version the action is its own program; "system" is the one that is there.
func TestInstall(t *testing.T) {
	t.Parallel()
	r := newRunner(t, sample(t))
	mustSay(t, r.mustStep(t, "install.sh", map[string]string{"VERSION": "system"}).log, "plugins 0.")
	if _, err := os.Stat(r.at("path")); err == nil {
		t.Error("what is installed was put on the PATH")
	}
	if raced {
		t.Skip("the race detector sees nothing of the build")
	}
	for _, name := range []string{"GOMODCACHE", "GOCACHE"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		r.env[name] = strings.TrimSpace(string(out))
	}
	mustSay(t, r.mustStep(t, "install.sh", map[string]string{"VERSION": ""}).log, "plugins ")
	program := filepath.Join(strings.TrimSpace(read(t, r.at("path"))), "plugins")
	if out, err := exec.Command(program, "version").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}

	r.only(t, "mktemp", "mkdir")
	d := r.step(t, "install.sh", map[string]string{"VERSION": "system"})
	if d.code != 1 {
		t.Errorf("exit %d", d.code)
	}
	mustSay(t, d.log, "there is no plugins on the PATH")
}
