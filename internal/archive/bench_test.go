package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/plugins-hcl/plugins/plugin"
)

// benchPackage is a package as plugins are: one large executable that can be
// compressed somewhat, and some small files.
func benchPackage(b *testing.B) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	binary := make([]byte, 32<<20)
	for i := range binary {
		binary[i] = byte(random.Uint32() & random.Uint32())
	}
	files := []file{{name: "tool", contents: string(binary), exec: true}}
	for i := range 100 {
		files = append(files, file{name: fmt.Sprintf("data/%d/file", i), contents: string(binary[i*1000 : i*1100])})
	}
	return tarOf(b, files...)
}

// manyFiles is a package of small files alone.
func manyFiles(b *testing.B) []byte {
	var files []file
	for i := range 5000 {
		files = append(files, file{name: fmt.Sprintf("web/assets/%d/file-%d.js", i/50, i), contents: "contents"})
	}
	return tarOf(b, files...)
}

// BenchmarkUnpack compares Unpack with a floor, which reads the same archive and
// writes the same files, and neither checks nor hashes anything.
func BenchmarkUnpack(b *testing.B) {
	plain := benchPackage(b)
	for name, data := range map[string][]byte{"tar": plain, "tar.gz": gzipped(b, plain), "tar.zst": zstdOf(b, plain)} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, data, len(plain), func(src *os.File, root *os.Root) error {
				_, err := Unpack(context.Background(), src, root, plugin.DefaultLimits())
				return err
			})
		})
	}
	many := manyFiles(b)
	b.Run("many.tar", func(b *testing.B) {
		benchmark(b, many, len(many), func(src *os.File, root *os.Root) error {
			_, err := Unpack(context.Background(), src, root, plugin.DefaultLimits())
			return err
		})
	})
	b.Run("floor/many.tar", func(b *testing.B) { benchmark(b, many, len(many), unpackFloor) })
	for name, data := range map[string][]byte{"tar": plain, "tar.gz": gzipped(b, plain)} {
		b.Run("floor/"+name, func(b *testing.B) { benchmark(b, data, len(plain), unpackFloor) })
	}
}

func benchmark(b *testing.B, data []byte, size int, unpack func(*os.File, *os.Root) error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		must(b, os.WriteFile(w.path("package"), data, 0o644))
		src, err := os.Open(w.path("package"))
		must(b, err)
		b.StartTimer()
		must(b, unpack(src, w.root))
		b.StopTimer()
		src.Close()
		must(b, os.RemoveAll(w.path("root")))
		b.StartTimer()
	}
}

func unpackFloor(src *os.File, root *os.Root) error {
	var in io.Reader = src
	head := make([]byte, 2)
	if _, err := src.ReadAt(head, 0); err != nil {
		return err
	}
	if bytes.Equal(head, []byte(gzipMagic)) {
		gz, err := gzip.NewReader(src)
		if err != nil {
			return err
		}
		in = gz
	}
	r := tar.NewReader(in)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := root.MkdirAll(parentOf(h.Name), 0o755); err != nil {
			return err
		}
		f, err := root.Create(h.Name)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, r); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
}

func parentOf(name string) string {
	if dirs := parents(name); len(dirs) > 0 {
		return dirs[0]
	}
	return "."
}
