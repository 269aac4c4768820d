package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	const src = "plugin   \"a\"  { # why\nsource=\"./a\"\n  version   = \"1.0.0\"   # c\n}"
	const want = "plugin \"a\" { # why\n  source  = \"./a\"\n  version = \"1.0.0\" # c\n}\n"
	if got := string(config.Format([]byte(src))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := config.Format(nil); len(got) != 0 {
		t.Errorf("Format of nothing = %q", got)
	}
}

func TestCheckSyntax(t *testing.T) {
	t.Parallel()
	if err := config.CheckSyntax([]byte("what = ever\n"), "plugins.hcl"); err != nil {
		t.Error(err)
	}
	if err := config.CheckSyntax([]byte(`{"what": "ever"}`), "plugins.hcl.json"); err != nil {
		t.Error(err)
	}
	err := config.CheckSyntax([]byte("a = \n"), "plugins.hcl")
	var diags *config.DiagnosticsError
	if !errors.As(err, &diags) || !strings.HasPrefix(err.Error(), "plugins.hcl:1: Invalid expression; ") {
		t.Errorf("CheckSyntax: %v", err)
	}
	if err := config.CheckSyntax([]byte(`{"a": }`), "plugins.hcl.json"); !errors.As(err, &diags) {
		t.Errorf("CheckSyntax of JSON: %v", err)
	}
}

// Formatting changes the looks alone, and only once.
func TestFormatProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := []byte(configuration(t))
		once := config.Format(src)
		if twice := config.Format(once); !bytes.Equal(once, twice) {
			t.Fatalf("Format is not idempotent:\n%q\n%q", once, twice)
		}
		if before, after := summary(src), summary(once); before != after {
			t.Fatalf("Format changed the meaning of\n%s\nfrom %s\nto   %s", src, before, after)
		}
	})
}

