package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

// The floor, and what measures, are this program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && subcommands[os.Args[1]] != nil {
		main()
		return
	}
	os.Exit(m.Run())
}

// must is for what cannot fail, and is not what is tested.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What is generated is the same every time, and compresses as executables do.
func TestGenerator(t *testing.T) {
	t.Parallel()
	s := set{name: "many", count: 2, size: 300_000, files: 2, versions: 5}
	dirs := []string{t.TempDir(), t.TempDir()}
	var all [2][][]release
	for i, dir := range dirs {
		all[i] = must(s.publish(dir))
	}
	if diff := cmp.Diff(all[0], all[1]); diff != "" {
		t.Error(diff)
	}
	if len(all[0]) != 2 || len(all[0][0]) != 2 || all[0][0][0].SHA256 == all[0][0][1].SHA256 || all[0][0][0].SHA256 == all[0][1][0].SHA256 {
		t.Errorf("the packages of two versions of two plugins are not four: %v", all[0])
	}
	var told document
	data := must(os.ReadFile(filepath.Join(dirs[0], "many", "plugins", s.plugin(0), "versions.json")))
	if err := json.Unmarshal(data, &told); err != nil || len(told.Versions) != 5 {
		t.Errorf("5 versions are not told of: %v\n%s", err, data)
	}
	packed := must(os.ReadFile(filepath.Join(dirs[0], filepath.FromSlash(all[0][0][0].Path))))
	unpacked := must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(packed)))))
	if share := float64(len(packed)) / float64(len(unpacked)); share < 0.35 || share > 0.6 {
		t.Errorf("gzip makes %.2f of it", share)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		numbers []float64
		want    spread
	}{
		{nil, spread{}},
		{[]float64{2}, spread{2, 2, 2}},
		{[]float64{3, 1, 2}, spread{2, 1, 3}},
		{[]float64{4, 1, 3, 2}, spread{2.5, 1, 4}},
	} {
		if got := spreadOf(test.numbers); got != test.want {
			t.Errorf("%v: %v, not %v", test.numbers, got, test.want)
		}
	}
}

// took is what two programs took, in turns.
func took(c column, floor, ours []float64, peak int64) result {
	samples := make([][]sample, 2)
	for i, all := range [][]float64{floor, ours} {
		for _, s := range all {
			samples[i] = append(samples[i], sample{Seconds: s, CPU: s / 2, Peak: peak})
		}
	}
	return summarize(c, []contender{{name: floorName}, {name: oursName}}, samples)
}

