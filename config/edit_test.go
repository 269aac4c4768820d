package config_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestAddPlugin(t *testing.T) {
	t.Parallel()
	m := config.NewPlugin{Name: "m", Source: "acme/m", Version: "~> 1.2"}
	const block = "plugin \"m\" {\n  source  = \"acme/m\"\n  version = \"~> 1.2\"\n}\n"
	for name, test := range map[string]struct {
		src, want string
		p         config.NewPlugin
	}{
		"nothing":                 {"", block, m},
		"only empty lines":        {"\n\n", block + "\n\n", m},
		"a comment alone":         {"# c\n", "# c\n\n" + block, m},
		"without a last newline":  {"# c", "# c\n\n" + strings.TrimSuffix(block, "\n"), m},
		"behind what is there":    {"a = 1\n\n\n", "a = 1\n\n" + block + "\n\n", m},
		"after the last":          {"plugin \"z\" {}\n\nplugin \"a\" {} # c\n\n# d\n", "plugin \"z\" {}\n\nplugin \"a\" {} # c\n\n" + block + "\n# d\n", m},
		"in order":                {"plugin \"a\" {\n}\n\n# of z\nplugin \"z\" {\n}\n", "plugin \"a\" {\n}\n\n" + block + "\n# of z\nplugin \"z\" {\n}\n", m},
		"first in order":          {"a = 1\n\n# of z\nplugin \"z\" {}\n", "a = 1\n\n" + block + "\n# of z\nplugin \"z\" {}\n", m},
		"first in the file":       {"plugin \"z\" {}\n", block + "\nplugin \"z\" {}\n", m},
		"among lines":             {"plugin \"a\" {}\nplugin \"z\" {}\n", "plugin \"a\" {}\n" + block + "plugin \"z\" {}\n", m},
		"at the end of lines":     {"plugin \"a\" {}\nplugin \"b\" {}\n", "plugin \"a\" {}\nplugin \"b\" {}\n" + block, m},
		"a comment of many lines": {"plugin \"a\" {} /* x\ny */\nplugin \"z\" {}\n", "plugin \"a\" {} /* x\ny */\n" + block + "plugin \"z\" {}\n", m},
		"Windows":                 {"plugin \"a\" {}\r\n", "plugin \"a\" {}\r\n\r\n" + strings.ReplaceAll(block, "\n", "\r\n"), m},
		"a byte order mark":       {"\ufeffplugin \"z\" {}\n", "\ufeff" + block + "\nplugin \"z\" {}\n", m},
		"a heredoc with a block":  {"a = <<E\nplugin \"z\" {}\n\nE\n", "a = <<E\nplugin \"z\" {}\n\nE\n\n" + block, m},
		"no version":              {"", "plugin \"x\" {\n  source = \"./x\"\n}\n", config.NewPlugin{Name: "x", Source: "./x"}},
		"no source":               {"", "plugin \"x\" {\n  version = \"1.0.0\"\n}\n", config.NewPlugin{Name: "x", Version: "1.0.0"}},
		"a template": {
			"", "plugin \"x\" {\n  source = \"https://h/${version}/$${env(1)}/%%{if}\\\"${os}\"\n}\n",
			config.NewPlugin{Name: "x", Source: "https://h/${version}/${env(1)}/%{if}\"${os}"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.AddPlugin([]byte(test.src), "plugins.hcl", test.p)
			if err != nil || string(got) != test.want {
				t.Fatalf("got  %q, %v\nwant %q", got, err, test.want)
			}
			back, err := config.RemovePlugin(got, "plugins.hcl", test.p.Name)
			if err != nil || string(back) != test.src {
				t.Errorf("removed, it is %q, %v\nand was        %q", back, err, test.src)
			}
		})
	}
}

