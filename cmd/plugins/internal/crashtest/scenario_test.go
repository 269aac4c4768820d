package crashtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/scripttest"
	"github.com/plugins-hcl/plugins/plugin"
)

// set is what is installed: the digest of each plugin's folder.
type set map[string]plugin.Digest

// scenario is a project at the moment before an apply that replaces two plugins,
// one of which keeps files, removes one, adds one and leaves one alone.
type scenario struct {
	template string // the project; never changed, only copied
	old, new set
	fresh    set    // what the apply makes where nothing was installed: nothing is kept
	bin      string // the program that is to recover; "" for the code in this process
}

// newScenario makes the project in a folder of its own, with the program's library.
func newScenario(t testing.TB) *scenario {
	t.Helper()
	s := &scenario{template: filepath.Join(t.TempDir(), "template")}
	for _, p := range []scripttest.Package{
		{Name: "alpha", Version: "1.0.0", Files: []string{"data/a.txt=alpha one"}},
		{Name: "alpha", Version: "2.0.0", Files: []string{"data/a.txt=alpha two", "data/b.txt=more"}},
		{Name: "beta", Version: "1.0.0", Fill: []string{"blob=20000"}},
		{Name: "beta", Version: "2.0.0", Fill: []string{"blob=30000"}},
		{Name: "fresh", Version: "1.0.0"},
		{Name: "gone", Version: "1.0.0"},
		{Name: "stays", Version: "1.0.0"},
	} {
		if err := p.Write(filepath.Join(s.template, "packages", p.Name+"-"+p.Version+".tar.gz")); err != nil {
			t.Fatal(err)
		}
	}
	s.declare(t, "alpha-1.0.0", "beta-1.0.0", "gone-1.0.0", "stays-1.0.0")
	mustRun(t, s.template, "lock")
	mustRun(t, s.template, "apply")
	s.writeKept(t)
	s.old = installedSet(t, s.template)
	s.declare(t, "alpha-2.0.0", "beta-2.0.0", "fresh-1.0.0", "stays-1.0.0")
	mustRun(t, s.template, "lock")

	after := filepath.Join(t.TempDir(), "after")
	s.copyTo(t, after)
	mustRun(t, after, "apply")
	s.new = installedSet(t, after)
	if err := os.RemoveAll(filepath.Join(after, "plugins")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, after, "apply")
	s.fresh = installedSet(t, after)
	return s
}

const keptMode = 0o640