// A ratio is to the floor of the same round: a round that disturbs both disturbs none.
func TestRatios(t *testing.T) {
	t.Parallel()
	r := took(column{title: "cold"}, []float64{1, 10, 2}, []float64{2, 20, 6}, 1)
	m, _ := r.of(oursName)
	if want := (spread{2, 2, 3}); m.Ratio != want {
		t.Errorf("%v, not %v", m.Ratio, want)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	r := report{Runs: 2, Machine: machine{"linux", "amd64", 2, "ext4", "HTTP/1.1"}, Columns: []result{
		took(column{title: "cold install", target: target{Ratio: 1.25, Peak: 48}}, []float64{0.4, 0.6}, []float64{0.6, 0.9}, 16<<20),
		took(column{title: "plan", target: target{Seconds: 1.5}}, nil, []float64{1.25}, 300<<20),
	}}
	var got strings.Builder
	if err := r.write(&got); err != nil {
		t.Fatal(err)
	}
	const want = `linux/amd64, 2 CPUs, ext4, HTTP/1.1; 2 runs; median, and min–max

cold install; target: 1.25 × floor, 48 MiB
             seconds      min–max  × floor    min–max  CPU s  peak MiB
      floor    0.500  0.400–0.600     1.00  1.00–1.00   0.25        16
    plugins    0.750  0.600–0.900     1.50  1.50–1.50   0.38        16

plan; target: 1.5 s
             seconds      min–max  × floor  min–max  CPU s  peak MiB
    plugins    1.250  1.250–1.250                     0.62       300
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

// A check fails over twice a target, and never for a time.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target target
		ours   float64
		peak   int64
		want   string
	}{
		"a ratio that is reached":   {target{Ratio: 1.25}, 1.25, 1, "ok"},
		"a ratio over its target":   {target{Ratio: 1.25}, 2.4, 1, "missed"},
		"a ratio over twice that":   {target{Ratio: 1.25}, 2.6, 1, "FAILED"},
		"memory over twice its own": {target{Peak: 48}, 1, 97 << 20, "FAILED"},
		"a time":                    {target{Seconds: 0.01}, 1, 1, "missed"},
	} {
		r := &report{Columns: []result{took(column{title: "cold", target: test.target}, []float64{1}, []float64{test.ours}, test.peak)}}
		var out strings.Builder
		err := check(r, &out)
		if !strings.Contains(out.String(), test.want) || (err != nil) != (test.want == "FAILED") {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-columns", "cold", "more"}, {"-unknown"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("%q is no error", args)
		}
	}
}

// bench runs all of it, small, with a program that is built once.
func bench(t *testing.T, program string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	args = append([]string{"-plugins", program, "-dir", dir, "-runs", "1", "-no-peers"}, args...)
	if err := command(args, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	return stdout.String()
}

// Everything, once, with next to nothing.
func TestBench(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "plugins.exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../cmd/plugins").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	small := []string{"-json", "-count", "2", "-size", "10", "-large", "1", "-columns"}
	for name, test := range map[string]struct {
		flags   []string
		columns []string
	}{
		"HTTP/1.1":        {nil, []string{"cold", "idle", "upgrade", "one", "large", "warm", "far"}},
		"HTTP/2 over TLS": {[]string{"-h2"}, []string{"cold"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.flags != nil && runtime.GOOS != "linux" {
				t.Skip("SSL_CERT_FILE is not read there")
			}
			var r report
			if err := json.Unmarshal([]byte(bench(t, program, slices.Concat(test.flags, small, []string{strings.Join(test.columns, ",")})...)), &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Columns) != len(test.columns) || r.Machine.Protocol != name {
				t.Fatalf("%+v", r)
			}
			for _, c := range r.Columns {
				floor, _ := c.of(floorName)
				ours, ok := c.of(oursName)
				if !ok || ours.Seconds.Median <= 0 || ours.Ratio.Median <= 0 || floor.Ratio.Median != 1 {
					t.Errorf("%+v", c)
				}
			}
		})
	}
	t.Run("growth", func(t *testing.T) {
		t.Parallel()
		w := must(newWorld(t.Context(), worldOptions{dir: t.TempDir(), plugins: program}))
		defer w.close()
		all := growths(true)
		all = []growth{all[0], all[len(all)-1]}
		for i := range all {
			all[i].sizes = []int{1, 2}
		}
		docs := t.TempDir()
		if err := w.grow(t.Context(), all, 1, docs, io.Discard); err != nil {
			t.Fatal(err)
		}
		numbers := strings.Count(must(readFile(filepath.Join(docs, "performance-growth.csv"))), "\n")
		if want := 1 + 2*4 + 2*2; numbers != want {
			t.Errorf("%d lines of numbers, not %d", numbers, want)
		}
		picture := xml.NewDecoder(strings.NewReader(must(readFile(filepath.Join(docs, "performance-growth.svg")))))
		for {
			if _, err := picture.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A run that did not do what it was measured for does not count.
func TestUndone(t *testing.T) {
	t.Parallel()
	w := &world{dir: t.TempDir(), self: must(os.Executable())}
	if err := writeFile(filepath.Join(w.dir, "a", "plugin.json"), []byte(`{"name": "a", "version": "1.0.0"}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		wanted release
		counts bool
	}{
		"done":        {release{Name: "a", Version: "1.0.0"}, true},
		"not there":   {release{Name: "b", Version: "1.0.0"}, false},
		"not updated": {release{Name: "a", Version: "2.0.0"}, false},
	} {
		run := &trial{argv: []string{w.self, "floor"}, installed: filepath.Join(w.dir, "*", "plugin.json"), releases: []release{test.wanted}}
		if _, err := w.measure(t.Context(), run); (err == nil) != test.counts {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is cleared gives its space back, and keeps its files; what has another name stays.
func TestClear(t *testing.T) {
	t.Parallel()
	w := &world{dir: t.TempDir()}
	dir := must(w.fresh("run"))
	if err := errors.Join(writeFile(filepath.Join(dir, "a"), []byte("1")), writeFile(filepath.Join(w.dir, "cache"), []byte("2"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(w.dir, "cache"), filepath.Join(dir, "b")); err != nil && runtime.GOOS == "windows" {
		t.Skip(err)
	}
	if err := w.clear(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a run sees what the last one left: %v", err)
	}
	found := must(filepath.Glob(filepath.Join(w.dir, "cleared-1", "*", "a")))
	if len(found) != 1 || must(readFile(found[0])) != "" {
		t.Errorf("%v is not there, and empty", found)
	}
	if runtime.GOOS != "windows" && must(readFile(filepath.Join(w.dir, "cache"))) != "2" {
		t.Error("a file with two names was emptied")
	}
}

// A peer that fails is left out, and told of; the others are measured.
func TestPeerFails(t *testing.T) {
	t.Parallel()
	w := &world{dir: t.TempDir(), self: must(os.Executable())}
	fails := func(context.Context, *world, column) (*trial, error) { return nil, errors.New("it is too old") }
	works := func(context.Context, *world, column) (*trial, error) {
		return &trial{argv: []string{w.self, "floor"}}, nil
	}
	all := []contender{{name: floorName, prepare: works}, {name: "peer", prepare: fails, peer: true}, {name: oursName, prepare: works}}
	r, err := w.bench(t.Context(), []column{{}}, all, 2, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.LeftOut) != 1 || r.LeftOut[0].Name != "peer" || len(r.Columns[0].Measured) != 2 {
		t.Errorf("%+v", r)
	}
	all[1].peer = false
	if _, err := w.bench(t.Context(), []column{{}}, all, 2, io.Discard); err == nil {
		t.Error("the program itself may fail")
	}
}
