package archive

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// honest is what other programs pack in the tests below: long paths, names that
// are not ASCII, an empty folder, executables.
func honest() []file {
	return []file{
		{name: "plugin.json", contents: `{"name": "tool", "version": "1.0.0"}`},
		{name: "tool", contents: strings.Repeat("machine code\n", 20_000), exec: true},
		{name: "empty/"},
		{name: "none", contents: ""},
		{name: "docs/é.txt", contents: "accents"},
		{name: "docs/日本語/読んで.md", contents: "more"},
		{name: strings.Repeat("a-rather-long-folder/", 8) + strings.Repeat("name", 30), contents: "deep"},
	}
}

const withTarPy = `
import tarfile, sys
with tarfile.open(sys.argv[1], "w:" + sys.argv[3], format=getattr(tarfile, sys.argv[2])) as t:
    t.add(".")
`

const withZipPy = `
import os, sys, zipfile
class Unseekable:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
with open(sys.argv[1], "wb") as f:
    out = Unseekable(f) if sys.argv[2] == "stream" else f
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for d, dirs, files in os.walk("."):
            for n in dirs + files: z.write(os.path.join(d, n))
        if sys.argv[2] == "zip64":
            with z.open(zipfile.ZipInfo("large"), "w", force_zip64=True) as l: l.write(b"large")
`

// TestHonestTools: what other programs pack is unpacked, and the same. The
// commands run in the folder to be packed; "$1" is the archive.
func TestHonestTools(t *testing.T) {
	t.Parallel()
	git := func(format string) string {
		return `git init -q . && git add . && git -c user.name=x -c user.email=x@x -c commit.gpgsign=false commit -qm x && ` +
			`git archive --format=` + format + ` -o "$1" HEAD && rm -rf .git`
	}
	for _, test := range []struct{ tool, name, script string }{
		{"tar", "GNU", `tar -H gnu -cf "$1" .`},
		{"tar", "POSIX", `tar -H posix -cf "$1" .`},
		{"tar", "POSIX, no dot", `tar -H posix -cf "$1" *`},
		{"tar", "old GNU", `tar -H oldgnu -cf "$1" .`},
		{"tar", "blocks", `tar -b 200 -cf "$1" .`},
		{"tar", "owner", `tar --owner=someone:70000000 --group=some:70000000 -cf "$1" .`},
		{"tar", "xattrs", `tar --xattrs --acls --selinux -cf "$1" . 2>/dev/null`},
		{"tar", "global header", `tar -H posix --pax-option=exthdr.name=%d/x/%f,comment=hello -cf "$1" .`},
		{"gzip", "gzip", `tar -czf "$1" .`},
		{"gzip", "gzip -9 of a named file", `tar -cf "$1.tar" . && gzip -9 -c "$1.tar" > "$1" && rm "$1.tar"`},
		{"zstd", "zstd", `tar -cf - . | zstd -q > "$1"`},
		{"zstd", "zstd of a file", `tar -cf "$1.tar" . && zstd -q --ultra -22 --rm "$1.tar" -o "$1"`},
		{"zstd", "zstd, threads", `tar -cf - . | zstd -q -T2 -19 > "$1"`},
		{"zstd", "zstd, long", `tar -cf - . | zstd -q --long=27 > "$1"`},
		{"zstd", "zstd, no checksum", `tar -cf - . | zstd -q --no-check > "$1"`},
		{"xz", "xz", `tar -cJf "$1" .`},
		{"xz", "xz -9e", `tar -cf - . | xz -9e > "$1"`},
		{"xz", "xz, threads", `tar -cf - . | xz -T2 --block-size=100KiB > "$1"`},
		{"xz", "xz, SHA-256", `tar -cf - . | xz -C sha256 > "$1"`},
		{"xz", "xz, no check", `tar -cf - . | xz -C none > "$1"`},
		{"bsdtar", "ustar", `rm -r a-rather-*; bsdtar --format ustar -cf "$1" .`},
		{"bsdtar", "pax", `bsdtar --format pax -cf "$1" .`},
		{"bsdtar", "gnutar", `bsdtar --format gnutar -cf "$1" .`},
		{"bsdtar", "zip", `bsdtar --format zip -cf "$1" .`},
		{"zip", "zip", `zip -qr "$1.zip" . && mv "$1.zip" "$1"`},
		{"zip", "stored", `zip -q0r "$1.zip" . && mv "$1.zip" "$1"`},
		{"zip", "best", `zip -q9r "$1.zip" . && mv "$1.zip" "$1"`},
		{"zip", "no extras", `zip -qrX "$1.zip" . && mv "$1.zip" "$1"`},
		{"zip", "streamed", `zip -qr - . | cat > "$1"`},
		{"zip", "descriptors", `zip -qr -fd "$1.zip" . && mv "$1.zip" "$1"`},
		{"zip", "zip64", `zip -qr -fz "$1.zip" . && mv "$1.zip" "$1"`},
		{"zip", "comment", `zip -qr "$1.zip" . && echo "a comment" | zip -qz "$1.zip" && mv "$1.zip" "$1"`},
		{"zip", "updated", `zip -qr "$1.zip" . && touch tool && zip -qr -u "$1.zip" . && zip -qd "$1.zip" ./none none; zip -q "$1.zip" none && mv "$1.zip" "$1"`},
		{"python3", "tar GNU", `python3 -c "$tarpy" "$1" GNU_FORMAT ""`},
		{"python3", "tar PAX", `python3 -c "$tarpy" "$1" PAX_FORMAT ""`},
		{"python3", "tar.gz", `python3 -c "$tarpy" "$1" PAX_FORMAT gz`},
		{"python3", "tar.xz", `python3 -c "$tarpy" "$1" PAX_FORMAT xz`},
		{"python3", "zip", `python3 -c "$zippy" "$1" file`},
		{"python3", "zip, streamed", `python3 -c "$zippy" "$1" stream`},
		{"python3", "zip64", `python3 -c "$zippy" "$1" zip64 && printf large > large`},
		{"python3", "make_archive", `python3 -c 'import shutil,sys; shutil.make_archive(sys.argv[1], "zip", ".")' "$1" && mv "$1.zip" "$1"`},
		{"git", "tar", git("tar")},
		{"git", "tar.gz", git("tar.gz")},
		{"git", "zip", git("zip")},
		{"busybox", "tar", `busybox tar -cf "$1" .`},
		{"7z", "zip", `7z a -tzip "$1.zip" . >/dev/null && mv "$1.zip" "$1"`},
	} {
		t.Run(test.tool+"/"+test.name, func(t *testing.T) {
			t.Parallel()
			packAndUnpack(t, test.tool, test.script)
		})
	}
}