func TestRemovePlugin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ src, want string }{
		"the only one":            {"plugin \"m\" {}\n", ""},
		"with its comment":        {"a = 1\n\n# of m\n// too\nplugin \"m\" {\n  # in m\n}\n\nb = 1\n", "a = 1\n\nb = 1\n"},
		"a comment further up":    {"# not of m\n\nplugin \"m\" {}\n", "# not of m\n"},
		"a comment behind":        {"a = 1 # of a\nplugin \"m\" {} # of m\n# not of m\n", "a = 1 # of a\n# not of m\n"},
		"a long comment":          {"a = 1 /*\nof a */\n/* of\nm */ plugin \"m\" {} /* and\nm */\nb = 1\n", "a = 1 /*\nof a */\nb = 1\n"},
		"first of several":        {"plugin \"m\" {}\n\nplugin \"z\" {}\n", "plugin \"z\" {}\n"},
		"first of a packed group": {"a = 1\n\nplugin \"m\" {}\nplugin \"z\" {}\n", "a = 1\n\nplugin \"z\" {}\n"},
		"last of a packed group":  {"plugin \"a\" {}\nplugin \"m\" {}\n\nb = 1\n", "plugin \"a\" {}\n\nb = 1\n"},
		"the last, no newline":    {"plugin \"a\" {}\n\nplugin \"m\" {}", "plugin \"a\" {}"},
		"a name without quotes":   {"plugin m {}\nplugin z {}\n", "plugin z {}\n"},
		"twice":                   {"plugin \"m\" {}\n\nplugin \"z\" {}\n\nplugin \"m\" {}\n", "plugin \"z\" {}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.RemovePlugin([]byte(test.src), "plugins.hcl", "m")
			if err != nil || string(got) != test.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, test.want)
			}
		})
	}
}

func TestSetVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ src, want string }{
		"another":      {"plugin \"m\" {\n  version   =\"1\" # c\n}\n", "plugin \"m\" {\n  version   =\"^2\" # c\n}\n"},
		"a first one":  {"plugin \"m\" {\n  # c\n  source = \"./m\" # d\n  binary = \"x\"\n}\n", "plugin \"m\" {\n  # c\n  source  = \"./m\" # d\n  version = \"^2\"\n  binary  = \"x\"\n}\n"},
		"somebody's":   {"plugin \"m\" {\n\tsource=\"./m\"\n}\n", "plugin \"m\" {\n\tsource=\"./m\"\n\tversion = \"^2\"\n}\n"},
		"in one line":  {"plugin \"m\" { source = \"./m\" }\nb = 1\n", "plugin \"m\" {\n  source  = \"./m\"\n  version = \"^2\"\n}\nb = 1\n"},
		"an empty one": {"plugin \"m\" {}", "plugin \"m\" {\n  version = \"^2\"\n}"},
		"without a source": {
			"plugin \"m\" { # c\r\n  keep = [\"x\"]\r\n}\r\n",
			"plugin \"m\" { # c\r\n  version = \"^2\"\r\n  keep    = [\"x\"]\r\n}\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.SetVersion([]byte(test.src), "plugins.hcl", "m", "^2")
			if err != nil || string(got) != test.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, test.want)
			}
		})
	}
}

func TestEditFails(t *testing.T) {
	t.Parallel()
	var hand *config.NotEditableError
	if _, err := config.AddPlugin([]byte("{}"), "plugins.hcl.json", config.NewPlugin{Name: "m"}); !errors.As(err, &hand) {
		t.Errorf("JSON: %v", err)
	}
	_, err := config.SetVersion([]byte("plugin \"m\" {\n  version = local.v\n}\n"), "plugins.hcl", "m", "1")
	if !errors.As(err, &hand) || hand.Pos.Line != 2 {
		t.Errorf("an expression: %v", err)
	}
	var diags *config.DiagnosticsError
	if _, err := config.AddPlugin([]byte("a = "), "plugins.hcl", config.NewPlugin{Name: "m"}); !errors.As(err, &diags) {
		t.Errorf("no configuration: %v", err)
	}
	var missing *config.NotDeclaredError
	if _, err := config.RemovePlugin([]byte("registry \"m\" {}"), "plugins.hcl", "m"); !errors.As(err, &missing) || missing.Plugin != "m" {
		t.Errorf("not declared: %v", err)
	}
	if _, err := config.SetVersion(nil, "plugins.hcl", "m", "1"); !errors.As(err, &missing) {
		t.Errorf("not declared: %v", err)
	}
}

// Whatever is added and then removed leaves the bytes that there were.
func TestEditProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := []byte(configuration(t))
		if rapid.Bool().Draw(t, "formatted") {
			src = config.Format(src)
		}
		if rapid.Bool().Draw(t, "cut") {
			src = bytes.TrimRight(src, "\r\n")
		}
		checkEdits(t, src)
	})
}

type failer interface{ Fatalf(string, ...any) }

