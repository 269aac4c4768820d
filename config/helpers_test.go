package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// environment is an Options.Env that knows only these variables.
func environment(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

func options() config.Options {
	return config.Options{
		Env:            environment(map[string]string{"TOKEN": "s3cr3t-t0ken", "EMPTY": "", "OS": "linux"}),
		Home:           "/home/ann",
		ProgramVersion: plugin.MustVersion("0.3.0"),
	}
}

// parse reads a configuration that must be valid.
func parse(t *testing.T, src string) *config.File {
	t.Helper()
	f, err := config.Parse([]byte(src), "plugins.hcl", options())
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, src)
	}
	return f
}

// refuse reads one that must not be, and returns its diagnostics, a line each.
func refuse(t *testing.T, src, filename string) string {
	t.Helper()
	f, err := config.Parse([]byte(src), filename, options())
	var diags *config.DiagnosticsError
	if !errors.As(err, &diags) || f != nil {
		t.Fatalf("Parse = %v, %v: want a DiagnosticsError alone\n%s", f, err, src)
	}
	var rendered strings.Builder
	if err := diags.WriteText(&rendered, 80, false); err != nil || rendered.Len() == 0 {
		t.Fatalf("WriteText wrote %q, %v", rendered.String(), err)
	}
	return diags.Error()
}

func only(t *testing.T, f *config.File) plugin.Requirement {
	t.Helper()
	if len(f.Plugins) != 1 {
		t.Fatalf("there are %d plugins, want 1", len(f.Plugins))
	}
	return f.Plugins[0]
}

// The example shows every limit, with its default.
func TestExampleShowsEveryLimit(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../plugins.hcl.example")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(src), "  limits {")
	block, _, _ = strings.Cut(block, "\n  }")
	for field := range reflect.TypeFor[plugin.Limits]().Fields() {
		if !strings.Contains(block, "\n    "+strings.ToLower(field.Name)+" ") {
			t.Errorf("the limits do not show %s", field.Name)
		}
	}
	f := parse(t, string(src))
	report, ok := f.Plugin("report")
	if !ok || report.Limits != plugin.DefaultLimits() {
		t.Errorf("its limits are %+v", report.Limits)
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
