package doctest

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

var update = flag.Bool("update", false, "write into the pages what programs print")

// TestMain makes the program a command of the pages.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plugins": func() {
		os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}})
}

// All that the documents say to write or to run is right.
func TestPages(t *testing.T) {
	names, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	var omitted omissions
	t.Run("page", func(t *testing.T) {
		for _, name := range names {
			t.Run(strings.ReplaceAll(name, "/", "_"), func(t *testing.T) {
				t.Parallel()
				p, err := readPage(name)
				if err != nil {
					t.Fatal(err)
				}
				if *update {
					t.Cleanup(func() {
						if err := p.save(); err != nil {
							t.Error(err)
						}
					})
				}
				p.checkConfigurations(t)
				p.checkExamples(t)
				p.checkMentions(t)
				omitted.add(p.notRun(t))
				p.tell(t)
			})
		}
	})
	omitted.check(t, names)
}

// tell runs the story.
func (p *page) tell(t *testing.T) {
	t.Helper()
	if here := runtime.GOOS + "/" + runtime.GOARCH; here != "linux/amd64" {
		t.Skipf("the pages show what is printed on linux/amd64, not on %s", here)
	}
	if slices.ContainsFunc(p.parts, func(x part) bool { return x.runs() }) {
		p.run(t)
	}
}

// omissions are the blocks that are not run, and why.
type omissions struct {
	mu    sync.Mutex
	pages int
	all   []string
}

func (o *omissions) add(some []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pages++
	o.all = append(o.all, some...)
}

// check holds the list against the one that people have seen.
func (o *omissions) check(t *testing.T, pages []string) {
	t.Helper()
	if o.pages < len(pages) {
		return // -run asked for some of them
	}
	const file = "testdata/notrun.txt"
	slices.Sort(o.all)
	got := strings.Join(o.all, "\n") + "\n"
	if *update {
		if err := os.WriteFile(filepath.FromSlash(file), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("of %d pages, these commands are not run; %s says otherwise, -update writes it:\n%s", len(pages), file, got)
	}
}

// notRun lists the commands of a page that are not run.
func (p *page) notRun(t *testing.T) (list []string) {
	t.Helper()
	for _, x := range p.parts {
		why, marked := x.block.marks["not run"]
		switch {
		case !marked:
		case why == "":
			t.Errorf("%s: write why: <!-- not run: needs Docker -->", p.at(x.line-1))
		default:
			for _, line := range x.block.text {
				if command, ok := strings.CutPrefix(line, prompt); ok || x.isScript() {
					list = append(list, p.name+": "+command+"  ("+why+")")
				}
			}
		}
	}
	return list
}
