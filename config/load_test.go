package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := config.Load(write(t, filepath.Join(dir, "plugins.hcl"), `registry "r" { url = "registry" }`), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, ok := f.Registry("r")
	if !ok || !r.Local || f.Abs(r.URL) != filepath.Join(dir, "registry") || f.Dir != dir {
		t.Errorf("Registry = %+v, Dir = %q", r, f.Dir)
	}
	if _, ok := f.Registry("s"); ok {
		t.Error("there is a registry named s")
	}
	write(t, filepath.Join(dir, "plugins.hcl.json"), `{"plugin_dir": "x"}`)
	if f, err = config.Load(filepath.Join(dir, "plugins.hcl.json"), config.Options{}); err != nil || f.PluginDir != "x" {
		t.Errorf("Load of JSON: %v", err)
	}
}

// A configuration that is missing, unreadable or no file are three things.
func TestLoadFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "plugins.hcl")
	_, err := config.Load(missing, config.Options{})
	var notFound *config.NotFoundError
	if !errors.As(err, &notFound) || !errors.Is(err, fs.ErrNotExist) || notFound.Path != missing ||
		err.Error() != "there is no configuration file "+missing {
		t.Errorf("a missing file: %v", err)
	}
	_, err = config.Load(dir, config.Options{})
	if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.HasSuffix(err.Error(), dir+" is a directory, not a file") {
		t.Errorf("a directory: %v", err)
	}
	big := write(t, filepath.Join(dir, "big.hcl"), strings.Repeat("#\n", config.MaxSize))
	if _, err = config.Load(big, config.Options{}); err == nil ||
		!strings.Contains(err.Error(), "big.hcl:1: File too large; A configuration file is at most 1048576 bytes long.") {
		t.Errorf("a large file: %v", err)
	}
	// A path through a file is not a missing file.
	if _, err = config.Load(filepath.Join(big, "plugins.hcl"), config.Options{}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path through a file: %v", err)
	}
}

func TestLoadUnreadable(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	path := write(t, filepath.Join(t.TempDir(), "plugins.hcl"), "")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(path, config.Options{}); !errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load: %v", err)
	}
}

// A build on the way to a version is as good as the version.
func TestRequiredVersion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version, constraint string
		ok                  bool
	}{
		{"0.3.0", ">= 0.1", true},
		{"0.3.0-dev+abc", ">= 0.3", true},
		{"0.3.0-dev", ">= 0.3.1", false},
		{"0.3.0-rc.1", "0.3.0-rc.1", true},
		{"", ">= 99", true},
	} {
		opts := config.Options{}
		if test.version != "" {
			opts.ProgramVersion = plugin.MustVersion(test.version)
		}
		_, err := config.Parse([]byte(`required_version = "`+test.constraint+`"`), "plugins.hcl", opts)
		if (err == nil) != test.ok {
			t.Errorf("%s of %q: %v", test.constraint, test.version, err)
		}
	}
}

