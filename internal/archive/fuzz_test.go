package archive

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/plugins-hcl/plugins/plugin"
)

// fuzzLimits are small, so that a fuzzer comes to all of them.
func fuzzLimits() plugin.Limits {
	return limitsWith(func(l *plugin.Limits) {
		l.Packed, l.Unpacked, l.File = 1<<20, 1<<18, 1<<17
		l.Entries, l.Depth, l.Path, l.Component = 20, 5, 200, 100
		l.Window = 1 << 20
	})
}

// fuzz is best run with TMPDIR on a file system in memory and a short
// -fuzzminimizetime: it writes what it unpacks.
//
// It checks what must hold for any bytes whatever: no panic, nothing outside
// the root, a refusal or a tree within the limits which is the one that lies there.
func fuzz(f *testing.F, prepare func([]byte) []byte) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if prepare != nil {
			data = prepare(data)
		}
		l := fuzzLimits()
		w := newWorld(t)
		tree, err := w.unpack(data, l) // compares tree and folder, looks outside
		if err != nil {
			if !errors.Is(err, plugin.ErrRefused) {
				t.Fatalf("it is no refusal: %v", err)
			}
			return
		}
		if int64(len(tree)) > l.Entries {
			t.Errorf("%d entries", len(tree))
		}
		var sum int64
		folded := map[string]bool{}
		for _, e := range tree {
			sum += e.Size
			folded[newFolding().key(e.Path)] = true
			if e.Size > l.File || int64(len(e.Path)) > l.Path || int64(strings.Count(e.Path, "/")) >= l.Depth {
				t.Errorf("%q is beyond the limits", e.Path)
			}
			if again, err := cleanPath(e.Path, e.Dir, l); err != nil || again != e.Path {
				t.Errorf("%q would not pass again: %v", e.Path, err)
			}
		}
		if sum > l.Unpacked || len(folded) != len(tree) {
			t.Errorf("%d bytes, %d names, %d entries", sum, len(folded), len(tree))
		}
	})
}

func tarSeeds(t testing.TB) [][]byte {
	f := rawFile("f", '0', "hi")
	return [][]byte{
		tarOf(t, file{name: "d/"}, file{name: "d/f", contents: "contents"}, file{name: "x", exec: true}),
		tarOf(t, file{name: strings.Repeat("long/", 30) + "é", contents: "contents"}),
		rawTar(),
		rawTar(rawFile("././@LongLink", 'L', "long\x00"), f),
		rawTar(rawFile("p", 'x', paxRecord("path", "a/b")+paxRecord("size", "2")), f),
		rawTar(rawFile("g", 'g', paxRecord("comment", "x")), f),
		rawTar(string(rawHeader{name: "l", kind: '2', link: "f"}.block())),
		rawTar(string(rawHeader{name: "f", size: "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"}.block()), padded("hi")),
		rawTar(string(rawHeader{name: "f", prefix: "a/b"}.block()), f),
		rawTar(f, f),
	}
}

// FuzzTar mends the checksums of what look like headers: no fuzzer guesses them.
func FuzzTar(f *testing.F) {
	for _, seed := range tarSeeds(f) {
		f.Add(seed)
	}
	fuzz(f, func(data []byte) []byte {
		data = bytes.Clone(data)
		for at := 0; at+blockSize <= len(data); at += blockSize {
			b := data[at : at+blockSize]
			if string(b[257:262]) != "ustar" {
				continue
			}
			r := rawHeader{edit: func(edited *block) { copy(edited[:], b) }}
			copy(b, r.block())
		}
		return data
	})
}

func FuzzZip(f *testing.F) {
	streamed := rawEntry{name: "f", contents: "contents", method: 8, flags: flagDescriptor}
	streamed.after = streamed.descriptor()
	for _, seed := range [][]byte{
		zipOf(f, file{name: "d/"}, file{name: "d/f", contents: "contents"}, file{name: "x", exec: true}),
		rawZip(nil),
		rawZip(nil, streamed, rawEntry{name: "g", contents: "stored"}),
		rawZip(zip64Ends(nil), rawEntry{name: "g", contents: "stored", extra: unicodePath("g", "g")}),
		rawZip(nil, rawEntry{name: "l", contents: "f", creator: 3, mode: 0o120777}),
		rawZip(nil, rawEntry{name: "f", localExtra: zip64Extra(0, 0), extra: zip64Extra(0), editCentral: put32(24, 0xffffffff)}),
	} {
		f.Add(seed)
	}
	fuzz(f, nil)
}

func FuzzGzip(f *testing.F) {
	for _, seed := range tarSeeds(f)[:2] {
		f.Add(gzipped(f, seed))
		f.Add(append(gzipped(f, seed), gzipped(f, nil)...))
	}
	fuzz(f, nil)
}

func FuzzZstd(f *testing.F) {
	for _, seed := range tarSeeds(f)[:2] {
		f.Add(zstdOf(f, seed))
		f.Add(zstdOf(f, seed, zstd.WithSingleSegment(true), zstd.WithEncoderCRC(false)))
		f.Add(append(zstdOf(f, seed), zstdOf(f, nil)...))
	}
	fuzz(f, nil)
}

// FuzzXz mends the checksum of the first block's header.
func FuzzXz(f *testing.F) {
	for _, seed := range tarSeeds(f)[:2] {
		f.Add(xzOf(f, seed, xzConfig()))
		f.Add(xzOf(f, seed, xz.WriterConfig{DictCap: 1 << 12, BlockSize: 1000, NoCheckSum: true}))
	}
	fuzz(f, func(data []byte) []byte {
		if len(data) > 12 && len(data) >= 12+(int(data[12])+1)*4 && data[12] > 0 {
			return editXzBlock(data, func([]byte) {})
		}
		return data
	})
}
