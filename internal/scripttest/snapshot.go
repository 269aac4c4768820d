package scripttest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// snapshot is what a file or a folder was like.
type snapshot struct {
	root    string
	options treeOptions
	lines   []string
}

// treeOptions say how closely a tree is looked at.
type treeOptions struct {
	stat    bool     // inode and time of change too
	without []string // paths in the tree to leave out
}

// listTree lists everything below root, a line each: type and mode, path, and
// the digest of the contents. What is not there has one line that says so.
func listTree(root string, opt treeOptions) ([]string, error) {
	var lines []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if opt.leavesOut(rel) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		line, err := describe(name, rel, d, opt)
		lines = append(lines, line)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return []string{"nothing"}, nil
	}
	return lines, err
}

func (o treeOptions) leavesOut(rel string) bool {
	for _, w := range o.without {
		if rel == w {
			return true
		}
	}
	return false
}

// describe is one line of a listing.
func describe(name, rel string, d fs.DirEntry, opt treeOptions) (string, error) {
	info, err := d.Info()
	if err != nil {
		return "", err
	}
	line := info.Mode().String() + " " + rel
	switch {
	case info.Mode().IsRegular():
		data, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		line += " " + hexDigest(data)[:16]
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(name)
		if err != nil {
			return "", err
		}
		line += " -> " + target
	}
	// A folder's time changes with what is left out of it.
	if opt.stat && (info.Mode().IsRegular() || len(opt.without) == 0) {
		line += fmt.Sprintf(" %s inode=%d", info.ModTime().UTC().Format("2006-01-02T15:04:05.000000000"), inode(info))
	}
	return line, nil
}

// cmdSnapshot remembers a tree: snapshot [-stat] [-without PATH] NAME PATH.
func cmdSnapshot(ts *testscript.TestScript, args []string) error {
	var opt treeOptions
	fs := flag.NewFlagSet("snapshot", flag.ContinueOnError)
	fs.BoolVar(&opt.stat, "stat", false, "")
	fs.Var((*listFlag)(&opt.without), "without", "")
	ops, err := operands(fs, args, "NAME PATH")
	if err != nil {
		return err
	}
	root := ts.MkAbs(ops[1])
	lines, err := listTree(root, opt)
	if err != nil {
		return err
	}
	worldOf(ts).snapshots[ops[0]] = snapshot{root: root, options: opt, lines: lines}
	return nil
}

// difference compares a snapshot with what is there now.
func difference(ts *testscript.TestScript, args []string) (string, error) {
	ops, err := noFlags(args, "NAME")
	if err != nil {
		return "", err
	}
	old, ok := worldOf(ts).snapshots[ops[0]]
	if !ok {
		return "", fmt.Errorf("no snapshot is called %q", ops[0])
	}
	now, err := listTree(old.root, old.options)
	return cmp.Diff(old.lines, now), err
}

func cmdUnchanged(ts *testscript.TestScript, args []string) error {
	diff, err := difference(ts, args)
	if err == nil && diff != "" {
		err = fmt.Errorf("%s has changed (-then +now):\n%s", args[0], diff)
	}
	return err
}

func cmdChanged(ts *testscript.TestScript, args []string) error {
	diff, err := difference(ts, args)
	if err == nil && diff == "" {
		err = fmt.Errorf("%s has not changed", args[0])
	}
	return err
}

// cmdTree prints a listing of a tree: the mode and the path of everything in it.
func cmdTree(ts *testscript.TestScript, args []string) error {
	var opt treeOptions
	fs := flag.NewFlagSet("tree", flag.ContinueOnError)
	fs.Var((*listFlag)(&opt.without), "without", "")
	ops, err := operands(fs, args, "PATH")
	if err != nil {
		return err
	}
	lines, err := listTree(ts.MkAbs(ops[0]), opt)
	for _, line := range lines {
		fields := strings.Fields(line)
		fmt.Fprintln(ts.Stdout(), strings.Join(fields[:min(2, len(fields))], " "))
	}
	return err
}

// cmdAppend adds a line to a file, which is made where there is none.
// cmdReplace replaces a text in a file, where it must be.
func cmdReplace(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "FILE OLD NEW")
	if err != nil {
		return err
	}
	data, err := os.ReadFile(ts.MkAbs(ops[0]))
	if err != nil {
		return err
	}
	if !strings.Contains(string(data), ops[1]) {
		return fmt.Errorf("%s does not hold %q", ops[0], ops[1])
	}
	return os.WriteFile(ts.MkAbs(ops[0]), []byte(strings.ReplaceAll(string(data), ops[1], ops[2])), 0o644)
}

func cmdAppend(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "FILE TEXT")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(ts.MkAbs(ops[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(ops[1] + "\n")
	return errors.Join(err, f.Close())
}