// The user's own file comes first, replaces the credentials that it names and what it has
// the only mirror of, and has its own folder.
func TestUserFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts := options()
	opts.UserConfig = write(t, filepath.Join(dir, "user", "config.hcl"), `
locals { store = "../store" }
mirror "https://github.com/" { url = local.store }
mirror "https://a.example/" { url = "file:///srv/a/" }
mirror "https://a.example/" {
  url  = "file:///srv/second/"
  only = true
}
credentials "a.example" { token = env("TOKEN") }
`)
	project := write(t, filepath.Join(dir, "project", "plugins.hcl"), `
locals { store = "elsewhere" }
mirror "https://b.example/" { url = "./b" }
mirror "https://GitHub.com/" { url = "https://m.example/" }
mirror "https://github.com/" { url = "../store" }
mirror "https://a.example/" { url = "./never" }
mirror "https://a.example/deeper/" { url = "./never" }
credentials "A.example" { token = "project" }
credentials "b.example" { token = "project" }
`)
	f, err := config.Load(project, opts)
	if err != nil {
		t.Fatal(err)
	}
	ignore := cmpopts.IgnoreTypes(plugin.Pos{})
	if diff := cmp.Diff([]plugin.Mirror{
		{Prefix: "https://github.com/", URL: filepath.Join(dir, "store") + "/"},
		{Prefix: "https://a.example/", URL: "file:///srv/a/"},
		{Prefix: "https://a.example/", URL: "file:///srv/second/", Only: true},
		{Prefix: "https://b.example/", URL: filepath.Join(dir, "project", "b") + "/"},
		{Prefix: "https://github.com/", URL: "https://m.example/"},
	}, f.Mirrors, ignore); diff != "" {
		t.Errorf("Mirrors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]plugin.Credential{
		{Host: "a.example", Token: "s3cr3t-t0ken"}, {Host: "b.example", Token: "project"},
	}, f.Credentials, ignore); diff != "" {
		t.Errorf("Credentials (-want +got):\n%s", diff)
	}
	if f.Mirrors[0].Pos.File != opts.UserConfig {
		t.Errorf("Pos = %s", f.Mirrors[0].Pos)
	}
}

func TestUserFileFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts := options()
	opts.UserConfig = filepath.Join(dir, "config.hcl")
	if _, err := config.Parse(nil, "plugins.hcl", opts); err != nil {
		t.Errorf("a missing file that need not be there: %v", err)
	}
	opts.UserConfigRequired = true
	_, err := config.Parse(nil, "plugins.hcl", opts)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "your own configuration file "+opts.UserConfig+" does not exist" {
		t.Errorf("a missing file that must be there: %v", err)
	}
	write(t, opts.UserConfig, "mirror \"https://a.example/\" {\n  url = lowre(\"x\")\n}\nplugin \"x\" {}\n")
	_, err = config.Parse([]byte("plugin_dir = 7"), "plugins.hcl", opts)
	var diags *config.DiagnosticsError
	if !errors.As(err, &diags) {
		t.Fatal(err)
	}
	want := "plugins.hcl:1: Invalid value for \"plugin_dir\"; It must be a string, in quotes, not a number.\n" +
		opts.UserConfig + ":2: Call to unknown function; There is no function named \"lowre\". Did you mean \"lower\"?\n" +
		opts.UserConfig + ":4: Unsupported block type; Blocks of type \"plugin\" are not expected here."
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	var text strings.Builder
	if err := diags.WriteText(&text, 80, false); err != nil {
		t.Fatal(err)
	}
	// The snippets are those of either file.
	for _, line := range []string{"   1: plugin_dir = 7\n", "   2:   url = lowre(\"x\")\n", "   4: plugin \"x\" {}\n"} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("%q is missing in\n%s", line, text.String())
		}
	}
}

func TestAbs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := config.Parse(nil, filepath.Join(dir, "plugins.hcl"), config.Options{Home: "/home/ann"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"plugins":               filepath.Join(dir, "plugins"),
		"./a/../b/":             filepath.Join(dir, "b"),
		"..":                    filepath.Dir(dir),
		"/srv//x/":              "/srv/x",
		"~":                     "/home/ann",
		"~/x":                   "/home/ann/x",
		"file:///srv/x%20y":     "/srv/x y",
		"FILE://localhost/srv/": "/srv",
	} {
		if got := f.Abs(path); got != want {
			t.Errorf("Abs(%q) = %q, want %q", path, got, want)
		}
	}
	if got := config.ExpandHome("~/x", ""); got != "~/x" {
		t.Errorf("ExpandHome with no home = %q", got)
	}
	if got := config.ExpandHome("~bob", "/home/ann"); got != "~bob" {
		t.Errorf("ExpandHome of another user's = %q", got)
	}
	_, err = config.Parse([]byte(`plugin_dir = "~/x"`), "plugins.hcl", config.Options{})
	if err == nil || !strings.Contains(err.Error(), `"~" stands for the home directory, which is not known here.`) {
		t.Errorf("Parse with no home: %v", err)
	}
}
