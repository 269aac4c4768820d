package doctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// world is where a page's story is set, and what on the page stands for what in it.
type world struct {
	work   string
	stands [][2]string // on the page, in the world
}

// params are what it takes to run a script in the world.
func (w *world) params(t *testing.T, script string) testscript.Params {
	t.Helper()
	file := filepath.Join(t.TempDir(), "story.txtar")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	repo, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	params := scripttest.Params("", false)
	params.Files = []string{file}
	params.Cmds["at"], params.Cmds["stand"] = cmdAt, w.cmdStand
	setup := params.Setup
	params.Setup = func(e *testscript.Env) error {
		for _, name := range []string{"AUTHOR", "COMMITTER"} {
			e.Setenv("GIT_"+name+"_NAME", "alice")
			e.Setenv("GIT_"+name+"_EMAIL", "alice@example.com")
		}
		e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
		e.Setenv("REPO", repo)
		if err := onlyHarmless(e); err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Join(e.WorkDir, "project"), 0o755); err != nil {
			return err
		}
		return setup(e)
	}
	return params
}

// harmless are the programs that a page may run besides plugins: they change nothing
// outside the folder that they are started in.
func harmless() []string {
	return []string{
		"awk", "basename", "bash", "cat", "chmod", "cmp", "cp", "cut", "date", "diff", "dirname", "env", "find", "git", "grep",
		"gzip", "head", "jq", "ln", "ls", "minisign", "mkdir", "mv", "rm", "sed", "sh", "sha256sum", "sleep", "sort", "tail",
		"tar", "tee", "touch", "tr", "uniq", "wc",
	}
}

// onlyHarmless lets a page find no other programs: nobody's test installs a package
// because a page says how to.
func onlyHarmless(e *testscript.Env) error {
	bin := filepath.Join(e.WorkDir, ".bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	for _, name := range harmless() {
		if path, err := exec.LookPath(name); err == nil {
			if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
				return err
			}
		}
	}
	program, err := exec.LookPath("plugins")
	if err != nil {
		return err
	}
	e.Setenv("PATH", filepath.Dir(program)+string(filepath.ListSeparator)+bin)
	return nil
}

// cmdAt has an address stand for another, a folder of $WORK or a URL.
func cmdAt(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("at takes PREFIX TARGET")
	}
	target := args[1]
	if !strings.Contains(target, "://") {
		target = filepath.Join(ts.Getenv("WORK"), target)
	}
	dir := filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "plugins")
	ts.Check(os.MkdirAll(dir, 0o755))
	f, err := os.OpenFile(filepath.Join(dir, "config.hcl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ts.Check(err)
	fmt.Fprintf(f, "mirror %q {\n  url = %q\n}\n", args[0], target)
	ts.Check(f.Close())
}

// cmdStand has a text on the page stand for one of this world: for a host to which
// something is written, so that no mirror leads there, for a digest or a key. That is the
// text given or, with @, the first word of a file's last line.
func (w *world) cmdStand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("stand takes TEXT and TEXT or @FILE")
	}
	text := args[1]
	if file, ok := strings.CutPrefix(text, "@"); ok {
		lines := strings.Split(strings.TrimSpace(ts.ReadFile(file)), "\n")
		text = strings.Fields(lines[len(lines)-1] + " ?")[0]
	}
	w.stands = append(w.stands, [2]string{args[0], text})
}

// places are folders that stand for those of the world.
var places = regexp.MustCompile(`(^|[\s"'=(])/(srv|media|mnt|etc|opt)/`)

// enter is a text of a page as the world has it.
func (w *world) enter(text string) string {
	for _, h := range w.stands {
		text = strings.ReplaceAll(text, h[0], h[1])
	}
	return places.ReplaceAllString(text, "${1}"+strings.ReplaceAll(w.work, "$", "$$")+"/$2/")
}

var who = regexp.MustCompile(`\bby \S+ on \S+`)

// staged are lines that come in the order in which plugins are ready.
var staged = regexp.MustCompile(`^\S+: \S+ is staged and verified$`)

// inOrder sorts what stands together and is in no order of its own.
func inOrder(lines []string) {
	for from := 0; from < len(lines); from++ {
		to := from
		for to < len(lines) && staged.MatchString(lines[to]) {
			to++
		}
		slices.Sort(lines[from:to])
		from = to
	}
}

// leave is what was printed as a page shows it, with what was typed where it was asked for.
func (w *world) leave(output, typed string) []string {
	if typed != "" {
		output = strings.Replace(output, ": \n", ": "+typed+"\n", 1)
	}
	for _, h := range w.stands {
		output = strings.ReplaceAll(output, h[1], h[0])
	}
	for _, r := range [][2]string{{w.work + "/project", "/home/you/project"}, {w.work + "/home", "/home/you"}, {w.work, ""}} {
		output = strings.ReplaceAll(output, r[0], r[1])
	}
	output = who.ReplaceAllString(output, "by alice on build-3")
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	inOrder(lines)
	return lines
}

// run has a shell run a line, both streams in one as a terminal shows them, and returns
// the exit code.
func (w *world) run(ts *testscript.TestScript, line, typed string) string {
	answers := filepath.Join(w.work, ".tmp", "answers")
	ts.Check(os.WriteFile(answers, []byte(typed+"\n"), 0o644))
	err := ts.Exec("bash", "-ec", fmt.Sprintf("exec 2>&1 <'%s'\n%s", answers, w.enter(line)))
	if exit, ok := err.(*exec.ExitError); ok {
		return strconv.Itoa(exit.ExitCode())
	}
	ts.Check(err)
	return "0"
}

func TestLeave(t *testing.T) {
	t.Parallel()
	w := world{work: "W"}
	got := w.leave("in W/project\nhello: 1.0.0 is staged and verified\nclock: 2.1.0 is staged and verified\n\nb  \na\nz: 1.0.0 is staged and verified\n", "")
	want := []string{
		"in /home/you/project", "clock: 2.1.0 is staged and verified", "hello: 1.0.0 is staged and verified",
		"", "b", "a", "z: 1.0.0 is staged and verified",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEnter(t *testing.T) {
	t.Parallel()
	w := world{work: "W", stands: [][2]string{{"registry.example.com", "127.0.0.1:5000"}}}
	for text, want := range map[string]string{
		"plugins mirror /media/usb/plugins":          "plugins mirror W/media/usb/plugins",
		`url = "/srv/plugins/ghcr.io"`:               `url = "W/srv/plugins/ghcr.io"`,
		"PLUGINS_CONFIG=/srv/x plugins":              "PLUGINS_CONFIG=W/srv/x plugins",
		"https://example.com/srv/x":                  "https://example.com/srv/x",
		"/etc/workflow":                              "W/etc/workflow",
		"./srv/x":                                    "./srv/x",
		"plugins image oci://registry.example.com/x": "plugins image oci://127.0.0.1:5000/x",
	} {
		if got := w.enter(text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