// configuration writes a valid file in somebody's style.
func configuration(t *rapid.T) string {
	var b strings.Builder
	space := func() string { return rapid.SampledFrom([]string{"", " ", "   ", "\t"}).Draw(t, "space") }
	end := func() string {
		return rapid.SampledFrom([]string{"\n", "\n\n", " # note\n", " // note\n", "\r\n"}).Draw(t, "end")
	}
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9]{0,8}`), 0, 5, rapid.ID).
		Filter(func(names []string) bool {
			for _, n := range names {
				if plugin.IsWindowsDevice(n) {
					return false
				}
			}
			return true
		}).Draw(t, "names")
	fmt.Fprintf(&b, "registry%s\"r\"%s{%surl%s=%s\"./r\"%s}%s", space(), space(), space(), space(), space(), space(), end())
	for _, name := range names {
		fmt.Fprintf(&b, "plugin \"%s\"%s{%s", name, space(), end())
		if rapid.Bool().Draw(t, "version") {
			fmt.Fprintf(&b, "%sversion%s=%s\"~> %d.%d\"%s", space(), space(), space(),
				rapid.IntRange(0, 9).Draw(t, "major"), rapid.IntRange(0, 9).Draw(t, "minor"), end())
		}
		if rapid.Bool().Draw(t, "keep") {
			fmt.Fprintf(&b, "%skeep=[%s\"data/**\"%s,%s\"log/*\"%s]%s", space(), space(), space(), space(), space(), end())
		}
		b.WriteString(space() + "}" + end())
	}
	return b.String()
}

// summary is what a configuration says, apart from places.
func summary(src []byte) string {
	f, err := config.Parse(src, "plugins.hcl", config.Options{})
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, p := range f.Plugins {
		fmt.Fprintln(&b, p.Name, p.Constraint, p.Source.Text, p.Keep)
	}
	return b.String()
}

// No file, however nested, exhausts the stack or takes long.
func TestNesting(t *testing.T) {
	t.Parallel()
	const n = config.MaxSize / 16
	// This much ends the program where nothing guards it.
	for name, src := range map[string]string{
		"plugins.hcl":      "a = " + strings.Repeat("(", config.MaxSize-4),
		"plugins.hcl.json": strings.Repeat("[", config.MaxSize),
	} {
		_, err := config.Parse([]byte(src), name, config.Options{})
		if err == nil || !strings.Contains(err.Error(), "Expression too complex") {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	for name, src := range map[string]string{
		"parentheses":       "a = " + strings.Repeat("(", n),
		"lists":             "a = " + strings.Repeat("[", n),
		"objects":           "a = " + strings.Repeat("{a=", n/3),
		"blocks":            strings.Repeat("a {\n", n/4),
		"not":               "a = " + strings.Repeat("!", n) + "true",
		"minus":             "a = " + strings.Repeat("-", n) + "1",
		"questions":         "a = " + strings.Repeat("1?", n/2) + "1",
		"sums":              "a = " + strings.Repeat("1+", n/2) + "1",
		"templates":         "a = " + strings.Repeat("\"${", n/3),
		"directives":        "a = \"" + strings.Repeat("%{if 1}", n/7) + "\"",
		"splats":            "a = x" + strings.Repeat("[*]", n/3),
		"attributes":        "a = x" + strings.Repeat(".a", n/2),
		"heredocs":          "a = <<E\n" + strings.Repeat("%{if 1}\n", n/8),
		"many lines":        strings.Repeat("a = "+strings.Repeat("!", 1900)+"true\n", n/1910),
		"many conditionals": strings.Repeat("a = "+strings.Repeat("1?", 990)+"true\n", n/1990),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if _, err := config.Parse([]byte(src), "plugins.hcl", config.Options{}); err == nil {
				t.Error("Parse accepts it")
			}
			config.Format([]byte(src))
			if took := time.Since(start); took > time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
	for name, src := range map[string]string{
		"lists":     strings.Repeat("[", n),
		"objects":   strings.Repeat(`{"a":`, n/5),
		"templates": `{"plugin_dir": "` + strings.Repeat("${(", n/3) + `"}`,
	} {
		t.Run("JSON "+name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse([]byte(src), "plugins.hcl.json", config.Options{})
			if err == nil || !strings.Contains(err.Error(), "Expression too complex") {
				t.Errorf("Parse: %v", err)
			}
		})
	}
	long := `platforms = [` + strings.Repeat(`"linux/amd64", `, 5000) + "]\n"
	if _, err := config.Parse([]byte(long), "plugins.hcl", config.Options{}); err != nil {
		t.Errorf("a long list: %.200v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", everything, "locals { a = local.b\nb = local.a }", "plugin \"a\" {\n source = <<EOT\n./a\nEOT\n}",
		"registry \"r\" { url = \"./r\" }\nplugin \"p\" {\n version = \"1.2.3\"\n asset = \"x_${os}\"\n}\n",
		"a = [for x in y : x if z]\n", "# c\r\n/* x */ a{b=1}\n", "\ufeffa = 1\n", "x = \"%{ if true ~} a %{ endif }\"",
		`plugin "a" { limits { packed = "1.5GiB" } }`,
	} {
		f.Add([]byte(seed), false)
	}
	f.Add([]byte(`{"plugin": {"a": {"source": "./${name}"}}}`), true)
	f.Add([]byte(`{"locals": [{"a": "${local.b}"}, {"b": null}], "plugin": [[]]}`), true)
	f.Fuzz(func(t *testing.T, src []byte, json bool) {
		filename := "plugins.hcl"
		if json {
			filename += ".json"
		}
		file, err := config.Parse(src, filename, config.Options{Home: "/home/ann"})
		if (file == nil) == (err == nil) {
			t.Fatalf("Parse = %v, %v", file, err)
		}
		if err != nil {
			var diags *config.DiagnosticsError
			if !errors.As(err, &diags) {
				t.Fatalf("Parse: %v", err)
			}
			var text bytes.Buffer
			if err := diags.WriteText(&text, 80, false); err != nil {
				t.Fatal(err)
			}
		} else {
			for _, p := range file.Plugins {
				_, _ = p.Source.Locate(plugin.MustVersion("1.0.0"), plugin.Platform{OS: "linux", Arch: "amd64"})
			}
		}
		if json || config.CheckSyntax(src, filename) != nil {
			return
		}
		once := config.Format(src)
		if twice := config.Format(once); !bytes.Equal(once, twice) {
			t.Fatalf("Format is not idempotent:\n%q\n%q\n%q", src, once, twice)
		}
		if err := config.CheckSyntax(once, filename); err != nil {
			t.Fatalf("Format broke the syntax: %v\n%q\n%q", err, src, once)
		}
	})
}
