package crashtest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

// What somebody approved while an interrupted apply lay there is not what there is to
// do once that is recovered: it is stale, and nothing else is done.
func TestApprovedBeforeRecovery(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, p := newScenario(t), newPrograms(t)
	y, stale := ways[0], 0
	for _, from := range y.kills(s, p, y.from(t, s.template), "apply").interrupted(t, howMany(8, 1)) {
		for name, command := range map[string][]string{"a yes": {"apply"}, "a plan file": {"apply", "plan.out"}} {
			c, err := from.fresh()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.remove(t) })
			mustRun(t, c.dir, "plan", "--out", "plan.out")
			before := installedSet(t, c.dir)
			var out bytes.Buffer
			line := append([]string{"-C", c.dir, "--cache-dir", filepath.Join(c.dir, "cache")}, command...)
			code := cli.Run(line, strings.NewReader("yes\n"), &out, &out)
			after := installedSet(t, c.dir)
			if !maps.Equal(after, s.old) && !maps.Equal(after, s.new) || !strings.Contains(out.String(), "Recovered:") {
				t.Errorf("%s: exit %d; it was not just recovered\n%s", name, code, out.String())
			}
			if !maps.Equal(before, after) {
				stale++
				if code != 1 || !strings.Contains(out.String(), "the plan is stale") || !strings.Contains(out.String(), "Apart from that, nothing was changed") {
					t.Errorf("%s: exit %d\n%s", name, code, out.String())
				}
			}
		}
	}
	if stale == 0 {
		t.Error("in no state did recovery change anything")
	}
}

// recover needs neither an answer nor a configuration, and tells a program, too, what
// it did.
func TestRecoverTells(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, p := newScenario(t), newPrograms(t)
	for _, from := range ways[0].kills(s, p, ways[0].from(t, s.template), "apply").interrupted(t, 1) {
		for _, command := range [][]string{{"recover", "--json"}, {"recover", "--json", "--file", "none.hcl", "--plugin-dir", "plugins"}} {
			c, err := from.fresh()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.remove(t) })
			code, out := run(c.dir, command...)
			for _, want := range []string{
				`{"type":"recovered","action":"finished","plugins":["alpha","beta","fresh","gone"]}`,
				`{"type":"summary","recovered":true}`,
			} {
				if code != 0 || !strings.Contains(out, want+"\n") {
					t.Errorf("%v: exit %d\n%s\nwant %s", command, code, out, want)
				}
			}
			if got := installedSet(t, c.dir); !maps.Equal(got, s.new) {
				t.Errorf("%v: the set is %v, want %v", command, got, s.new)
			}
		}
	}
}

// What recovery made of the directory is a change, too, though apply itself finds
// nothing to do, or does not do it.
func TestRecoveryIsAChange(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, p := newScenario(t), newPrograms(t)
	for _, from := range ways[0].kills(s, p, ways[0].from(t, s.template), "apply").interrupted(t, 1) {
		for want, command := range map[string][]string{
			`"keep":4,"failed":0,"changed":true,"lock_digest":"sha256:`: {"apply", "--json"},
			`"keep":0,"failed":0,"changed":true,"lock_digest":"sha256:`: {"apply", "--json", "plan.out"},
		} {
			c, err := from.fresh()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.remove(t) })
			metrics := filepath.Join(c.dir, "x.prom")
			mustRun(t, c.dir, "plan", "--out", "plan.out", "--metrics", metrics)
			demand(t, metrics, "plugins_interrupted", 1)
			_, out := run(c.dir, append(command, "--metrics", metrics)...)
			demand(t, metrics, "plugins_interrupted", 0)
			if !strings.Contains(out, `"type":"recovered"`) || !strings.Contains(out, want) {
				t.Errorf("%v:\n%s\nwant %s", command, out, want)
			}
		}
	}
}

// demand demands that a file of metrics has one with this value.
func demand(t *testing.T, path, metric string, value int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(fmt.Sprintf(`(?m)^%s\{[^}]*\} %d$`, metric, value)).Match(data) {
		t.Errorf("%s is not %d:\n%s", metric, value, data)
	}
}
