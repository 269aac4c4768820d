package scripttest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rogpeppe/go-internal/testscript"
)

// Params are what [testscript.Run] needs to run the scripts in dir. With update,
// a golden that a cmp finds different is rewritten in its script.
func Params(dir string, update bool) testscript.Params {
	return testscript.Params{
		Dir:                dir,
		Setup:              setup,
		Cmds:               commands(),
		Condition:          condition,
		UpdateScripts:      update,
		RequireUniqueNames: true,
	}
}

// deadProxy is where every request goes that is not for this machine: nobody
// listens on the discard port, so it fails at once and no packet leaves. Go's
// own clients never send requests for loopback addresses to a proxy.
const deadProxy = "http://127.0.0.1:9"

// setup gives a script a home of its own and no network; testscript has given it
// an environment with nothing else in it than PATH and TMPDIR.
func setup(e *testscript.Env) error {
	home := filepath.Join(e.WorkDir, "home")
	for _, dir := range []string{home, filepath.Join(home, ".cache"), filepath.Join(home, ".config")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	other := otherPlatform(runtime.GOOS, runtime.GOARCH)
	for _, v := range [][2]string{
		{"HOME", home},
		{"XDG_CACHE_HOME", filepath.Join(home, ".cache")},
		{"XDG_CONFIG_HOME", filepath.Join(home, ".config")},
		{"USERPROFILE", home}, // these three are Windows' names for them
		{"LocalAppData", filepath.Join(home, ".cache")},
		{"AppData", filepath.Join(home, ".config")},
		{"HTTP_PROXY", deadProxy},
		{"HTTPS_PROXY", deadProxy},
		{"TZ", "UTC"},
		{"LC_ALL", "C"},
		{"GOOS", runtime.GOOS},
		{"GOARCH", runtime.GOARCH},
		{"PLATFORM", runtime.GOOS + "/" + runtime.GOARCH},
		{"SELF", self},
		{"WORK_URL", "file://" + fileURLPath(e.WorkDir)},
		{"OTHER_OS", other[0]},
		{"OTHER_ARCH", other[1]},
		{"OTHER_PLATFORM", other[0] + "/" + other[1]},
	} {
		e.Setenv(v[0], v[1])
	}
	w := newWorld()
	e.Values[worldKey{}] = w
	e.Defer(w.close)
	return nil
}

// fileURLPath is a path as a URL writes it: with slashes, and one in front of a drive.
func fileURLPath(path string) string {
	path = filepath.ToSlash(path)
	if path[0] != '/' {
		path = "/" + path
	}
	return path
}

// otherPlatform is one that this machine is not.
func otherPlatform(goos, goarch string) [2]string {
	if goos == "darwin" && goarch == "arm64" {
		return [2]string{"linux", "amd64"}
	}
	return [2]string{"darwin", "arm64"}
}

func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "mount":
		return canMount(), nil
	}
	return false, fmt.Errorf("there is no condition [%s]", name)
}
