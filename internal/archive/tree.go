package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// Entry is a file or a folder of a tree.
type Entry struct {
	Path   string // slash-separated, relative to the tree's root
	Dir    bool
	Exec   bool // the executable bit: 0755 rather than 0644
	Size   int64
	SHA256 [sha256.Size]byte // of the contents; zero for a folder

	// Irregular holds the type bits of what is neither a regular file nor a
	// folder: a symbolic link, a device and the like. Only [Read] finds such.
	Irregular fs.FileMode
}

// Tree is what lies in a folder, sorted by Path byte for byte: every folder, also
// those no archive names, but not the root.
type Tree []Entry

// Digest covers the path, type, executable bit and contents of every entry, empty
// folders included. It is the SHA-256 of one line an entry, in the order of Tree:
//
//	KIND " " LENGTH " " PATH [" " DATA] "\n"
//
// KIND is "d" for a folder, "x" for an executable file, "f" for any other file and
// "?" for what is irregular. LENGTH is the length of PATH in bytes, in decimal, so
// that no path can be mistaken for what follows it. DATA is the SHA-256 of a
// file's contents, or the type bits of what is irregular, in lower-case hexadecimal
// digits; a folder has none. Sizes are not written: the contents imply them.
func (t Tree) Digest() plugin.Digest {
	if !slices.IsSortedFunc(t, comparePaths) {
		t = slices.SortedFunc(slices.Values(t), comparePaths)
	}
	h := sha256.New()
	var line []byte
	for _, e := range t {
		line = e.appendLine(line[:0])
		h.Write(line)
	}
	return plugin.NewDigest(plugin.TreeSHA256, h.Sum(nil))
}

func (e Entry) appendLine(line []byte) []byte {
	kind := byte('f')
	switch {
	case e.Irregular != 0:
		kind = '?'
	case e.Dir:
		kind = 'd'
	case e.Exec:
		kind = 'x'
	}
	line = append(line, kind, ' ')
	line = strconv.AppendInt(line, int64(len(e.Path)), 10)
	line = append(line, ' ')
	line = append(line, e.Path...)
	switch kind {
	case '?':
		line = append(line, ' ')
		line = strconv.AppendUint(line, uint64(e.Irregular), 16)
	case 'f', 'x':
		line = append(line, ' ')
		line = hex.AppendEncode(line, e.SHA256[:])
	}
	return append(line, '\n')
}

func comparePaths(a, b Entry) int { return strings.Compare(a.Path, b.Path) }
