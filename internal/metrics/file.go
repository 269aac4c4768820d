package metrics

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// IsAbout reports whether a set that was read is about the plugin directory dir.
func (s *Set) IsAbout(dir string) bool { return s.PluginDir == valid(dir) }

// maxSize bounds a file of metrics, in bytes; ours have some two thousand.
const maxSize = 1 << 20

// ForeignError says that a file is none of metrics that this program wrote, and so
// is not written over.
type ForeignError struct{ Path string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s holds something else than metrics of plugins, and is not written over", e.Path)
}

// Save writes a set to path, where other users may read it: whoever looks, while it is
// written or after a power cut, finds the old file or the new one, whole. The temporary
// file is none that the textfile collector reads.
func Save(path string, s *Set) error { return swap.WriteFile(path, s.Format(), 0o644) }

// Load reads back what the next set cannot know by itself: which directory the file is
// about, and its last apply. Where there is no file, or an empty one, nothing is known.
// The error is a [*ForeignError], a [*swap.NoFolderError] or what the operating system
// said.
func Load(path string) (Set, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Set{}, checkFolder(filepath.Dir(path))
	case err != nil:
		return Set{}, err
	case !info.Mode().IsRegular():
		return Set{}, &ForeignError{Path: path}
	}
	f, err := os.Open(path)
	if err != nil {
		return Set{}, err
	}
	defer f.Close()
	data, err := plugin.ReadAtMost(f, maxSize)
	if errors.As(err, new(*plugin.TooLargeError)) {
		return Set{}, &ForeignError{Path: path}
	}
	if err != nil {
		return Set{}, err
	}
	if len(data) > 0 && !strings.HasPrefix(string(data), "# HELP plugins_") {
		return Set{}, &ForeignError{Path: path}
	}
	return parse(string(data)), nil
}

func checkFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &swap.NoFolderError{Path: path}
	case err == nil && !info.IsDir():
		return &swap.NotADirectoryError{Path: path, Mode: info.Mode()}
	}
	return err
}

var sampleOf = regexp.MustCompile(`(?m)^(plugins_[a-z_]+)\{(?:[^}]*,)?plugin_dir="((?:[^"\\\n]|\\.)*)"\} (\d+)$`)

// parse reads what Format wrote. Anything else is not known.
func parse(text string) Set {
	var s Set
	var at, ok *int64
	for _, m := range sampleOf.FindAllStringSubmatch(text, -1) {
		s.PluginDir = unescape(m[2])
		value, err := strconv.ParseInt(m[3], 10, 64)
		switch {
		case err != nil:
		case m[1] == lastApplyTime:
			at = &value
		case m[1] == lastApplySuccess:
			ok = &value
		}
	}
	if at != nil && ok != nil {
		s.LastApply = &LastApply{At: time.Unix(*at, 0), OK: *ok == 1}
	}
	return s
}
