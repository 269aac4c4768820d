package archive

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkDigest hashes a tree: a large file, and many small ones. The floor hashes the
// same files, and makes nothing of it.
func BenchmarkDigest(b *testing.B) {
	const large, small = 32 << 20, 1000
	for name, write := range map[string]func(*testing.B, string) int64{
		"large": func(b *testing.B, dir string) int64 {
			must(b, os.WriteFile(filepath.Join(dir, "tool"), make([]byte, large), 0o755))
			return large
		},
		"many": func(b *testing.B, dir string) int64 {
			for i := range small {
				path := filepath.Join(dir, fmt.Sprint(i/50), fmt.Sprint(i))
				must(b, os.MkdirAll(filepath.Dir(path), 0o755))
				must(b, os.WriteFile(path, []byte("contents"), 0o644))
			}
			return small * int64(len("contents"))
		},
	} {
		dir := b.TempDir()
		size := write(b, dir)
		for _, who := range []struct {
			name string
			hash func(string) error
		}{
			{name, func(dir string) error { _, err := DigestAt(context.Background(), dir); return err }},
			{"floor/" + name, hashFloor},
		} {
			b.Run(who.name, func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					must(b, who.hash(dir))
				}
			})
		}
	}
}

func hashFloor(dir string) error {
	buf := make([]byte, 64<<10)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		// Without its own way of copying, which takes a buffer each.
		_, err = io.CopyBuffer(sha256.New(), struct{ io.Reader }{f}, buf)
		return err
	})
}
