package crashtest

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// history is what a traced run did, as the model sees it.
type history struct {
	*model
	syncs  []synced
	report int // the line of the trace in which success was reported; 0: it was not
}

// synced is an operation that made something durable.
type synced struct {
	inode      inode // 0: everything
	start, end int
}

// replay traces a command in the project dir, which it must not fail in, and reads
// what it did into a model. When it prints report, it reports success. Extra are
// options for strace.
func replay(t *testing.T, bin, dir, report string, extra []string, command ...string) *history {
	t.Helper()
	return replayed(t, 0, bin, dir, report, extra, command...)
}

// replayed is replay of a command that ends with an exit code.
func replayed(t *testing.T, exit int, bin, dir, report string, extra []string, command ...string) *history {
	t.Helper()
	m, err := loadModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{model: m}
	r := trace(t, bin, dir, append([]string{"-s", "1000000"}, extra...), command...)
	if r.exit != exit {
		t.Fatalf("%s: exit %d\n%s", command[0], r.exit, r.out)
	}
	slices.SortStableFunc(r.all, func(a, b operation) int { return cmp.Compare(a.end, b.end) })
	for i := range r.all {
		o := &r.all[i]
		if fd, _, _ := strings.Cut(o.args[0], "<"); o.call == "write" && (fd == "1" || fd == "2") {
			if bytes.Contains(o.data(), []byte(report)) {
				h.report = o.end
			}
			continue
		}
		if rel, ok := inside(dir, o.path); ok && !o.failed() {
			if err := h.apply(o, dir, rel); err != nil {
				t.Fatalf("%s %s: %v", o.call, strings.Join(o.args, ", "), err)
			}
		}
	}
	if h.report == 0 {
		t.Fatalf("%q was never printed:\n%s", report, r.out)
	}
	return h
}

// apply reads one operation on rel, a path in the project dir.
func (h *history) apply(o *operation, dir, rel string) error {
	switch e := (effect{what: o.call + " " + rel, end: o.end}); o.call {
	case "openat":
		return h.open(o, rel, e)
	case "mkdirat":
		mode, err := modeOf(o.args[2])
		h.name(rel, h.make(file{folder: true, mode: mode}), e)
		return err
	case "unlinkat":
		h.name(rel, 0, e)
	case "renameat", "renameat2":
		to, ok := inside(dir, o.to)
		if !ok {
			return fmt.Errorf("it leaves %s", dir)
		}
		a, b := h.split(rel), h.split(to)
		e.names = map[name]inode{a: 0, b: h.now[a]}
		if o.args[len(o.args)-1] == "RENAME_EXCHANGE" {
			e.names[a] = h.now[b]
		}
		e.what += " " + to
		h.did(e)
	case "linkat":
		to, ok := inside(dir, o.to)
		if !ok {
			return fmt.Errorf("it leaves %s", dir)
		}
		h.name(to, h.lookup(rel), e)
	case "write":
		return h.write(o, rel, o.data(), e)
	case "copy_file_range":
		from, ok := inside(dir, o.to)
		n, err := strconv.Atoi(o.ret)
		if !ok || err != nil {
			return fmt.Errorf("it copies %s of %s", o.ret, o.to)
		}
		at := h.size[h.lookup(rel)] // it copies whole files
		return h.write(o, rel, h.contents(h.lookup(from))[at:at+n], e)
	case "fchmod", "fchmodat":
		var err error
		e.inode = h.lookup(rel)
		e.mode, err = modeOf(o.args[min(len(o.args)-1, 2)])
		h.did(e)
		return err
	case "fsync", "fdatasync", "syncfs":
		s := synced{start: o.start, end: o.end}
		if o.call != "syncfs" {
			if s.inode = h.lookup(rel); s.inode == 0 {
				return fs.ErrNotExist
			}
		}
		h.syncs = append(h.syncs, s)
	case "pwrite64", "ftruncate":
		if !strings.HasSuffix(rel, "/.plugins/lock") { // nothing relies on what that says
			return fmt.Errorf("the model does not know it")
		}
	case "flock", "utimensat":
	default:
		return fmt.Errorf("the model does not know it")
	}
	return nil
}

// name makes the name at rel stand for to.
func (h *history) name(rel string, to inode, e effect) {
	e.names = map[name]inode{h.split(rel): to}
	h.did(e)
}

func (h *history) open(o *operation, rel string, e effect) error {
	flags := o.flags()
	switch {
	case strings.Contains(flags, "O_TRUNC"):
		return fmt.Errorf("the model does not know it")
	case !strings.Contains(flags, "O_CREAT") || h.lookup(rel) != 0:
		return nil
	}
	mode, err := modeOf(o.args[3])
	h.name(rel, h.make(file{mode: mode}), e)
	return err
}

// write appends: the program writes its files from the beginning to the end.
func (h *history) write(o *operation, rel string, data []byte, e effect) error {
	if len(data) == 0 {
		return nil // the end of what is copied
	}
	if e.inode = h.lookup(rel); e.inode == 0 {
		return fs.ErrNotExist
	}
	e.at, e.data = h.size[e.inode], data
	if n, err := strconv.Atoi(o.ret); err != nil || n != len(e.data) {
		return fmt.Errorf("it wrote %s of %d bytes", o.ret, len(e.data))
	}
	h.size[e.inode] += len(e.data)
	h.did(e)
	return nil
}

// modeOf reads a mode; the tests' umask takes from it what it always takes.
func modeOf(s string) (fs.FileMode, error) {
	mode, err := strconv.ParseUint(s, 8, 12)
	return fs.FileMode(mode &^ 0o022), err
}

// points are the lines of the trace after which something is different: one for
// each effect and each sync, and the report.
func (h *history) points() []int {
	points := []int{0, h.report}
	for _, e := range h.effects {
		points = append(points, e.end)
	}
	for _, s := range h.syncs {
		points = append(points, s.end)
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// durable tells which of the effects that were done at a point must be on the disk.
func (h *history) durable(point int) []bool {
	done := 0
	for done < len(h.effects) && h.effects[done].end <= point {
		done++
	}
	out := make([]bool, done)
	for i := range out {
		out[i] = h.isSynced(&h.effects[i], point)
	}
	for i := len(out) - 1; i >= 0; i-- {
		for _, need := range h.effects[i].needs {
			out[need] = out[need] || out[i]
		}
	}
	return out
}

func (h *history) isSynced(e *effect, point int) bool {
	synced := func(i inode) bool {
		return slices.ContainsFunc(h.syncs, func(s synced) bool {
			return (s.inode == 0 || s.inode == i) && e.end < s.start && s.end <= point
		})
	}
	if e.names == nil {
		return synced(e.inode)
	}
	for n := range e.names {
		if !synced(n.folder) {
			return false
		}
	}
	return true
}