// checkEdits holds every edit of src against what it promises.
func checkEdits(t failer, src []byte) {
	const filename = "plugins.hcl"
	others := blocks(src)
	for _, name := range []plugin.Name{"00", "new-one", "zzzzzzzzzzzz"} {
		if slices.Contains(names(src), string(name)) {
			continue
		}
		added, err := config.AddPlugin(src, filename, config.NewPlugin{Name: name, Source: "./x", Version: "~> 1.2"})
		if err != nil {
			t.Fatalf("AddPlugin(%q): %v", src, err)
		}
		if got := blocks(added); !sameBlocks(got, append(slices.Clone(others), "plugin \""+string(name)+"\"")) {
			t.Fatalf("AddPlugin made of %q\n%q", src, added)
		}
		// Comments are aligned from line to line: those of others stay where they are.
		plain := !bytes.Contains(src, []byte("# ")) && !bytes.Contains(src, []byte("// ")) && bytes.Equal(config.Format(src), src)
		if plain && !bytes.Equal(config.Format(added), added) {
			t.Fatalf("AddPlugin left the canonical format of %q:\n%q", src, added)
		}
		back, err := config.RemovePlugin(added, filename, name)
		if err != nil || !bytes.Equal(back, src) {
			t.Fatalf("added and removed, %q\nis %q, %v; between it was\n%q", src, back, err, added)
		}
	}
	for _, name := range names(src) {
		removed, err := config.RemovePlugin(src, filename, plugin.Name(name))
		if err != nil {
			t.Fatalf("RemovePlugin(%q, %q): %v", src, name, err)
		}
		left := slices.DeleteFunc(slices.Clone(others), func(b string) bool { return isPlugin(b, name) })
		if got := blocks(removed); !sameBlocks(got, left) {
			t.Fatalf("RemovePlugin(%q, %q) left\n%q", src, name, removed)
		}
		var hand *config.NotEditableError
		set, err := config.SetVersion(src, filename, plugin.Name(name), "^7")
		if errors.As(err, &hand) {
			continue
		}
		if err != nil || config.CheckSyntax(set, filename) != nil {
			t.Fatalf("SetVersion(%q, %q) = %q, %v", src, name, set, err)
		}
		got := slices.DeleteFunc(blocks(set), func(b string) bool { return isPlugin(b, name) })
		if !slices.Equal(got, left) {
			t.Fatalf("SetVersion(%q, %q) changed more:\n%q", src, name, set)
		}
	}
}

// sameBlocks compares what there is, whatever its order; a block that is wanted may be
// named by its beginning.
func sameBlocks(got, want []string) bool {
	got = slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(got, func(g string) bool {
			return g == w || strings.HasPrefix(w, "plugin \"") && strings.HasPrefix(g, w+" {")
		})
		if i < 0 {
			return false
		}
		got = slices.Delete(got, i, i+1)
	}
	return len(got) == 0
}

func isPlugin(block, name string) bool { return slices.Equal(names([]byte(block)), []string{name}) }

// blocks are the texts of all blocks and attributes at the top, in the order written.
func blocks(src []byte) []string {
	body := parsed(src)
	var ranges []hcl.Range
	for _, b := range body.Blocks {
		ranges = append(ranges, hcl.RangeBetween(b.TypeRange, b.CloseBraceRange))
	}
	for _, a := range body.Attributes {
		ranges = append(ranges, a.SrcRange)
	}
	slices.SortFunc(ranges, func(a, b hcl.Range) int { return a.Start.Byte - b.Start.Byte })
	var texts []string
	for _, r := range ranges {
		texts = append(texts, string(src[r.Start.Byte:r.End.Byte]))
	}
	return texts
}

// names are those of the plugin blocks, each once.
func names(src []byte) []string {
	var out []string
	for _, b := range parsed(src).Blocks {
		if b.Type == "plugin" && len(b.Labels) == 1 && !slices.Contains(out, b.Labels[0]) {
			out = append(out, b.Labels[0])
		}
	}
	return out
}

func parsed(src []byte) *hclsyntax.Body {
	file, diags := hclsyntax.ParseConfig(src, "plugins.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return &hclsyntax.Body{}
	}
	return file.Body.(*hclsyntax.Body)
}

func FuzzEdit(f *testing.F) {
	for _, seed := range []string{
		"", everything, "\n\n", "# c", "\ufeffplugin \"z\" {}", "plugin \"a\" {}\r\n  \r\nplugin \"z\" {}\r\n",
		"/* a\n */ plugin \"m\" { source = <<E\n./a\nE\n} /* b\n*/\n", "plugin m {}\nplugin m {}", "plugin \"a\" { version = 1 }",
		"a = <<E\n\nplugin \"x\" {}\nE\nplugin \"b\" {\n}\n \n# c\nplugin \"c\" {\n}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if config.CheckSyntax(src, "plugins.hcl") != nil {
			return
		}
		checkEdits(t, src)
	})
}
