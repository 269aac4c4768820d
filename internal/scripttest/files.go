package scripttest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// What Unix has programs for is a command here, so that scripts run where there are
// none.

// cmdCopyTree copies files and folders into a folder, or one folder as a new one:
// copytree FROM… TO.
func cmdCopyTree(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("it takes FROM… TO")
	}
	to := ts.MkAbs(args[len(args)-1])
	into, err := os.Stat(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, arg := range args[:len(args)-1] {
		from, at := ts.MkAbs(arg), to
		if into != nil && into.IsDir() {
			at = filepath.Join(to, filepath.Base(from))
		}
		if err := copyTree(from, at); err != nil {
			return err
		}
	}
	return nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		if d.IsDir() {
			return os.Mkdir(at, info.Mode().Perm())
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(at, data, info.Mode().Perm())
	})
}

// cmdTouch gives a file, or each in a folder, the time of now, of a while ago, or of another
// file.
func cmdTouch(ts *testscript.TestScript, args []string) error {
	flags := flag.NewFlagSet("touch", flag.ContinueOnError)
	like := flags.String("like", "", "")
	age := flags.Duration("age", 0, "")
	ops, err := operands(flags, args, "FILE")
	if err != nil {
		return err
	}
	at := time.Now().Add(-*age)
	if *like != "" {
		info, err := os.Stat(ts.MkAbs(*like))
		if err != nil {
			return err
		}
		at = info.ModTime()
	}
	return eachFile(ts.MkAbs(ops[0]), func(name string) error { return os.Chtimes(name, at, at) })
}

// cmdPause waits.
func cmdPause(_ *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "DURATION")
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(ops[0])
	time.Sleep(d)
	return err
}

// cmdNowhere demands that no file at some places holds a text: nowhere TEXT PATH….
// What is not there holds none.
func cmdNowhere(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("it takes TEXT PATH…")
	}
	for _, place := range args[1:] {
		err := eachFile(ts.MkAbs(place), func(name string) error {
			data, err := os.ReadFile(name)
			if err == nil && bytes.Contains(data, []byte(args[0])) {
				err = fmt.Errorf("%s holds %q", name, args[0])
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// eachFile visits the regular file at path, or all of them below it.
func eachFile(path string, visit func(name string) error) error {
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			err = visit(name)
		}
		return err
	})
}