// writeKept is what alpha writes into its own folder: a file with two names.
func (s *scenario) writeKept(t testing.TB) {
	t.Helper()
	kept := filepath.Join(s.template, "plugins", "alpha", "kept")
	if err := os.MkdirAll(filepath.Join(kept, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(kept, "deep", "state")
	if err := errors.Join(os.WriteFile(state, []byte("what it learned"), keptMode), os.Link(state, filepath.Join(kept, "again"))); err != nil {
		t.Fatal(err)
	}
}

// checkKept demands that what alpha wrote is as it was, besides what a digest tells.
func checkKept(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, "plugins", "alpha", "plugin.json")); errors.Is(err, fs.ErrNotExist) {
		return nil // it is being removed
	}
	kept := filepath.Join(dir, "plugins", "alpha", "kept")
	state, err := os.Lstat(filepath.Join(kept, "deep", "state"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	again, againErr := os.Lstat(filepath.Join(kept, "again"))
	switch {
	case err != nil || againErr != nil:
		return errors.Join(err, againErr)
	case !os.SameFile(state, again):
		return errors.New("the two names of a kept file are two files now")
	case state.Mode() != keptMode:
		return fmt.Errorf("the mode of a kept file is %v now", state.Mode())
	}
	return nil
}

func (s *scenario) declare(t testing.TB, packages ...string) {
	t.Helper()
	var b strings.Builder
	for _, p := range packages {
		name, _, _ := strings.Cut(p, "-")
		fmt.Fprintf(&b, "plugin %q {\n  source = \"./packages/%s.tar.gz\"\n", name, p)
		if name == "alpha" {
			b.WriteString("  keep = [\"kept\"]\n")
		}
		b.WriteString("}\n")
	}
	if err := os.WriteFile(filepath.Join(s.template, "plugins.hcl"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyTo copies the project, times and modes included, to dir, which must not exist.
func (s *scenario) copyTo(t testing.TB, dir string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", s.template, dir).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
}

// args are the command line that the tests run: nothing outside dir is used, and
// nobody is there to be asked.
func args(dir string, command ...string) []string {
	if slices.Contains(command, "apply") {
		command = append(slices.Clone(command), "--auto-approve")
	}
	return append([]string{"-C", dir, "--cache-dir", filepath.Join(dir, "cache"), "-j", "1"}, command...)
}

// run runs the program's code in this process.
func run(dir string, command ...string) (code int, output string) {
	var out bytes.Buffer
	code = cli.Run(args(dir, command...), strings.NewReader(""), &out, &out)
	return code, out.String()
}

// run runs the program that is to recover.
func (s *scenario) run(dir string, command ...string) (code int, output string) {
	if s.bin == "" {
		return run(dir, command...)
	}
	cmd := exec.Command(s.bin, args(dir, command...)...)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func mustRun(t testing.TB, dir string, command ...string) {
	t.Helper()
	if code, out := run(dir, command...); code != 0 {
		t.Fatalf("plugins %s: exit %d\n%s", strings.Join(command, " "), code, out)
	}
}

// installedSet digests what is installed in the project dir.
func installedSet(t testing.TB, dir string) set {
	t.Helper()
	got, err := readSet(dir)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func readSet(dir string) (set, error) {
	got := set{}
	entries, err := os.ReadDir(filepath.Join(dir, "plugins"))
	if errors.Is(err, fs.ErrNotExist) {
		return got, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() == ".plugins" {
			continue
		}
		if got[e.Name()], err = treeDigest(filepath.Join(dir, "plugins", e.Name())); err != nil {
			return nil, err
		}
	}
	return got, nil
}

func treeDigest(path string) (plugin.Digest, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return "", err
	}
	defer root.Close()
	tree, err := archive.Read(context.Background(), root)
	return tree.Digest(), err
}

// checkWhole looks at the directory as a host would at the instant of a crash:
// every plugin that is there is its whole old tree or its whole new one; with
// absent, one that is to be replaced or removed may be missing for now, as is one
// without its plugin.json.
func (s *scenario) checkWhole(dir string, absent bool) error {
	got, err := readSet(dir)
	if err != nil {
		return err
	}
	for name, digest := range got {
		if _, err := os.Lstat(filepath.Join(dir, "plugins", name, "plugin.json")); absent && errors.Is(err, fs.ErrNotExist) {
			delete(got, name)
			continue
		}
		if digest != s.old[name] && digest != s.new[name] {
			return fmt.Errorf("%s is neither its old tree nor its new one: %s", name, digest)
		}
	}
	for name := range s.old {
		if _, wanted := s.new[name]; wanted && got[name] == "" && !absent {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return errors.Join(checkKept(dir), s.checkState(dir))
}

// checkState looks for what a host that walks deep could take for a plugin in the
// state: a folder D with D/plugin.json and D/D.
func (s *scenario) checkState(dir string) error {
	return filepath.WalkDir(filepath.Join(dir, "plugins", ".plugins"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.IsDir() {
			return err
		}
		_, manifest := os.Lstat(filepath.Join(path, "plugin.json"))
		_, executable := os.Lstat(filepath.Join(path, d.Name()))
		if manifest == nil && executable == nil {
			return fmt.Errorf("%s looks like a plugin", path)
		}
		return nil
	})
}

// checkRecovers demands that recovering gives the old set or the new one (the new
// one if reported tells that the apply had said so), that the next apply
// converges, and that nothing is left over.
func (s *scenario) checkRecovers(dir string, reported bool) error {
	if code, out := s.run(dir, "recover"); code != 0 {
		return fmt.Errorf("recover: exit %d\n%s", code, out)
	}
	got, err := readSet(dir)
	if err != nil {
		return err
	}
	isOld, isNew := maps.Equal(got, s.old), maps.Equal(got, s.new)
	switch {
	case !isOld && !isNew:
		return fmt.Errorf("after recovery it is neither the old set nor the new one: %v", slices.Sorted(maps.Keys(got)))
	case reported && !isNew:
		return errors.New("the apply had reported success, and its set is not there")
	}
	if err := s.checkHistory(dir, isNew); err != nil {
		return err
	}
	return s.checkConverges(dir)
}

// checkHistory demands that the history knows the set that is there: its newest entry
// that happened is of what was done last.
func (s *scenario) checkHistory(dir string, isNew bool) error {
	entries, unusable, err := apply.History(filepath.Join(dir, "plugins"))
	if err = errors.Join(err, errors.Join(unusable...)); err != nil {
		return fmt.Errorf("the history: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e apply.Entry) bool { return !e.Happened() })
	if len(entries) == 0 {
		if isNew || len(s.old) > 0 {
			return errors.New("the history knows nothing of what was done")
		}
		return nil
	}
	known := map[string]bool{}
	for _, p := range entries[len(entries)-1].Plugins {
		known[string(p.Name)] = true
	}
	there := s.old // less what somebody may have deleted
	if isNew {
		there = s.new
	}
	for name := range there {
		if !known[name] {
			return fmt.Errorf("the history does not know that %s is there", name)
		}
		delete(known, name)
	}
	if isNew && len(known) > 0 {
		return fmt.Errorf("the history says that %v are there, which are not", slices.Sorted(maps.Keys(known)))
	}
	return nil
}

func (s *scenario) checkConverges(dir string) error { return s.checkConvergesTo(dir, s.new) }

func (s *scenario) checkConvergesTo(dir string, want set) error {
	for _, command := range [][]string{{"apply"}, {"verify"}, {"plan", "--detailed-exitcode"}} {
		if code, out := s.run(dir, command...); code != 0 {
			return fmt.Errorf("%s: exit %d\n%s", command[0], code, out)
		}
	}
	got, err := readSet(dir)
	if err != nil {
		return err
	}
	if !maps.Equal(got, want) {
		return errors.New("the next apply did not converge")
	}
	return errors.Join(checkKept(dir), checkLeftovers(dir))
}

// checkLeftovers demands that the state holds what it should and nothing else.
func checkLeftovers(dir string) error {
	state := filepath.Join(dir, "plugins", ".plugins")
	entries, err := os.ReadDir(state)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains([]string{"history", "lock", "previous", "records", "repaired", "staging"}, e.Name()) {
			return fmt.Errorf("%s is left over in %s", e.Name(), state)
		}
	}
	for _, folder := range []string{"staging", "records"} {
		entries, err := os.ReadDir(filepath.Join(state, folder))
		if err != nil {
			return err
		}
		for _, e := range entries {
			name, record := strings.CutSuffix(e.Name(), ".json")
			_, err := os.Lstat(filepath.Join(dir, "plugins", name, "plugin.json"))
			if folder == "staging" || !record || err != nil {
				return fmt.Errorf("%s is left over in %s", e.Name(), folder)
			}
		}
	}
	return checkPrevious(filepath.Join(state, "previous"))
}

// checkPrevious demands that all that is kept for rollback is named by its journal.
func checkPrevious(previous string) error {
	entries, err := os.ReadDir(previous)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	journal, err := os.ReadFile(filepath.Join(previous, "journal"))
	for _, e := range entries {
		if name := e.Name(); name != "journal" && name != "records" && !bytes.Contains(journal, []byte("/"+name+`"`)) {
			return fmt.Errorf("%s is left over in previous", name)
		}
	}
	return err
}

// build builds the program, with the sources that replace names in place of the
// repository's: a mutant.
func build(t testing.TB, overlay string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "plugins")
	command := []string{"build", "-o", bin}
	if overlay != "" {
		command = append(command, "-overlay", overlay)
	}
	cmd := exec.Command("go", append(command, "github.com/plugins-hcl/plugins/cmd/plugins")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// The scenario itself is sound: without a crash, the apply makes the new set.
func TestScenario(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	if maps.Equal(s.old, s.new) || len(s.old) != 4 || len(s.new) != 4 {
		t.Fatalf("the old set is %v, the new one %v", s.old, s.new)
	}
	dir := filepath.Join(t.TempDir(), "project")
	s.copyTo(t, dir)
	if err := s.checkWhole(dir, false); err != nil {
		t.Error(err)
	}
	mustRun(t, dir, "apply")
	if err := s.checkRecovers(dir, true); err != nil {
		t.Error(err)
	}
}
