package archive

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// headSize is how much of a file tells what it is.
const headSize = 8

// shownBit is the executable bit as the system shows it.
func shownBit(mode fs.FileMode, _ []byte) bool { return mode&0o111 != 0 }

// sourceBit is the executable bit of a file of a local folder. Where files have
// none it is guessed by how they start, so that a lock made there mostly fits
// elsewhere.
func sourceBit(mode fs.FileMode, head []byte) bool {
	if HasModes {
		return shownBit(mode, head)
	}
	return looksExecutable(head)
}

// looksExecutable reports whether a file that starts so is a script or a program
// of Linux, macOS or Windows.
func looksExecutable(head []byte) bool {
	for _, magic := range []string{
		"#!", "\x7fELF", "MZ",
		"\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", // Mach-O
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	// A program for several Macs starts as a Java class does; where that has the
	// version of its format, from 45 on, this has the number of its parts.
	return len(head) >= 8 && bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")) && binary.BigEndian.Uint32(head[4:]) < 45
}

// WithBitsOf is t with the executable bits that a locked digest speaks of. Where
// files have none, those of t are a guess, and the lock may come from a machine
// where they are known: if other likely ones give just that digest, they are the
// right ones, for it proves them like the contents.
func (t Tree) WithBitsOf(locked plugin.Digest) Tree {
	if HasModes {
		return t
	}
	return t.withBitsOf(locked)
}

func (t Tree) withBitsOf(locked plugin.Digest) Tree {
	if locked == "" || t.Digest() == locked {
		return t
	}
	for try := range t.likelyBits {
		if try.Digest() == locked {
			return try
		}
	}
	return t
}

// maxDoubts bounds how many guesses are doubted, each alone and all together.
const maxDoubts = 8

// likelyBits yields, until it is told to stop: t with every subset of its executable
// files, the first few of them, taken for plain ones; none executable, as in a
// checkout that Windows committed; all, as a file system without bits shows them to
// Linux.
func (t Tree) likelyBits(yield func(Tree) bool) {
	var guessed []int
	for i, e := range t {
		if e.Exec {
			guessed = append(guessed, i)
		}
	}
	doubted := guessed[:min(len(guessed), maxDoubts)]
	for mask := 1; mask < 1<<len(doubted); mask++ {
		try := slices.Clone(t)
		for bit, i := range doubted {
			try[i].Exec = mask&(1<<bit) == 0
		}
		if !yield(try) {
			return
		}
	}
	_ = yield(t.withBits(false)) && yield(t.withBits(true))
}

// withBits is t with every file executable, or none.
func (t Tree) withBits(exec bool) Tree {
	out := slices.Clone(t)
	for i := range out {
		out[i].Exec = exec && !out[i].Dir && out[i].Irregular == 0
	}
	return out
}
