package fleettest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// atOnce is how many of the machines do something at the same time.
const atOnce = 8

// convoy is machines that share two files and a registry, and nothing else.
type convoy struct {
	dir, program string
}

func newConvoy(t *testing.T) convoy {
	t.Helper()
	c := convoy{memory(t), program(t)}
	for _, folder := range []string{"old", "new", "textfile"} {
		if err := os.Mkdir(filepath.Join(c.dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// memory is a folder in memory, where there is one: what counts here is not how long
// two hundred machines wait for one disk.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "plugins-fleettest-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// node is one machine: a plugin directory and a cache of its own.
func (c convoy) node(i int) string { return filepath.Join(c.dir, fmt.Sprintf("node-%03d", i)) }

func (c convoy) plugins(i int) string { return filepath.Join(c.node(i), "plugins") }

// args are a command line on one machine, for what the folder of says.
func (c convoy) args(i int, of string, command ...string) []string {
	return append([]string{
		"-C", filepath.Join(c.dir, of), "--plugin-dir", c.plugins(i), "--cache-dir", filepath.Join(c.node(i), "cache"),
	}, command...)
}

// run runs a command on one machine in this process.
func (c convoy) run(i int, of string, command ...string) (code int, out string) {
	var b bytes.Buffer
	code = cli.Run(c.args(i, of, command...), strings.NewReader(""), &b, &b)
	return code, b.String()
}

// metrics is the flag that has a machine's metrics written into the one folder for all.
func (c convoy) metrics(i int) string {
	return "--metrics=" + filepath.Join(c.dir, "textfile", filepath.Base(c.node(i))+".prom")
}

// each does something for every machine, several at a time.
func each(t *testing.T, do func(i int) error) {
	t.Helper()
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range machines {
		g.Go(func() error {
			if err := do(i); err != nil {
				return fmt.Errorf("node %d: %w", i, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// declare writes a configuration of plugins of the registry, and locks it.
func (c convoy) declare(t *testing.T, of string, r registry, plugins map[string]string) {
	t.Helper()
	var b strings.Builder
	for name, version := range plugins {
		fmt.Fprintf(&b, "plugin %q {\n  source  = \"oci://%s/plugins/%s\"\n  version = %q\n}\n", name, r.host, name, version)
	}
	if err := os.WriteFile(filepath.Join(c.dir, of, "plugins.hcl"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out := c.run(0, of, "lock"); code != 0 {
		t.Fatalf("lock: exit %d\n%s", code, out)
	}
}

// prepare makes the machines as a fleet is found: new ones, ones with the old set, ones
// that somebody touched, ones of which something was deleted.
func (c convoy) prepare(i int) error {
	if i%4 == 0 {
		return os.MkdirAll(c.node(i), 0o755)
	}
	if code, out := c.run(i, "old", "apply", "--auto-approve"); code != 0 {
		return fmt.Errorf("exit %d\n%s", code, out)
	}
	switch i % 4 {
	case 2:
		return os.WriteFile(filepath.Join(c.plugins(i), "stays", "stays"), []byte("touched"), 0o755)
	case 3:
		return os.RemoveAll(filepath.Join(c.plugins(i), "beta"))
	}
	return nil
}

// apply applies on one machine. On every third it is a process that is killed some
// milliseconds after one of the first lines of its output, another one for each.
func (c convoy) apply(i int) (killed bool, err error) {
	command := []string{"apply", "--auto-approve", "--json", c.metrics(i)}
	if i%3 != 0 {
		code, out := c.run(i, "new", command...)
		if code != 0 {
			err = fmt.Errorf("exit %d\n%s", code, out)
		}
		return false, err
	}
	cmd := exec.Command(c.program, c.args(i, "new", command...)...)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return false, err
	}
	lines, n := bufio.NewScanner(stdout), 0
	for lines.Scan() {
		if n++; n == 1+i/3%8 {
			time.Sleep(time.Duration(i%7) * time.Millisecond)
			_ = cmd.Process.Kill()
		}
	}
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() == -1 {
		return true, nil
	}
	return false, err
}

// whole looks at a machine as a host would: every plugin is all of one version.
func (c convoy) whole(i int) error {
	entries, err := os.ReadDir(c.plugins(i))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if e.Name() == ".plugins" || i%4 == 2 && e.Name() == "stays" {
			continue
		}
		manifest, manifestErr := os.ReadFile(filepath.Join(c.plugins(i), e.Name(), "plugin.json"))
		program, programErr := os.ReadFile(filepath.Join(c.plugins(i), e.Name(), e.Name()))
		data, dataErr := os.ReadFile(filepath.Join(c.plugins(i), e.Name(), "data", "version"))
		err = errors.Join(err, manifestErr, programErr, dataErr)
		version := string(data)
		if !bytes.Contains(manifest, fmt.Appendf(nil, "%q", version)) || !bytes.Contains(program, []byte(e.Name()+" "+version)) {
			err = errors.Join(err, fmt.Errorf("%s is of more than one version:\n%s\n%s\n%s", e.Name(), manifest, program, data))
		}
	}
	return err
}

// Two hundred machines become what one lock says, from the registry that is there
// anyway: several at a time, some of them killed on the way, which nobody cleans up
// after. All that is done about those is what is done about all: apply runs again.
func TestFleetConverges(t *testing.T) {
	t.Parallel()
	r, c := startRegistry(t), newConvoy(t)
	for _, p := range []scripttest.Package{
		{Name: "alpha", Version: "1.0.0"},
		{Name: "beta", Version: "1.0.0"},
		{Name: "gone", Version: "1.0.0"},
		{Name: "stays", Version: "1.0.0"},
		{Name: "alpha", Version: "1.1.0", Fill: []string{"blob=9000"}},
		{Name: "beta", Version: "2.0.0"},
		{Name: "fresh", Version: "1.0.0"},
	} {
		p.Files = append(p.Files, "data/version="+p.Version)
		r.push(t, p)
	}
	c.declare(t, "old", r, map[string]string{"alpha": "1.0.0", "beta": "1.0.0", "gone": "1.0.0", "stays": "1.0.0"})
	c.declare(t, "new", r, map[string]string{"alpha": "1.1.0", "beta": "2.0.0", "fresh": "1.0.0", "stays": "1.0.0"})
	each(t, c.prepare)

	killed := make([]bool, machines)
	each(t, func(i int) (err error) {
		killed[i], err = c.apply(i)
		return errors.Join(err, c.whole(i))
	})
	dead, behind := 0, 0
	for i, k := range killed {
		if !k {
			continue
		}
		dead++
		if code, _ := c.run(i, "new", "plan", "--detailed-exitcode"); code != 0 {
			behind++
		}
	}
	t.Logf("%d machines, %d killed, %d of those not converged", machines, dead, behind)
	if behind < machines/20 {
		t.Errorf("of %d machines that were killed, %d have not converged: they were not killed on the way", dead, behind)
	}

	digest := c.digest(t)
	each(t, func(i int) error { return c.applyAgain(i, killed[i], digest) })
	each(t, func(i int) error {
		if code, out := c.run(i, "new", "verify", c.metrics(i)); code != 0 {
			return fmt.Errorf("verify: exit %d\n%s", code, out)
		}
		left, err := os.ReadDir(filepath.Join(c.plugins(i), ".plugins", "staging"))
		if len(left) > 0 {
			err = fmt.Errorf("%d folders are left in staging", len(left))
		}
		return errors.Join(err, c.whole(i))
	})
	c.checkMetrics(t, digest)
}
