package scripttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// patience is how long a host hangs or waits at most.
const patience = 30 * time.Second

// Host is the program testhost of the scripts: what a host brings along to be told of
// its plugins, and to be asked how it is. What it does, files in its folder say.
//
//	testhost reload     writes a line to host.log; fails with the text of reload.fail,
//	                    and goes on for as long as reload.hang is there
//	testhost health     writes a line to host.log; fails with the text of sick, which may
//	                    be "NAME VERSION": only while that is installed; as often as
//	                    sick.times says, if it is there; sick.hang becomes reload.hang then
//	testhost wait FILE  waits until there is such a file
func Host() {
	if err := runHost(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func runHost(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "wait":
		return until(func() bool { return isThere(args[1]) })
	case len(args) > 0 && args[0] == "reload":
		return reload(args)
	case len(args) > 0 && args[0] == "health":
		return health(args)
	}
	return fmt.Errorf("testhost does not know %q", args)
}

func reload(args []string) error {
	if err := note(args); err != nil {
		return err
	}
	if isThere("reload.hang") {
		if err := until(func() bool { return !isThere("reload.hang") }); err != nil {
			return err
		}
	}
	if text, err := os.ReadFile("reload.fail"); err == nil {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}

func health(args []string) error {
	if err := note(args); err != nil {
		return err
	}
	text, err := os.ReadFile("sick")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	sick := strings.TrimSpace(string(text))
	if name, version, ok := strings.Cut(sick, " "); ok && !installedIs(name, version) {
		return err
	}
	if times, err := os.ReadFile("sick.times"); err == nil {
		n, _ := strconv.Atoi(strings.TrimSpace(string(times)))
		if n == 0 {
			return nil
		}
		if err := os.WriteFile("sick.times", []byte(strconv.Itoa(n-1)), 0o644); err != nil {
			return err
		}
	}
	if isThere("sick.hang") {
		if err := os.Rename("sick.hang", "reload.hang"); err != nil {
			return err
		}
	}
	return errors.New("sick of " + sick)
}

func installedIs(name, version string) bool {
	data, err := os.ReadFile(filepath.Join(os.Getenv("PLUGINS_DIR"), name, "plugin.json"))
	var m struct{ Version string }
	return err == nil && json.Unmarshal(data, &m) == nil && m.Version == version
}

// note writes what the host was told to its log.
func note(args []string) error {
	f, err := os.OpenFile("host.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s (%s)\n", strings.Join(args, " "), os.Getenv("PLUGINS_CHANGED"))
	return errors.Join(err, f.Close())
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func until(is func() bool) error {
	for deadline := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("testhost waited in vain")
		}
	}
	return nil
}
