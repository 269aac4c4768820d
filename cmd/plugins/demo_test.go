package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/internal/scripttest"
	"github.com/plugins-hcl/plugins/plugin"
)

// picture is one of the documents': what a terminal shows.
type picture struct {
	file, title string
	play        func(d *demo)
}

func pictures() []picture {
	return []picture{
		{"demo", "plugins lock, apply and plan in a terminal", (*demo).upgrade},
		{"quickstart", "plugins add, plan and apply in a terminal", (*demo).begin},
		{"plan", "a plan with each kind of change", (*demo).everyChange},
		{"error", "an error in plugins.hcl, with the line it is about", (*demo).mistake},
	}
}

// The pictures in the documents are what the program prints; -update draws them anew.
func TestDemo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are written in another way here")
	}
	t.Parallel()
	for _, p := range pictures() {
		t.Run(p.file, func(t *testing.T) {
			t.Parallel()
			d := &demo{t: t, dir: t.TempDir()}
			p.play(d)
			got := draw(strings.TrimSpace(d.screen.String()), p.title)
			file := "../../docs/" + p.file + ".svg"
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not what the program prints; go test ./cmd/plugins -run TestDemo -update draws it:\n%s", file, d.screen.String())
			}
		})
	}
}

// upgrade is what following the README gives.
func (d *demo) upgrade() {
	d.copyExample()
	d.run(0, "", "apply", "--auto-approve")
	d.screen.Reset()
	d.edit("plugins.hcl", `version = "1.0.0"`, `version = "1.1.0"`)
	d.say("\x1b[1m$ $EDITOR plugins.hcl\x1b[0m\x1b[2m     # hello: version = \"1.1.0\"\x1b[0m\n\n")
	for _, command := range []string{"lock", "apply", "plan"} {
		d.enter(0, "yes\n", command)
	}
}

// begin is what following the quickstart gives.
func (d *demo) begin() {
	d.copyExample()
	d.write("plugins.hcl", "registry \"demo\" {\n  url = \"./registry\"\n}\n")
	if err := os.Remove(filepath.Join(d.dir, "plugins.lock.hcl")); err != nil {
		d.t.Fatal(err)
	}
	d.enter(0, "", "add", "hello@1.0.0")
	d.enter(0, "", "add", "clock")
	d.enter(0, "yes\n", "apply")
}

// everyChange is a plan with an install, an upgrade, a downgrade, a repair, a removal and
// a folder that is nobody's.
func (d *demo) everyChange() {
	d.publish(map[string][]string{
		"audit": {"3.0.0", "3.1.0"}, "crm": {"1.1.0"}, "payments": {"5.1.0"}, "salesforce": {"2.4.0"}, "slack": {"1.1.0", "2.0.0"}, "authz": {"0.6.0"},
	})
	d.declare(map[string]string{"audit": "3.1.0", "authz": "0.6.0", "crm": "1.1.0", "salesforce": "2.4.0", "slack": "1.1.0"})
	d.run(0, "", "lock")
	d.run(0, "", "apply", "--auto-approve")
	d.declare(map[string]string{"audit": "3.0.0", "authz": "0.6.0", "crm": "1.1.0", "payments": "5.1.0", "slack": "2.0.0"})
	d.run(0, "", "lock")
	d.run(0, "", "cache", "clean")
	d.write("data/plugins/crm/notes.txt", "call them back\n")
	d.write("data/plugins/legacy/plugin.json", "{}")
	d.screen.Reset()
	d.enter(0, "", "plan")
}

// mistake is a word that is nearly right.
func (d *demo) mistake() {
	d.write("plugins.hcl", "registry \"acme\" {\n  url = \"https://plugins.acme.example/v1\"\n}\n\nplugin \"billing\" {\n  sorce   = \"acme/billing\"\n  version = \"~> 2.1\"\n}\n")
	d.enter(1, "", "plan")
}

// demo is a terminal.
type demo struct {
	t      *testing.T
	dir    string
	screen bytes.Buffer
}

func (d *demo) say(text string) { d.screen.WriteString(text) }

// run runs a command, and shows the answer as a terminal shows what is typed.
func (d *demo) run(exit int, answer string, command ...string) {
	d.t.Helper()
	var out bytes.Buffer
	args := append([]string{"-C", d.dir, "--cache-dir", filepath.Join(d.dir, "cache"), "--color", "always"}, command...)
	if code := cli.Run(args, strings.NewReader(answer), &out, &out); code != exit {
		d.t.Fatalf("plugins %s: exit %d\n%s", strings.Join(command, " "), code, out.String())
	}
	text := strings.ReplaceAll(out.String(), plugin.CurrentPlatform().String(), "linux/amd64")
	text = strings.ReplaceAll(text, " -C "+d.dir, "")
	text = strings.ReplaceAll(text, " --cache-dir "+filepath.Join(d.dir, "cache"), "")
	text = strings.ReplaceAll(text, d.dir+string(filepath.Separator), "")
	// What is not the same in every run, nobody looks for in a picture.
	text = staged.ReplaceAllString(text, "")
	text = swapped.ReplaceAllString(text, " in 4 ms.")
	text = tookAll.ReplaceAllString(text, "$1 (120 ms).")
	d.say(strings.ReplaceAll(text, "answer: \n", "answer: "+answer))
}

