package project_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// noConfig is the environment of somebody without a file of their own.
func noConfig(t testing.TB) func(string) (string, bool) {
	t.Helper()
	user := filepath.Join(t.TempDir(), "config.hcl")
	if err := os.WriteFile(user, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return func(name string) (string, bool) { return user, name == "PLUGINS_CONFIG" }
}

// hostileText are texts that would say something else where they are not quoted.
func hostileText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`[ -~]{0,20}`), rapid.SampledFrom([]string{
		`${env("HOME")}`, "\"\n}\nhealth {\n", `%{ if true }`, "authz", "v1.2.3", "~> 1.2", "acme/x", "github.com/acme/x",
		`https://u:p@h/x`, "\u2028", "\\", "workflow-plugin-x",
	}))
}

// Whatever a wfctl.yaml says, what is written is a configuration that has its plugins and
// nothing more, or there is an error, and nothing is written.
func TestInitWritesWhatItRead(t *testing.T) {
	t.Parallel()
	env, dir, n := noConfig(t), t.TempDir(), 0
	written := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		at := filepath.Join(dir, strconv.Itoa(n))
		var manifest, registries strings.Builder
		manifest.WriteString("plugins:\n")
		names := rapid.SliceOfN(rapid.OneOf(rapid.StringMatching(`[a-z]{1,4}`), hostileText()), 0, 3).Draw(t, "names")
		for _, name := range names {
			fmt.Fprintf(&manifest, "- {name: %s, version: %s, source: %s}\n", quote(t, name),
				quote(t, rapid.OneOf(rapid.Just("1.2.3"), hostileText()).Draw(t, "version")), quote(t, hostileText().Draw(t, "source")))
		}
		registries.WriteString("registries:\n")
		for range rapid.IntRange(0, 2).Draw(t, "registries") {
			fmt.Fprintf(&registries, "- {name: %s, type: static, url: %s, token: %s}\n", quote(t, hostileText().Draw(t, "name")),
				quote(t, rapid.OneOf(rapid.Just("https://r.example/v1"), hostileText()).Draw(t, "url")), quote(t, "s3cr3t"))
		}
		if err := errors.Join(os.Mkdir(at, 0o755),
			os.WriteFile(filepath.Join(at, "wfctl.yaml"), []byte(manifest.String()), 0o644),
			os.WriteFile(filepath.Join(at, ".wfctl.yaml"), []byte(registries.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(at, "plugins.hcl")
		started, err := project.Init(t.Context(), path, project.InitOptions{From: filepath.Join(at, "wfctl.yaml")}, project.Options{Env: env, Offline: true})
		if err != nil {
			if _, statErr := os.Lstat(path); !errors.Is(statErr, fs.ErrNotExist) {
				t.Fatalf("there is a file after %v", err)
			}
			return
		}
		written++
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := config.Parse(text, path, config.Options{Home: "/home/x"})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(c.Plugins) != len(names) || len(started.Plugins) != len(names) || c.Health != nil {
			t.Fatalf("of %q it has:\n%s", names, text)
		}
		if strings.Contains(string(text), "s3cr3t") || strings.Contains(fmt.Sprint(started.Notes), "s3cr3t") {
			t.Fatalf("a token:\n%s\n%v", text, started.Notes)
		}
	})
	if written == 0 {
		t.Error("nothing was ever written")
	}
}

// quote writes a text as YAML: JSON is some.
func quote(t *rapid.T, s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// In the real registry, most folders are called workflow-plugin-NAME, some NAME, and some
// names are of a plugin that is built in and of one that is not. Whatever wfctl.yaml calls
// them, and under the short names that wfctl installs by, the right one is found.
func TestInitFindsRealPlugins(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("PLUGINS_TEST_REGISTRY")
	if folder == "" {
		t.Skip("PLUGINS_TEST_REGISTRY does not name the plugins folder of a registry")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "manifest.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests in %s (%v)", folder, err)
	}
	dir := t.TempDir()
	want := map[plugin.Name]string{}
	manifest := "plugins:\n"
	for _, file := range files {
		var m struct{ Name, Version, Type, Repository string }
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		if m.Type == "builtin" {
			continue
		}
		name := filepath.Base(filepath.Dir(file))
		short := plugin.Name(plugin.ShortName(name))
		if first, ok := want[short]; ok {
			t.Logf("%s and %s are installed in one folder", first, name)
			continue
		}
		want[short] = name
		manifest += fmt.Sprintf("- {name: %s, version: v%s}\n", plugin.LongName(name), m.Version)
		text, err := json.Marshal(map[string]string{"name": m.Name, "version": m.Version, "repository": m.Repository})
		at := filepath.Join(dir, "data", "plugins", string(short))
		if err = errors.Join(err, os.MkdirAll(at, 0o755), os.WriteFile(filepath.Join(at, "plugin.json"), text, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	registries := fmt.Sprintf("registries: [{name: gocodealone, type: static, url: %q}]\n", filepath.ToSlash(filepath.Dir(folder)))
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "wfctl.yaml"), []byte(manifest), 0o644),
		os.WriteFile(filepath.Join(dir, ".wfctl.yaml"), []byte(registries), 0o644)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d plugins", len(want))
	user := filepath.Join(t.TempDir(), "config.hcl")
	mirror := fmt.Sprintf("mirror \"https://gocodealone.github.io/workflow-registry/v1/\" {\n  url = %q\n}\n", filepath.ToSlash(filepath.Dir(folder)))
	if err := os.WriteFile(user, []byte(mirror), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"wfctl.yaml", "data/plugins"} {
		path := filepath.Join(dir, filepath.Base(from)+".hcl")
		started, err := project.Init(t.Context(), path, project.InitOptions{From: filepath.Join(dir, filepath.FromSlash(from))},
			project.Options{UserConfig: user, CacheDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if len(started.Notes) > 0 {
			t.Errorf("%s: %v", from, started.Notes)
		}
		c, err := config.Load(path, config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Plugins) != len(want) {
			t.Errorf("%s: %d plugins", from, len(c.Plugins))
		}
		for _, p := range c.Plugins {
			if p.Source.Plugin != want[p.Name] {
				t.Errorf("%s: %s comes from %q, want %q", from, p.Name, p.Source.Text, want[p.Name])
			}
			if _, ok := p.Constraint.Exact(); !ok {
				t.Errorf("%s: %s is demanded as %q", from, p.Name, p.Constraint)
			}
		}
	}
}

func ExampleInit() {
	dir, err := os.MkdirTemp("", "init")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	started, err := project.Init(context.Background(), filepath.Join(dir, "plugins.hcl"), project.InitOptions{}, project.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filepath.Base(started.Path), started.PluginDir)
	// Output: plugins.hcl plugins
}
