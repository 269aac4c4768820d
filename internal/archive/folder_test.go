//go:build unix

package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTree(t, dir, file{name: "empty/"}, file{name: "d/e/f", contents: "contents"}, file{name: "tool", contents: "#!", exec: true})
	must(t, os.Chmod(filepath.Join(dir, "tool"), 0o711|fs.ModeSetuid))
	w := newWorld(t)
	tree, err := w.copyFrom(dir, plugin.DefaultLimits())
	must(t, err)
	w.checkTree(tree)
	wantTree(t, tree, "d d 0", "d d/e 0", "f d/e/f 8", "d empty 0", "x tool 2")
}

func TestCopyRefused(t *testing.T) {
	t.Parallel()
	defaults := plugin.DefaultLimits()
	for name, test := range map[string]struct {
		make        func(dir string) error
		limits      plugin.Limits
		entry, rule string
	}{
		"link": {func(dir string) error { return os.Symlink("f", filepath.Join(dir, "l")) }, defaults, "l", "a symbolic link"},
		"link to a folder": {
			func(dir string) error { return os.Symlink("/etc", filepath.Join(dir, "l")) }, defaults, "l", "a symbolic link",
		},
		"fifo":      {func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "p"), 0o600) }, defaults, "p", "a fifo"},
		"socket":    {func(dir string) error { return listen(filepath.Join(dir, "s")) }, defaults, "s", "a socket"},
		"backslash": {write(`a\b`, ""), defaults, `a\b`, "backslash"},
		"not UTF-8": {write("a\xff", ""), defaults, "a\xff", "not UTF-8"},
		"device":    {write("nul.txt", ""), defaults, "nul.txt", "device name"},
		"case":      {func(dir string) error { return errors.Join(write("a", "")(dir), write("A", "")(dir)) }, defaults, "a", "same name where case"},
		"file":      {write("f", "12345"), limitsWith(func(l *plugin.Limits) { l.File = 4 }), "f", "limits { file = 8 }"},
		"unpacked":  {write("f", "12345"), limitsWith(func(l *plugin.Limits) { l.Unpacked = 4 }), "f", "limits { unpacked = 8 }"},
		"entries":   {write("f", "12345"), limitsWith(func(l *plugin.Limits) { l.Entries = 0 }), "f", "more than 0 files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "copy") // short enough for a socket
			must(t, err)
			defer os.RemoveAll(dir)
			if err := test.make(dir); errors.Is(err, syscall.EILSEQ) {
				t.Skip("this file system does not take the name")
			} else {
				must(t, err)
			}
			_, err = newWorld(t).copyFrom(dir, test.limits)
			wantRefused(t, err, test.entry, test.rule)
		})
	}
}

func write(name, contents string) func(string) error {
	return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(contents), 0o600) }
}

func listen(name string) error {
	l, err := net.Listen("unix", name)
	if err != nil {
		return err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	return l.Close()
}

// TestCopyHasNoRatio: nothing was compressed.
func TestCopyHasNoRatio(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "zeros"))
	must(t, err)
	must(t, f.Truncate(plugin.RatioFrom+1))
	must(t, f.Close())
	_, err = newWorld(t).copyFrom(dir, limitsWith(func(l *plugin.Limits) { l.Packed, l.Ratio = 1, 1 }))
	must(t, err)
}

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTree(t, dir, file{name: "empty/"}, file{name: "d/f", contents: "contents"}, file{name: "tool", exec: true}, file{name: `odd\name`})
	must(t, os.Symlink("d", filepath.Join(dir, "link")))
	must(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	tree, err := Read(context.Background(), openRoot(t, dir))
	must(t, err)
	wantTree(t, tree, "d d 0", "f d/f 8", "? dangling 0", "d empty 0", "? link 0", "f odd\\name 0", "? pipe 0", "x tool 0")
	if tree[1].SHA256 != sha256.Sum256([]byte("contents")) {
		t.Error("the hash of d/f is wrong")
	}
	if tree[4].Irregular != fs.ModeSymlink || tree[6].Irregular != fs.ModeNamedPipe {
		t.Errorf("the types are %v and %v", tree[4].Irregular, tree[6].Irregular)
	}
}

