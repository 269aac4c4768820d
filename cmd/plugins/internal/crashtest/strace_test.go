package crashtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// operation is one system call of a traced run that changes something, or opens a
// file.
type operation struct {
	call   string
	thread string
	index  int      // which of the thread's calls of this name it is, from 1
	args   []string // as strace prints them
	path   string   // absolute; of what is changed
	to     string   // absolute; the other name of a rename or a link, or what is copied from
	id     string   // what it does, told apart from all else the run does, the same in every run
	ret    string   // what it returned; "" if it was killed, "?" if it never returned
	start  int      // the line of the trace in which it began
	end    int      // and that in which it returned
}

// failed reports whether the call returned an error.
func (o *operation) failed() bool { return strings.HasPrefix(o.ret, "-1 ") }

// injected reports whether what it returned is not the kernel's answer.
func (o *operation) injected() bool { return strings.HasSuffix(o.ret, "(INJECTED)") }

// data is what a write wrote; it is cut off unless the trace was taken with "-s".
func (o *operation) data() []byte { return unquote(o.args[1]) }

// calls are the system calls that are traced: those that change something, and openat.
var calls = []string{
	"openat", "open", "creat", "write", "pwrite64", "writev", "sendfile", "copy_file_range", "ftruncate", "truncate", "fallocate",
	"mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
	"fsync", "fdatasync", "syncfs", "chmod", "fchmod", "fchmodat", "utimensat", "flock",
	"chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr",
}

// changes reports whether the operation may change what is in the file system, or
// make it durable.
func (o *operation) changes() bool {
	if o.call == "openat" {
		return strings.Contains(o.flags(), "O_CREAT") || strings.Contains(o.flags(), "O_TRUNC")
	}
	return o.call != "flock"
}

func (o *operation) flags() string {
	if o.call == "openat" && len(o.args) > 2 {
		return o.args[2]
	}
	return ""
}

// needStrace skips a test where the program cannot be traced.
func needStrace(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("strace is for Linux")
	}
	if raced {
		t.Skip("the race detector sees nothing of a program that is traced")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	if out, err := exec.Command("strace", "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace does not work here: %v\n%s", err, out)
	}
}

// buildPinned builds the program, with the sources that overlay names by their path
// in the repository in place of those there. Its main goroutine, which commits,
// keeps to the main thread, and no other runs there, as may happen without: strace
// counts the calls of each thread by itself, so that those can be told in advance.
func buildPinned(t testing.TB, overlay map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	sources := map[string]string{"cmd/plugins/pinned.go": "package main\n\nimport \"runtime\"\n\nfunc init() { runtime.LockOSThread() }\n"}
	maps.Copy(sources, overlay)
	for name, text := range sources {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, filepath.FromSlash(name))] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return build(t, file)
}

// traced is a run of the program under strace.
type traced struct {
	ops  []operation // of what lies in the project, in the order in which they began
	all  []operation // of everything
	exit int         // -1: it was killed
	out  string      // what it printed
}

// trace runs bin in the project dir under strace, with extra options.
//
// One processor makes what it does at once follow one order most of the time.
func trace(t testing.TB, bin, dir string, extra []string, command ...string) *traced {
	t.Helper()
	return traceSome(t, bin, dir, append([]string{"-f"}, extra...), command...)
}

// traceMain is trace, of the main thread alone.
func traceMain(t testing.TB, bin, dir string, extra []string, command ...string) *traced {
	t.Helper()
	return traceSome(t, bin, dir, extra, command...)
}