func packAndUnpack(t *testing.T, tool, script string) {
	for _, needed := range []string{tool, "sh", "tar"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skipf("%s is not installed", needed)
		}
	}
	dir := t.TempDir()
	writeTree(t, dir, honest()...)
	archive := filepath.Join(t.TempDir(), "package")
	cmd := exec.Command("sh", "-c", script, "sh", archive)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "tarpy="+withTarPy, "zippy="+withZipPy,
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if tool == "git" { // which keeps no empty folder
		must(t, os.Remove(filepath.Join(dir, "empty")))
	}
	want, err := Read(context.Background(), openRoot(t, dir))
	must(t, err)
	data, err := os.ReadFile(archive)
	must(t, err)
	tree, err := unpackBytes(t, data)
	must(t, err)
	if tree.Digest() != want.Digest() {
		t.Fatalf("got  %s\nwant %s", list(tree), list(want))
	}
}

func list(tree Tree) string {
	var b strings.Builder
	for _, e := range tree {
		fmt.Fprintf(&b, "\n%s %d %v %v", e.Path, e.Size, e.Dir, e.Exec)
	}
	return b.String()
}

// TestToolsLinksRefused: links as other programs pack them.
func TestToolsLinksRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ tool, name, script, entry, rule string }{
		{"tar", "symlink", `ln -s f l; tar -cf "$1" f l`, "l", "a symbolic link"},
		{"tar", "hard link", `ln f l; tar -cf "$1" f l`, "l", "a hard link"},
		{"tar", "fifo", `mkfifo p; tar -cf "$1" p`, "p", "a fifo"},
		{"tar", "sparse GNU", `truncate -s 1M s; tar -S -H gnu -cf "$1" s`, "s", "a sparse file"},
		{"tar", "sparse POSIX", `truncate -s 1M s; tar -S -H posix -cf "$1" s`, "s", "a sparse file"},
		{"tar", "sparse POSIX 0.1", `truncate -s 1M s; tar -S -H posix --sparse-version=0.1 -cf "$1" s`, "s", "a sparse file"},
		{"zip", "symlink", `ln -s f l; zip -qy "$1.zip" f l; mv "$1.zip" "$1"`, "l", "a symbolic link"},
		{"zip", "encrypted", `zip -q -P secret "$1.zip" f; mv "$1.zip" "$1"`, "f", "encrypted"},
		{"zip", "bytes before", `zip -q "$1.zip" f; (echo '#!/bin/sh'; cat "$1.zip") > "$1"`, "", "bytes come before the zip"},
		{"gzip", "two members", `tar -cf - f | gzip > "$1"; gzip -c f >> "$1"`, "", "a further gzip member"},
		{"zstd", "two frames", `tar -cf - f | zstd -q > "$1"; zstd -qc f >> "$1"`, "", "a further zstd frame"},
		{"xz", "two streams", `tar -cf - f | xz > "$1"; xz -c f >> "$1"`, "", "bytes follow the xz stream"},
		{"xz", "filter", `tar -cf - f | xz --x86 --lzma2 > "$1"`, "", "filter other than LZMA2"},
		{"tar", "appended", `tar -cf "$1" f; echo more >> "$1"`, "", "bytes follow the end"},
		{"bsdtar", "zip, padded as for a tape", `bsdtar --format zip -cf - f | cat > "$1"`, "", "bytes follow the zip"},
		{"tar", "cut", `tar -cf "$1.x" f; head -c 700 "$1.x" > "$1"`, "f", "cut off"},
	} {
		t.Run(test.tool+"/"+test.name, func(t *testing.T) {
			t.Parallel()
			for _, needed := range []string{test.tool, "sh", "tar"} {
				if _, err := exec.LookPath(needed); err != nil {
					t.Skipf("%s is not installed", needed)
				}
			}
			dir := t.TempDir()
			writeTree(t, dir, file{name: "f", contents: strings.Repeat("contents ", 1000)})
			archive := filepath.Join(t.TempDir(), "package")
			cmd := exec.Command("sh", "-c", test.script, "sh", archive)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			data, err := os.ReadFile(archive)
			must(t, err)
			_, err = newWorld(t).unpack(data, plugin.DefaultLimits())
			wantRefused(t, err, test.entry, test.rule)
		})
	}
}
