package archive

import (
	"fmt"
	"strings"
)

// rawHeader is a tar header written byte by byte, so that it can lie.
type rawHeader struct {
	name   string
	kind   byte // '0' if not given
	size   string
	mode   string
	link   string
	prefix string
	magic  string // POSIX's if not given
	edit   func(*block)
}

// oldKind stands for the type NUL.
const oldKind = 0xff

func (r rawHeader) block() []byte {
	b := new(block)
	or := func(s, instead string) string {
		if s == "" {
			return instead
		}
		return s
	}
	copy(b[0:100], r.name)
	copy(b[100:108], or(r.mode, "0000644\x00"))
	copy(b[108:116], "0000000\x00")
	copy(b[116:124], "0000000\x00")
	copy(b[124:136], or(r.size, "00000000000\x00"))
	copy(b[136:148], "00000000000\x00")
	b[156] = '0'
	switch r.kind {
	case 0:
	case oldKind:
		b[156] = 0
	default:
		b[156] = r.kind
	}
	copy(b[157:257], r.link)
	copy(b[257:265], or(r.magic, "ustar\x0000"))
	copy(b[345:500], r.prefix)
	if r.edit != nil {
		r.edit(b)
	}
	sum := int(8 * ' ')
	for i, c := range b {
		if i < 148 || i >= 156 {
			sum += int(c)
		}
	}
	copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return b[:]
}

func octal(n int) string { return fmt.Sprintf("%011o\x00", n) }

func padded(s string) string {
	return s + strings.Repeat("\x00", -len(s)&(blockSize-1))
}

// rawFile is a header of the type kind and its contents.
func rawFile(name string, kind byte, contents string) string {
	return string(rawHeader{name: name, kind: kind, size: octal(len(contents))}.block()) + padded(contents)
}

// record is one record of a PAX header.
func paxRecord(key, value string) string {
	for n := len(key) + len(value) + 4; ; n++ {
		if s := fmt.Sprintf("%d %s=%s\n", n, key, value); len(s) == n {
			return s
		}
	}
}

const tarEnd = 2 * blockSize

// rawTar puts the parts and the end of the archive together.
func rawTar(parts ...string) []byte {
	return []byte(strings.Join(parts, "") + strings.Repeat("\x00", tarEnd))
}
