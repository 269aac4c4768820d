package doctest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

const prompt = "$ "

// command is what is typed, and what the page shows below it.
type command struct {
	line  int // of the page, from 0
	typed string
	shown []string
	to    int // the line behind what is shown
}

func (x part) isConsole() bool { return x.block.language == "console" }
func (x part) isScript() bool {
	return x.block.language == "sh" || x.block.language == "bash" || x.block.language == "shell"
}

// runs reports whether something is to be executed.
func (x part) runs() bool {
	_, not := x.block.marks["not run"]
	return !not && (x.isConsole() || x.isScript())
}

// commands are those of a block.
func (x part) commands() ([]command, error) {
	text := x.block.text
	if x.isScript() {
		return []command{{line: x.line, typed: strings.Join(text, "\n"), to: x.line + len(text)}}, nil
	}
	var all []command
	for i := 0; i < len(text); i++ {
		typed, ok := strings.CutPrefix(text[i], prompt)
		if !ok {
			if len(all) == 0 {
				return nil, fmt.Errorf("a console block starts with a command, a line like %q; what is only shown is ```text", "$ plugins plan")
			}
			last := &all[len(all)-1]
			last.shown, last.to = append(last.shown, text[i]), x.line+i+1
			continue
		}
		c := command{line: x.line + i, typed: typed}
		for strings.HasSuffix(text[i], `\`) && i+1 < len(text) {
			i++
			c.typed += "\n" + text[i]
		}
		c.to = x.line + i + 1
		all = append(all, c)
	}
	return all, nil
}

// run runs the page as a script whose own commands are "part N".
func (p *page) run(t *testing.T) {
	t.Helper()
	var script strings.Builder
	for i, x := range p.parts {
		isFile := x.block.marks["file"] != "" || x.block.marks["shows"] != ""
		switch {
		case x.world != "":
			fmt.Fprintf(&script, "# %s\ncd $WORK\n%s\n", p.at(x.line), x.world)
		case x.runs() || isFile:
			fmt.Fprintf(&script, "# %s\n", p.at(x.line-1))
			if program := x.block.marks["needs"]; program != "" {
				fmt.Fprintf(&script, "[!exec:%s] skip 'needs %s'\n", program, program)
			}
			fmt.Fprintf(&script, "part %d\n", i)
		}
	}
	w := &world{}
	params := w.params(t, script.String())
	params.Cmds["part"] = func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		w.work = ts.Getenv("WORK")
		ts.Check(ts.Chdir(filepath.Join(w.work, "project")))
		p.play(t, ts, w, p.parts[n])
	}
	testscript.Run(t, params)
}

// play writes a block's file, and runs its commands.
func (p *page) play(t *testing.T, ts *testscript.TestScript, w *world, x part) {
	if name := x.block.marks["file"]; name != "" {
		file := ts.MkAbs(w.enter(name))
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
		ts.Check(os.WriteFile(file, []byte(w.enter(strings.Join(x.block.text, "\n"))+"\n"), 0o644))
	}
	if name := x.block.marks["shows"]; name != "" {
		data, err := os.ReadFile(ts.MkAbs(w.enter(name)))
		ts.Check(err)
		p.compare(t, x, command{line: x.line, typed: "cat " + name, shown: x.block.text, to: x.line + len(x.block.text)}, w.leave(string(data), ""))
	}
	if !x.runs() {
		return
	}
	commands, err := x.commands()
	if err != nil {
		ts.Fatalf("%s: %v", p.at(x.line), err)
	}
	typed := x.block.marks["types"]
	codes := strings.Fields(x.block.marks["exits"])
	for i, c := range commands {
		want := "0"
		if n := len(codes) - len(commands) + i; n >= 0 {
			want = codes[n]
		}
		code := w.run(ts, c.typed, typed)
		printed := w.leave(ts.ReadFile("stdout"), typed)
		if code != want {
			ts.Fatalf("%s: exit code %s, want %s. %s\n$ %s\n%s", p.at(c.line), code, want, advice(code), c.typed, strings.Join(printed, "\n"))
		}
		p.compare(t, x, c, printed)
	}
}

// advice says what to write where a command did not end as expected.
func advice(code string) string {
	if code == "127" {
		return "What cannot be run in a test says why, above the block, as in <!-- not run: needs Docker -->, or is ```text; " +
			"a program that changes nothing outside its folder goes into harmless, in world_test.go."
	}
	return "That code is right? Write <!-- exits: " + code + " --> above the block. It needs something? Make it in a <!-- world … --> above: see doc.go."
}

// compare holds what is shown against what was printed.
func (p *page) compare(t *testing.T, x part, c command, printed []string) {
	switch {
	case len(c.shown) == 0 || shows(c.shown, printed):
	case *update:
		p.replace(c.to-len(c.shown), c.to, x.block.indent, likeBefore(printed, c.shown))
	default:
		t.Errorf("%s: this prints something else; -update puts it in (a line … stands for any lines):\n$ %s\n%s",
			p.at(c.line), c.typed, strings.Join(printed, "\n"))
	}
}