// TestReadFails: what cannot be read is not absent.
func TestReadFails(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	must(t, root.Close())
	if _, err := Read(context.Background(), root); err == nil {
		t.Error("a closed root can be read")
	}
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	writeTree(t, dir, file{name: "d/f"})
	must(t, os.Chmod(filepath.Join(dir, "d"), 0))
	if _, err := Read(context.Background(), openRoot(t, dir)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	must(t, os.Chmod(filepath.Join(dir, "d"), 0o700))
	must(t, os.Chmod(filepath.Join(dir, "d/f"), 0))
	if _, err := Read(context.Background(), openRoot(t, dir)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

// TestReplacedMeanwhile: what is no longer what it was is neither followed nor
// waited for.
func TestReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTree(t, dir, file{name: "f"}, file{name: "d/"}, file{name: "other/secret"})
	root := openRoot(t, dir)
	f, err := root.Lstat("f")
	must(t, err)
	d, err := root.Lstat("d")
	must(t, err)
	must(t, root.Remove("f"))
	must(t, syscall.Mkfifo(filepath.Join(dir, "f"), 0o600))
	if _, err := openRegular(root, f); err == nil {
		t.Error("a fifo was opened")
	}
	must(t, root.Remove("d"))
	must(t, root.Symlink("other", "d"))
	err = walkChild(context.Background(), root, "d", d, 10, func(_ *os.Root, p string, _ fs.FileInfo) error {
		t.Errorf("%s was visited", p)
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("got %v", err)
	}
}

// TestDigest pins the encoding: it is written into lock files.
func TestDigest(t *testing.T) {
	t.Parallel()
	empty := sha256.Sum256(nil)
	tree := Tree{
		{Path: "a", Dir: true},
		{Path: "a/b c", SHA256: empty},
		{Path: "t", Exec: true, SHA256: empty},
		{Path: "z", Irregular: fs.ModeSymlink},
	}
	const e = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	text := "d 1 a\nf 5 a/b c " + e + "\nx 1 t " + e + "\n? 1 z 8000000\n"
	sum := sha256.Sum256([]byte(text))
	want := plugin.NewDigest(plugin.TreeSHA256, sum[:])
	if got := tree.Digest(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	tree[0], tree[3] = tree[3], tree[0]
	if got := tree.Digest(); got != want {
		t.Errorf("unsorted: got %s, want %s", got, want)
	}
	if tree[0].Path != "z" {
		t.Error("Digest changed the tree")
	}
}

// TestDigestDiffers: whatever changes what is installed changes the digest.
func TestDigestDiffers(t *testing.T) {
	t.Parallel()
	seen := map[plugin.Digest]string{}
	for name, files := range map[string][]file{
		"nothing":        {},
		"file":           {{name: "f"}},
		"other name":     {{name: "g"}},
		"contents":       {{name: "f", contents: "x"}},
		"executable":     {{name: "f", exec: true}},
		"folder":         {{name: "f/"}},
		"folder beside":  {{name: "f"}, {name: "g/"}},
		"file in folder": {{name: "f/g"}},
		"looks like two": {{name: "f\nf 1 g"}},
	} {
		dir := t.TempDir()
		writeTree(t, dir, files...)
		tree, err := Read(context.Background(), openRoot(t, dir))
		must(t, err)
		d := tree.Digest()
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		seen[d] = name
	}
}

// TestModesUnderUmask runs in a process of its own, with a umask of its own.
func TestModesUnderUmask(t *testing.T) {
	t.Parallel()
	const inner = "TEST_ARCHIVE_UMASK"
	if os.Getenv(inner) != "" {
		w := newWorld(t)
		must(t, os.Chmod(w.path("root"), 0o755|fs.ModeSetgid))
		tree, err := w.unpack(tarOf(t, file{name: "d/e/f"}, file{name: "d/x", exec: true}), plugin.DefaultLimits())
		must(t, err) // unpack checks all modes
		wantTree(t, tree, "d d 0", "d d/e 0", "f d/e/f 0", "x d/x 0")
		return
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to set the umask")
	}
	for _, umask := range []string{"000", "027", "077", "177"} {
		cmd := exec.Command(sh, "-c", `mkdir -m 755 "$2" && export TMPDIR="$2" && umask "$0" && exec "$1" -test.run='^TestModesUnderUmask$'`,
			umask, os.Args[0], filepath.Join(t.TempDir(), "tmp"))
		cmd.Env = append(os.Environ(), inner+"=1")
		if out, err := cmd.CombinedOutput(); err != nil && !(umask == "177" && os.Geteuid() != 0) {
			t.Errorf("umask %s: %v\n%s", umask, err, out)
		}
	}
}
