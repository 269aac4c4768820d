package archive

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// TestLimits: at the limit an archive passes, one beyond it is refused by a text
// that says how to raise it.
func TestLimits(t *testing.T) {
	t.Parallel()
	files := func(n, size int) []file {
		var fs []file
		for i := range n {
			fs = append(fs, file{name: string(rune('a' + i)), contents: strings.Repeat("x", size)})
		}
		return fs
	}
	for name, test := range map[string]struct {
		files       []file
		limit       func(*plugin.Limits)
		entry, rule string // none: it passes
	}{
		"file":             {files(1, 2048), func(l *plugin.Limits) { l.File = 2048 }, "", ""},
		"file+":            {files(1, 2049), func(l *plugin.Limits) { l.File = 2048 }, "a", `the file is larger than 2 KiB; raise it with limits { file = "4KiB" }`},
		"unpacked":         {files(3, 1000), func(l *plugin.Limits) { l.Unpacked = 3000 }, "", ""},
		"unpacked+":        {files(3, 1000), func(l *plugin.Limits) { l.Unpacked = 2999 }, "c", "unpacks to more than 2999 bytes; raise it with limits { unpacked = 5998 }"},
		"entries":          {files(4, 1), func(l *plugin.Limits) { l.Entries = 4 }, "", ""},
		"entries+":         {files(4, 1), func(l *plugin.Limits) { l.Entries = 3 }, "d", "more than 3 files and folders; raise it with limits { entries = 6 }"},
		"entries, parents": {[]file{{name: "a/b/c"}}, func(l *plugin.Limits) { l.Entries = 2 }, "a/b/c", "more than 2 files and folders"},
		"entries, recur":   {[]file{{name: "d/"}, {name: "d/"}, {name: "d/f"}}, func(l *plugin.Limits) { l.Entries = 2 }, "", ""},
		"depth":            {[]file{{name: "a/b/c"}}, func(l *plugin.Limits) { l.Depth = 3 }, "", ""},
		"depth+":           {[]file{{name: "a/b/c"}}, func(l *plugin.Limits) { l.Depth = 2 }, "a/b/c", "limits { depth = 4 }"},
		"path":             {[]file{{name: "./a/b/c"}}, func(l *plugin.Limits) { l.Path = 5 }, "", ""},
		"path+":            {[]file{{name: "a/b/c"}}, func(l *plugin.Limits) { l.Path = 4 }, "a/b/c", "limits { path = 8 }"},
		"component":        {[]file{{name: "abc/def/"}}, func(l *plugin.Limits) { l.Component = 3 }, "", ""},
		"component+":       {[]file{{name: "abc/def/"}}, func(l *plugin.Limits) { l.Component = 2 }, "abc/def/", "limits { component = 4 }"},
	} {
		for format, pack := range map[string]func(testing.TB, ...file) []byte{"tar": tarOf, "zip": zipOf} {
			t.Run(format+"/"+name, func(t *testing.T) {
				t.Parallel()
				_, err := newWorld(t).unpack(pack(t, test.files...), limitsWith(test.limit))
				if test.rule == "" {
					must(t, err)
					return
				}
				wantRefused(t, err, test.entry, test.rule)
			})
		}
	}
}

func TestPackedLimit(t *testing.T) {
	t.Parallel()
	data := tarOf(t, file{name: "f"})
	_, err := newWorld(t).unpack(data, limitsWith(func(l *plugin.Limits) { l.Packed = int64(len(data)) }))
	must(t, err)
	_, err = newWorld(t).unpack(data, limitsWith(func(l *plugin.Limits) { l.Packed = 1 << 10 }))
	wantRefused(t, err, "", `larger than 1 KiB; raise it with limits { packed = "2KiB" }`)
}

// TestRatio: zeros in bulk are refused, a few of them are harmless.
func TestRatio(t *testing.T) {
	t.Parallel()
	zeros := func(n int) []byte { return tarOf(t, file{name: "zeros", contents: strings.Repeat("\x00", n)}) }
	_, err := unpackBytes(t, gzipped(t, zeros(plugin.RatioFrom)))
	must(t, err)
	const rule = "more than 100 times its own size; raise it with limits { ratio = 200 }"
	for name, data := range map[string][]byte{
		"gzip": gzipped(t, zeros(plugin.RatioFrom+1)),
		"zstd": zstdOf(t, zeros(plugin.RatioFrom+1)),
		"zip":  zipOf(t, file{name: "zeros", contents: strings.Repeat("\x00", plugin.RatioFrom+1)}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unpackBytes(t, data)
			wantRefused(t, err, "zeros", rule)
			_, err = newWorld(t).unpack(data, limitsWith(func(l *plugin.Limits) { l.Ratio = 100_000 }))
			must(t, err)
		})
	}
}

