package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("needs " + name)
	}
	return path
}

// installed is what both kinds of packages put somewhere.
var installed = []string{
	"usr/bin/plugins", "usr/share/man/man1/plugins.1.gz", "usr/share/man/man1/plugins-apply.1.gz",
	"usr/share/bash-completion/completions/plugins", "usr/share/fish/vendor_completions.d/plugins.fish",
	"usr/share/doc/plugins/README.md", "usr/share/doc/plugins/" + thirdPartyFile,
}

func areThere(t *testing.T, root string, more ...string) {
	t.Helper()
	for _, name := range append(more, installed...) {
		if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil || info.Size() == 0 {
			t.Errorf("%s is not installed, or empty: %v", name, err)
		}
	}
}

// debInstalls has dpkg install a package into a system of its own, and remove it again.
func debInstalls(t *testing.T, src source, pkg string) {
	info, err := command(t.Context(), nil, ".", tool(t, "dpkg-deb"), "--info", pkg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Package: plugins\n", "Version: 0.98.7\n", "Homepage: " + homepage + "\n"} {
		if !strings.Contains(info, want) {
			t.Errorf("it does not say %q:\n%s", want, info)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("only root installs packages")
	}
	root := t.TempDir()
	for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(t, root, "var/lib/dpkg/status", "")
	dpkg := func(args ...string) {
		t.Helper()
		out, err := command(t.Context(), nil, ".", tool(t, "dpkg"), append([]string{"--root=" + root, "--log=/dev/null"}, args...)...)
		if err != nil || strings.Contains(strings.Join(args, ""), "verify") && out != "" {
			t.Fatalf("dpkg %q: %v\n%s", args, err, out)
		}
	}
	dpkg("--install", pkg)
	areThere(t, root, "usr/share/zsh/vendor-completions/_plugins", "usr/share/doc/plugins/copyright", "usr/share/doc/plugins/changelog.gz")
	saysVersion(t, src, filepath.Join(root, "usr/bin/plugins"))
	dpkg("--verify", "plugins")
	dpkg("--purge", "plugins")
	if left, err := os.ReadDir(filepath.Join(root, "usr")); err == nil {
		t.Errorf("purged, it left %v in usr", left)
	}
}

// rpmInstalls does the same with rpm.
func rpmInstalls(t *testing.T, src source, pkg string) {
	rpm := func(args ...string) string {
		t.Helper()
		out, err := command(t.Context(), nil, ".", tool(t, "rpm"), args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	facts := rpm("--query", "--queryformat", "%{NAME} %{VERSION} %{LICENSE} %{BUILDHOST} %{URL} [%{FILEUSERNAME}]", "--package", pkg)
	if want := "plugins 0.98.7 Apache-2.0 reproducible " + homepage + " root"; !strings.HasPrefix(facts, want) {
		t.Errorf("it says %q, want %q", facts, want)
	}
	if out := rpm("--checksig", pkg); !strings.Contains(out, "digests OK") {
		t.Error(out)
	}
	if os.Getuid() != 0 {
		t.Skip("only root installs packages")
	}
	root := t.TempDir()
	rpm("--root", root, "--initdb")
	rpm("--root", root, "--install", "--nodeps", pkg)
	areThere(t, root, "usr/share/zsh/site-functions/_plugins", "usr/share/licenses/plugins/LICENSE")
	saysVersion(t, src, filepath.Join(root, "usr/bin/plugins"))
	if out := rpm("--root", root, "--verify", "plugins"); out != "" {
		t.Errorf("what is installed is not what is in the package:\n%s", out)
	}
	rpm("--root", root, "--erase", "plugins")
	if _, err := os.Lstat(filepath.Join(root, "usr/bin/plugins")); err == nil {
		t.Error("erased, the program is there")
	}
}