func traceSome(t testing.TB, bin, dir string, extra []string, command ...string) *traced {
	t.Helper()
	log := dir + ".strace"
	line := append([]string{"-y", "-s", "64", "-e", "signal=none", "-o", log, "-e", "trace=" + strings.Join(calls, ",")}, extra...)
	cmd := exec.Command("strace", append(append(line, bin), args(dir, command...)...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(text) == 0 {
		t.Fatalf("strace %s: nothing traced\n%s", strings.Join(line, " "), out)
	}
	_ = os.Remove(log)
	r := &traced{all: parseTrace(text), exit: cmd.ProcessState.ExitCode(), out: string(out)}
	r.ops = within(r.all, dir)
	return r
}

// traceApply returns, in the order in which they began, the operations of a whole
// apply in the project dir that concern what lies in it. Extra are options for strace.
func traceApply(t testing.TB, bin, dir string, extra ...string) []operation {
	t.Helper()
	r := trace(t, bin, dir, extra, "apply")
	if r.exit != 0 {
		t.Fatalf("apply: exit %d\n%s", r.exit, r.out)
	}
	return r.ops
}

var (
	beginning = regexp.MustCompile(`^(?:(\d+) +)?(\w+)\((.*)$`)
	resuming  = regexp.MustCompile(`^(?:(\d+) +)?<\.\.\. (\w+) resumed>(.*)$`)
	returning = regexp.MustCompile(`^(.*)\) += (.*)$`)
)

const unfinished = " <unfinished ...>"

// parseTrace reads what "strace -f -y" wrote.
func parseTrace(log []byte) []operation {
	var ops []operation
	open := map[string]int{} // by thread
	counts := map[string]int{}
	for n, text := range strings.Split(string(log), "\n") {
		if m := resuming.FindStringSubmatch(text); m != nil {
			if i, ok := open[m[1]]; ok {
				ops[i].finish(m[3], n)
				delete(open, m[1])
			}
			continue
		}
		m := beginning.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		counts[m[1]+m[2]]++
		o := operation{thread: m[1], call: m[2], index: counts[m[1]+m[2]], start: n, end: n}
		if before, ok := strings.CutSuffix(m[3], unfinished); ok {
			o.args = []string{before}
			open[m[1]] = len(ops)
		} else {
			o.finish(m[3], n)
		}
		ops = append(ops, o)
	}
	for i := range ops {
		o := &ops[i]
		o.args = splitArgs(strings.Join(o.args, ""))
		o.findPaths()
	}
	return ops
}

func (o *operation) finish(rest string, line int) {
	o.end = line
	if m := returning.FindStringSubmatch(rest); m != nil {
		rest, o.ret = m[1], m[2]
	}
	o.args = append(o.args, rest)
}

// splitArgs splits arguments at the commas that are in no string, path or bracket.
func splitArgs(s string) []string {
	var out []string
	depth, quoted, path, from := 0, false, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && !path:
			quoted = !quoted
		case quoted:
		case c == '<':
			path = true
		case c == '>':
			path = false
		case path:
		case strings.IndexByte("[{(", c) >= 0:
			depth++
		case strings.IndexByte("]})", c) >= 0:
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// unquote reads a string as strace prints it; nil if it is none.
func unquote(s string) []byte {
	s, ok := strings.CutPrefix(s, `"`)
	end := strings.LastIndexByte(s, '"')
	if !ok || end < 0 {
		return nil
	}
	s = s[:end]
	var out bytes.Buffer
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out.WriteByte(s[i])
			continue
		}
		i++
		if at := strings.IndexByte(`tnvfr"\`, s[i]); at >= 0 {
			out.WriteByte("\t\n\v\f\r\"\\"[at])
			continue
		}
		digits := i
		for digits < len(s) && digits < i+3 && '0' <= s[digits] && s[digits] <= '7' {
			digits++
		}
		n, _ := strconv.ParseUint(s[i:digits], 8, 8)
		out.WriteByte(byte(n))
		i = digits - 1
	}
	return out.Bytes()
}

// findPaths finds the paths of an operation in its arguments.
func (o *operation) findPaths() {
	var paths []string
	folder := ""
	for i, a := range o.args {
		before, rest, isFile := strings.Cut(a, "<")
		switch {
		case isFile && (before == "AT_FDCWD" || isNumber(before)):
			folder, _, _ = strings.Cut(rest, ">")
			if i == 0 && (len(o.args) == 1 || !strings.HasPrefix(o.args[1], `"`) || strings.HasSuffix(o.call, "write") || o.call == "pwrite64") {
				paths = append(paths, folder)
			}
		case strings.HasPrefix(a, `"`) && (folder == "" || len(paths) == 0 || i > 1):
			path := string(unquote(a))
			if !filepath.IsAbs(path) {
				path = filepath.Join(folder, path)
			}
			paths = append(paths, path)
		}
	}
	if o.call == "copy_file_range" && len(o.args) > 2 {
		paths = []string{descriptor(o.args[2]), descriptor(o.args[0])}
	}
	if len(paths) > 0 {
		o.path = paths[0]
	}
	if len(paths) > 1 {
		o.to = paths[1]
	}
}

// descriptor is the path of a file descriptor as "strace -y" prints it.
func descriptor(arg string) string {
	_, rest, _ := strings.Cut(arg, "<")
	path, _, _ := strings.Cut(rest, ">")
	return path
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// random are the parts of names that differ between runs.
var random = regexp.MustCompile(`[0-9a-f]{16}\b|\bdownload-\d+|[.-][A-Z2-7]{26}\b|\.\d+\.tmp\b`)

// within keeps the operations on what lies in dir, and tells them apart.
func within(all []operation, dir string) []operation {
	var ops []operation
	seen := map[string]int{}
	for _, o := range all {
		rel, ok := inside(dir, o.path)
		if !ok {
			continue
		}
		id := o.call + " " + rel
		if to, ok := inside(dir, o.to); ok {
			id += " " + to
		}
		if o.changes() && o.call == "openat" {
			id += " to write"
		}
		id = random.ReplaceAllString(id, "*")
		seen[id]++
		o.id = id + " #" + strconv.Itoa(seen[id])
		ops = append(ops, o)
	}
	return ops
}

func inside(dir, path string) (string, bool) {
	rel, err := filepath.Rel(dir, path)
	return rel, path != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}