// TestSizesAreCounted: a zip whose sizes lie is stopped by what it really holds.
func TestSizesAreCounted(t *testing.T) {
	t.Parallel()
	contents := strings.Repeat("x", 1<<20)
	lie := rawEntry{name: "f", contents: contents, method: methodDeflate, editLocal: put32(22, 10), editCentral: put32(24, 10)}
	_, err := newWorld(t).unpack(rawZip(nil, lie), limitsWith(func(l *plugin.Limits) { l.File = 1 << 19 }))
	wantRefused(t, err, "f", "the file is larger than 512 KiB")
}

func TestWindowLimit(t *testing.T) {
	t.Parallel()
	plain := tarOf(t, file{name: "f", contents: strings.Repeat("contents", 1<<16)})
	for name, data := range map[string][]byte{
		"zstd": zstdOf(t, plain),
		"xz":   xzOf(t, plain, xzConfig()),
	} {
		_, err := newWorld(t).unpack(data, limitsWith(func(l *plugin.Limits) { l.Window = 1 << 10 }))
		wantRefused(t, err, "", `more than 1 KiB; raise it with limits { window = "2KiB" }`)
		_ = name
	}
}

// TestFailuresOfOurOwn are no verdict on the archive.
func TestFailuresOfOurOwn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(w *world, data string) error{
		"root is not empty": func(w *world, data string) error {
			must(t, w.root.WriteFile("f", nil, 0o644))
			_, err := w.unpack([]byte(data), plugin.DefaultLimits())
			return err
		},
		"name too long for the disk": func(w *world, _ string) error {
			data := rawTar(rawFile("p", 'x', paxRecord("path", strings.Repeat("x", 300))), rawFile("f", '0', ""))
			_, err := w.unpack(data, limitsWith(func(l *plugin.Limits) { l.Component = 400 }))
			return err
		},
		"archive cannot be read": func(w *world, data string) error {
			must(t, os.WriteFile(w.path("package"), []byte(data), 0o644))
			src, err := os.OpenFile(w.path("package"), os.O_WRONLY, 0)
			must(t, err)
			defer src.Close()
			_, err = Unpack(context.Background(), src, w.root, plugin.DefaultLimits())
			return err
		},
		"archive is a folder": func(w *world, _ string) error {
			src, err := os.Open(w.dir)
			must(t, err)
			defer src.Close()
			_, err = Unpack(context.Background(), src, w.root, plugin.DefaultLimits())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test(newWorld(t), string(tarOf(t, file{name: "f"})))
			if err == nil || errors.Is(err, plugin.ErrRefused) {
				t.Fatalf("got %v, want a failure that is no refusal", err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"tar": tarOf(t, file{name: "f"}),
		"gz":  gzipped(t, tarOf(t, file{name: "f"})),
		"zst": zstdOf(t, tarOf(t, file{name: "f"})),
		"xz":  xzOf(t, tarOf(t, file{name: "f"}), xzConfig()),
		"zip": zipOf(t, file{name: "f"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			must(t, os.WriteFile(w.path("package"), data, 0o644))
			src, err := os.Open(w.path("package"))
			must(t, err)
			defer src.Close()
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if _, err := Unpack(ctx, src, w.root, plugin.DefaultLimits()); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if _, err := Copy(ctx, w.root, w.root, plugin.DefaultLimits()); !errors.Is(err, context.Canceled) {
				t.Errorf("Copy: got %v", err)
			}
			if _, err := Read(ctx, w.root); !errors.Is(err, context.Canceled) {
				t.Errorf("Read: got %v", err)
			}
		})
	}
}

// TestMemory: it does not grow with the size of a package. It is not parallel:
// it counts what the whole process takes.
func TestMemory(t *testing.T) {
	limits := limitsWith(func(l *plugin.Limits) { l.Ratio = 1e6 })
	taken := func(size int64) uint64 {
		w := newWorld(t)
		f, err := os.Create(w.path("package"))
		must(t, err)
		defer f.Close()
		gz := gzip.NewWriter(f)
		tw := tar.NewWriter(gz)
		must(t, tw.WriteHeader(&tar.Header{Name: "zeros", Mode: 0o644, Size: size}))
		_, err = io.CopyN(tw, zeros{}, size)
		must(t, err)
		must(t, tw.Close())
		must(t, gz.Close())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = Unpack(context.Background(), f, w.root, limits)
		must(t, err)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	small, large := taken(1<<20), taken(100<<20)
	if large > small+256<<10 {
		t.Errorf("1 MiB takes %d bytes of memory, 100 MiB take %d", small, large)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestSourceOffset: the offset of the file neither counts nor moves.
func TestSourceOffset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, os.WriteFile(w.path("package"), tarOf(t, file{name: "f"}), 0o644))
	src, err := os.Open(w.path("package"))
	must(t, err)
	defer src.Close()
	_, err = src.Seek(7, io.SeekStart)
	must(t, err)
	tree, err := Unpack(context.Background(), src, w.root, plugin.DefaultLimits())
	must(t, err)
	wantTree(t, tree, "f f 0")
	if at, _ := src.Seek(0, io.SeekCurrent); at != 7 {
		t.Errorf("the offset moved to %d", at)
	}
}
