package metrics

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/internal/swap"
)

func full(dir string) *Set {
	two, yes := 2, true
	return &Set{
		PluginDir: dir, Lock: "sha256:5af5499e84d0439dfad52b556df8ae5018460edb05422ed80ef60500093c7fe2",
		Pending: []Pending{{"install", 3}, {"remove", 0}}, Drifted: &two, Interrupted: &yes,
		LastApply: &LastApply{At: time.Unix(1795613854, 0), OK: true},
	}
}

const fullText = `# HELP plugins_lock_info Always 1; the label digest tells which lock file is there.
# TYPE plugins_lock_info gauge
plugins_lock_info{digest="sha256:5af5499e84d0439dfad52b556df8ae5018460edb05422ed80ef60500093c7fe2",plugin_dir="/srv/plugins"} 1
# HELP plugins_pending_changes Changes that an apply would make, by action.
# TYPE plugins_pending_changes gauge
plugins_pending_changes{action="install",plugin_dir="/srv/plugins"} 3
plugins_pending_changes{action="remove",plugin_dir="/srv/plugins"} 0
# HELP plugins_drifted Installed plugins whose files are not those that were installed.
# TYPE plugins_drifted gauge
plugins_drifted{plugin_dir="/srv/plugins"} 2
# HELP plugins_interrupted Whether an interrupted apply was found, which the next one finishes or undoes.
# TYPE plugins_interrupted gauge
plugins_interrupted{plugin_dir="/srv/plugins"} 1
# HELP plugins_last_apply_timestamp_seconds When the last apply ended, in seconds since 1970.
# TYPE plugins_last_apply_timestamp_seconds gauge
plugins_last_apply_timestamp_seconds{plugin_dir="/srv/plugins"} 1795613854
# HELP plugins_last_apply_success Whether the last apply did all that there was to do.
# TYPE plugins_last_apply_success gauge
plugins_last_apply_success{plugin_dir="/srv/plugins"} 1
`

func TestFormat(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(fullText, string(full("/srv/plugins").Format())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	failed := Set{PluginDir: "/p", LastApply: &LastApply{At: time.Unix(1, 0)}}
	samples, err := read(string(failed.Format()))
	want := map[string]string{
		`plugins_last_apply_timestamp_seconds{plugin_dir="/p"}`: "1",
		`plugins_last_apply_success{plugin_dir="/p"}`:           "0",
	}
	if diff := cmp.Diff(want, samples); err != nil || diff != "" {
		t.Errorf("what is not known is written: %v (-want +got):\n%s", err, diff)
	}
}

// Whatever a folder is called, the file is well-formed and tells which one it is about.
func TestAnyPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.prom")
	rapid.Check(t, func(t *rapid.T) {
		dir := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("a\\\"\n{},= #")), 0, 12, -1),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "dir")
		s := full(dir)
		samples, err := read(string(s.Format()))
		if err != nil {
			t.Fatal(err)
		}
		if len(samples) != 7 {
			t.Fatalf("%d samples: %v", len(samples), samples)
		}
		if err := os.WriteFile(path, s.Format(), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil || !got.IsAbout(dir) || dir != "" && got.IsAbout(dir+"x") || *got.LastApply != *s.LastApply {
			t.Fatalf("%q is read back as %q, %+v, %v", dir, got.PluginDir, got.LastApply, err)
		}
	})
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.prom")
	foreign := func(err error) bool { return errors.As(err, new(*ForeignError)) }
	for _, c := range []struct {
		name, text string
		want       Set
		err        func(error) bool
	}{
		{name: "empty"},
		{name: "cut off", text: fullText[:strings.Index(fullText, "plugins_last_apply_success{")], want: Set{PluginDir: "/srv/plugins"}},
		{name: "damaged", text: strings.ReplaceAll(fullText, "1795613854", "99999999999999999999"), want: Set{PluginDir: "/srv/plugins"}},
		{name: "another's", text: "# HELP node_uname_info x\n", err: foreign},
		{name: "a configuration", text: "plugin \"authz\" {}\n", err: foreign},
		{name: "too large", text: fullText + strings.Repeat("#\n", maxSize), err: foreign},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if c.err == nil && err != nil || c.err != nil && !c.err(err) {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if _, err := Load(dir); !foreign(err) {
		t.Errorf("a folder: %v", err)
	}
	if s, err := Load(filepath.Join(dir, "new.prom")); err != nil || s.PluginDir != "" {
		t.Errorf("no file: %+v, %v", s, err)
	}
	if _, err := Load(filepath.Join(dir, "none", "new.prom")); !errors.As(err, new(*swap.NoFolderError)) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := Load(filepath.Join(path, "new.prom")); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file where the folder should be: %v", err)
	}
}

// read reads the text format as strictly as its definition, and returns the samples.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
func read(text string) (map[string]string, error) {
	if !strings.HasSuffix(text, "\n") {
		return nil, errors.New("the last line has no end")
	}
	const name, value = `[a-zA-Z_:][a-zA-Z0-9_:]*`, `"(?:[^"\\\n]|\\["\\n])*"`
	help := regexp.MustCompile(`^# HELP (` + name + `) (?:[^\\]|\\[\\n])+$`)
	typed := regexp.MustCompile(`^# TYPE (` + name + `) (counter|gauge|histogram|summary|untyped)$`)
	label := `[a-zA-Z_][a-zA-Z0-9_]*=` + value
	sample := regexp.MustCompile(`^((` + name + `)\{` + label + `(?:,` + label + `)*\}) (\S+)$`) // no time behind it
	samples, current, told := map[string]string{}, "", []string{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		bad := func(why string) error { return fmt.Errorf("line %d, %q: %s", i+1, line, why) }
		if m := help.FindStringSubmatch(line); m != nil {
			if slices.Contains(told, m[1]) {
				return nil, bad("told twice")
			}
			told, current = append(told, m[1]), ""
			continue
		}
		if m := typed.FindStringSubmatch(line); m != nil {
			if current != "" || len(told) == 0 || told[len(told)-1] != m[1] {
				return nil, bad("its HELP does not stand above it")
			}
			current = m[1]
			continue
		}
		m := sample.FindStringSubmatch(line)
		switch {
		case m == nil:
			return nil, bad("it is no sample")
		case m[2] != current:
			return nil, bad("its TYPE does not stand above it")
		case samples[m[1]] != "":
			return nil, bad("it is there twice")
		}
		if _, err := strconv.ParseFloat(m[3], 64); err != nil {
			return nil, bad("it has no number")
		}
		samples[m[1]] = m[3]
	}
	return samples, nil
}