// enter is run, below what was typed.
func (d *demo) enter(exit int, answer string, command ...string) {
	d.t.Helper()
	d.say("\x1b[1m$ plugins " + strings.Join(command, " ") + "\x1b[0m\n")
	d.run(exit, answer, command...)
	d.say("\n")
}

func (d *demo) copyExample() {
	d.t.Helper()
	if err := os.CopyFS(d.dir, os.DirFS("../../examples/quickstart")); err != nil {
		d.t.Fatal(err)
	}
}

func (d *demo) write(file, text string) {
	d.t.Helper()
	path := filepath.Join(d.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// publish makes a registry of files with these versions of plugins.
func (d *demo) publish(plugins map[string][]string) {
	d.t.Helper()
	here := plugin.CurrentPlatform()
	for name, versions := range plugins {
		var listed []string
		for _, v := range versions {
			file := fmt.Sprintf("dl/%s-%s.tar", name, v)
			path := filepath.Join(d.dir, "registry", filepath.FromSlash(file))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				d.t.Fatal(err)
			}
			// Uncompressed, it has the same bytes with every version of Go.
			p := scripttest.Package{Name: name, Version: v, Format: "tar", Zeros: []string{fmt.Sprintf("data=%d", 1<<20+len(name)<<17)}}
			if err := p.Write(path); err != nil {
				d.t.Fatal(err)
			}
			listed = append(listed, fmt.Sprintf(`{"version": %q, "downloads": [{"os": %q, "arch": %q, "url": %q}]}`, v, here.OS, here.Arch, file))
		}
		d.write("registry/plugins/"+name+"/versions.json", `{"name": "`+name+`", "versions": [`+strings.Join(listed, ", ")+`]}`)
		last := listed[len(listed)-1]
		d.write("registry/plugins/"+name+"/manifest.json", `{"name": "`+name+`", `+last[1:])
	}
}

// declare writes a plugins.hcl for these versions of plugins.
func (d *demo) declare(plugins map[string]string) {
	d.t.Helper()
	text := "plugin_dir = \"data/plugins\"\nregistry \"acme\" {\n  url = \"./registry\"\n}\n"
	for _, name := range slices.Sorted(maps.Keys(plugins)) {
		text += fmt.Sprintf("plugin %q {\n  version = %q\n}\n", name, plugins[name])
	}
	d.write("plugins.hcl", text)
}

func (d *demo) edit(file, before, after string) {
	d.t.Helper()
	path := filepath.Join(d.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(before), []byte(after), 1), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// draw draws what a terminal shows.
func draw(screen, title string) []byte {
	const left, top, advance, lineHeight = 18, 52, 8.43, 19
	lines := strings.Split(screen, "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(colored.ReplaceAllString(line, "")))
	}
	width, height := int(2*left+advance*float64(columns))+1, top+lineHeight*len(lines)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
<rect width="%d" height="%d" rx="8" fill="#0d1117" stroke="#30363d"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
`, width, height, width, height, title, width, height)
	for i, line := range lines {
		if line == "" {
			continue
		}
		fmt.Fprintf(&b, `<text y="%d" xml:space="preserve">`, top+lineHeight*i)
		at := 0
		for _, s := range spans(line) {
			fmt.Fprintf(&b, `<tspan x="%.1f" fill="%s"%s>`, left+advance*float64(at), s.color, s.style)
			_ = xml.EscapeText(&b, []byte(s.text)) // a buffer takes everything
			b.WriteString("</tspan>")
			at += utf8.RuneCountInString(s.text)
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// span is a text in one style.
type span struct{ text, color, style string }

var (
	staged  = regexp.MustCompile(`\x1b\[2m[^\n]* is staged and verified\x1b\[[0-9;]*m\n`)
	swapped = regexp.MustCompile(` in [0-9.]+ m?s\.`)
	tookAll = regexp.MustCompile(`(complete:[^\n]*) \([0-9.]+ m?s\)\.`)
	colored = regexp.MustCompile(`\x1b\[([0-9;]*)m`)
	colors  = map[string]string{"2": "#8b949e", "31": "#f85149", "32": "#3fb950", "33": "#d29922", "36": "#39c5cf"}
)

// spans takes a line apart at the codes that change its style.
func spans(line string) []span {
	plain := span{color: "#e6edf3"}
	style, from := plain, 0
	var all []span
	for _, m := range append(colored.FindAllStringSubmatchIndex(line, -1), []int{len(line), len(line), len(line), len(line)}) {
		if style.text = line[from:m[0]]; style.text != "" {
			all = append(all, style)
		}
		from = m[1]
		for _, code := range strings.Split(line[m[2]:m[3]], ";") {
			switch color, ok := colors[code]; {
			case ok:
				style.color = color
			case code == "1":
				style.style += ` font-weight="bold"`
			case code == "4":
				style.style += ` text-decoration="underline"`
			default:
				style = plain
			}
		}
	}
	return all
}
