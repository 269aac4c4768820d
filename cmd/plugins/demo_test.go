package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/plugin"
)

// The picture in the README is what following its text gives; -update draws it anew.
func TestDemo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are written in another way here")
	}
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/quickstart")); err != nil {
		t.Fatal(err)
	}
	d := demo{t: t, dir: dir}
	d.run("", "apply", "--auto-approve")
	d.screen.Reset()

	d.edit("plugins.hcl", `version = "1.0.0"`, `version = "1.1.0"`)
	d.say("\x1b[1m$ $EDITOR plugins.hcl\x1b[0m\x1b[2m     # hello: version = \"1.1.0\"\x1b[0m\n\n")
	for _, command := range []string{"lock", "apply", "plan"} {
		d.say("\x1b[1m$ plugins " + command + "\x1b[0m\n")
		d.run("yes\n", command)
		d.say("\n")
	}

	const picture = "../../docs/demo.svg"
	got := draw(strings.TrimSpace(d.screen.String()), "plugins lock, apply and plan in a terminal")
	if *update {
		if err := os.WriteFile(picture, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the program prints; go test ./cmd/plugins -run TestDemo -update draws it:\n%s", picture, d.screen.String())
	}
}

// demo is a terminal.
type demo struct {
	t      *testing.T
	dir    string
	screen bytes.Buffer
}

func (d *demo) say(text string) { d.screen.WriteString(text) }

// run runs a command, and shows the answer as a terminal shows what is typed.
func (d *demo) run(answer string, command ...string) {
	d.t.Helper()
	var out bytes.Buffer
	args := append([]string{"-C", d.dir, "--cache-dir", filepath.Join(d.dir, "cache"), "--color", "always"}, command...)
	if code := cli.Run(args, strings.NewReader(answer), &out, &out); code != 0 {
		d.t.Fatalf("plugins %s: exit %d\n%s", strings.Join(command, " "), code, out.String())
	}
	text := strings.ReplaceAll(out.String(), plugin.CurrentPlatform().String(), "linux/amd64")
	d.say(strings.ReplaceAll(text, "answer: \n", "answer: "+answer))
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
			fmt.Fprintf(&b, `<tspan x="%.1f" fill="%s"%s>`, left+advance*float64(at), s.color, s.weight)
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
type span struct{ text, color, weight string }

var (
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
				style.weight = ` font-weight="bold"`
			default:
				style = plain
			}
		}
	}
	return all
}
