package citest

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const scripts = ".github/action"

// action is what is looked at of action.yml.
type action struct {
	Name, Description string
	Inputs            map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Name, If, Shell, Run, Uses string
	WorkingDirectory               string `yaml:"working-directory"`
	Env, With                      map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	decoder := yaml.NewDecoder(strings.NewReader(file(t, "action.yml")))
	if err := decoder.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	script = regexp.MustCompile(`^bash "\$GITHUB_ACTION_PATH/` + regexp.QuoteMeta(scripts) + `/([a-z]+\.sh)"$`)
	reads  = regexp.MustCompile(`(?m)^#   ([A-Z_]+) `)
)

// The action is one that GitHub takes, and one into whose scripts nobody can write: what
// it runs is a script that lies here, and all that comes from elsewhere is in the
// environment.
func TestAction(t *testing.T) {
	t.Parallel()
	a := readAction(t)
	if a.Name == "" || a.Description == "" || a.Runs.Using != "composite" {
		t.Errorf("it is called %q (%q) and uses %q", a.Name, a.Description, a.Runs.Using)
	}
	for name, in := range a.Inputs {
		if in.Description == "" || in.Default == nil {
			t.Errorf("input %s has no description or no default", name)
		}
		if !strings.Contains(file(t, "action.yml"), "inputs."+name) {
			t.Errorf("input %s is not used", name)
		}
	}
	var run []string
	for _, step := range a.Runs.Steps {
		switch {
		case step.Uses != "":
			if !pinned.MatchString(step.Uses) || step.Run != "" || step.Shell != "" {
				t.Errorf("%s is not pinned to a commit, or is more than that", step.Uses)
			}
		case !script.MatchString(step.Run) || step.Shell != "bash":
			t.Errorf("%q runs %q with %q: not a script of %s", step.Name, step.Run, step.Shell, scripts)
		default:
			name := script.FindStringSubmatch(step.Run)[1]
			run = append(run, name)
			// What the script says that it reads is what it is given.
			var wants []string
			for _, m := range reads.FindAllStringSubmatch(file(t, filepath.Join(scripts, name)), -1) {
				wants = append(wants, m[1])
			}
			slices.Sort(wants)
			if given := slices.Sorted(maps.Keys(step.Env)); !slices.Equal(given, wants) {
				t.Errorf("%s is given %v, and reads %v", name, given, wants)
			}
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, scripts))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(run, e.Name()) {
			t.Errorf("%s is not run", e.Name())
		}
	}
}

var (
	expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)
	reference  = regexp.MustCompile(`\b(inputs|steps|github|runner)\.([\w-]+)(?:\.([\w-]+)\.([\w-]+))?`)
)

// What its expressions name is there: an input, an earlier step that writes such an
// output, or one of GitHub's contexts.
func TestActionExpressions(t *testing.T) {
	t.Parallel()
	a := readAction(t)
	writes := map[string]string{} // of a step: its script
	look := func(where, text string) {
		t.Helper()
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			switch m[1] {
			case "inputs":
				if _, ok := a.Inputs[m[2]]; !ok {
					t.Errorf("%s: there is no input %s", where, m[2])
				}
			case "steps":
				output := regexp.MustCompile(`(echo "|output |changes\(\) )` + regexp.QuoteMeta(m[4]))
				if m[3] != "outputs" || !output.MatchString(writes[m[2]]) {
					t.Errorf("%s: no step before writes %s", where, m[0])
				}
			}
		}
	}
	for _, step := range a.Runs.Steps {
		look(step.Name, step.If)
		for _, texts := range []map[string]string{step.Env, step.With, {"working-directory": step.WorkingDirectory}} {
			for key, text := range texts {
				for _, m := range expression.FindAllStringSubmatch(text, -1) {
					look(step.Name+": "+key, m[1])
				}
			}
		}
		if m := script.FindStringSubmatch(step.Run); m != nil && step.ID != "" {
			writes[step.ID] = file(t, filepath.Join(scripts, m[1]))
		}
	}
	for name, out := range a.Outputs {
		look("output "+name, out.Value)
	}
}

// The scripts are ones that bash, and whoever knows its traps, understands.
func TestScriptsAreSound(t *testing.T) {
	t.Parallel()
	bash := shell(t)
	paths, err := filepath.Glob(filepath.Join(root, scripts, "*.sh"))
	if err != nil || len(paths) != 4 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		if out, err := exec.Command(bash, "-n", path).CombinedOutput(); err != nil {
			t.Errorf("bash -n %s: %v\n%s", path, err, out)
		}
		if strings.Contains(read(t, path), "${{") {
			t.Errorf("%s has an expression of GitHub's in it", path)
		}
	}
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("needs shellcheck (Debian: shellcheck)")
	}
	if out, err := exec.Command(shellcheck, paths...).CombinedOutput(); err != nil {
		t.Errorf("shellcheck: %v\n%s", err, out)
	}
}
