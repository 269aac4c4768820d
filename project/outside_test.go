package project_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// guest is a program of somebody else: of this module it can use only what is public.
const guest = `package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func main() {
	if err := run(context.Background(), os.Args[1], len(os.Args) > 2); err != nil {
		fmt.Println(errors.Is(err, plugin.ErrRefused), err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, lock bool) error {
	p, err := project.Open(dir, project.Options{})
	if err != nil {
		return err
	}
	if lock {
		if _, err := p.Lock(ctx, project.LockOptions{}); err != nil {
			return err
		}
	}
	result, err := p.Apply(ctx, nil, project.ApplyOptions{})
	if err != nil {
		return err
	}
	for _, c := range result.Done {
		fmt.Println(c.Action, c.Name, c.To)
	}
	report, err := p.Verify(ctx)
	if err != nil {
		return err
	}
	fmt.Println("drifted:", report.Drifted)
	return nil
}
`

// buildGuest builds it outside this module, with nothing but what this module has
// already downloaded.
func buildGuest(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const ours = "github.com/plugins-hcl/plugins"
	text := strings.Replace(string(mod), "module "+ours, "module guest.example/guest", 1) +
		"\nrequire " + ours + " v0.0.0\n\nreplace " + ours + " => " + filepath.ToSlash(root) + "\n"
	for name, text := range map[string]string{"go.mod": text, "go.sum": string(sum), "main.go": guest} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(dir, "guest.exe")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", bin, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("a program outside the module does not build: %v\n%s", err, out)
	}
	return bin
}

// Whoever embeds the library gets what the configuration says, its policy included:
// nobody can forget it.
func TestOutsideTheModule(t *testing.T) {
	t.Parallel()
	bin := buildGuest(t)
	run := func(dir string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), bin, append([]string{dir}, args...)...)
		home := t.TempDir()
		cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	project := func(policy string) string {
		dir, err := exampleProject()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		setPolicy(t, dir, policy)
		return dir
	}

	free := project("")
	if out, err := run(free, "lock"); err != nil || out != "install billing 2.1.0\ndrifted: 0\n" {
		t.Fatalf("%v\n%s", err, out)
	}

	for name, c := range map[string]struct{ policy, want string }{
		"source":    {`policy { allow_sources = ["nobody/*"] }`, "allow_sources"},
		"signature": {`policy { require_signature = true }`, "requires a signature"},
	} {
		// What forbids to lock forbids to install what was locked before, too.
		for _, args := range [][]string{{"lock"}, nil} {
			dir := project("")
			if args == nil {
				if out, err := run(dir, "lock"); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if err := os.RemoveAll(filepath.Join(dir, "plugins")); err != nil {
					t.Fatal(err)
				}
			}
			setPolicy(t, dir, c.policy)
			out, err := run(dir, args...)
			if err == nil || !strings.Contains(out, c.want) {
				t.Errorf("%s, %q: %v\n%s", name, args, err, out)
			}
			if _, err := os.Lstat(filepath.Join(dir, "plugins", "billing")); !os.IsNotExist(err) {
				t.Errorf("%s, %q: it was installed all the same (%v)", name, args, err)
			}
		}
	}
}

func setPolicy(t *testing.T, dir, policy string) {
	t.Helper()
	path := filepath.Join(dir, "plugins.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, []byte("\n"+policy+"\n")...), 0o644); err != nil {
		t.Fatal(err)
	}
}
