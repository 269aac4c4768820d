package archive

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
)

const blockSize = 512

// block is a tar header.
type block [blockSize]byte

// The types of entries that are not refused, and those with a name to tell.
const (
	typeOldFile     = 0
	typeFile        = '0'
	typeFolder      = '5'
	typePax         = 'x'
	typePaxGlobal   = 'g'
	typeGNULongName = 'L'
	typeGNULongLink = 'K'
)

func typeName(typeflag byte) string {
	switch typeflag {
	case '1':
		return "a hard link"
	case '2':
		return "a symbolic link"
	case '3', '4':
		return "a device"
	case '6':
		return "a fifo"
	case 'S':
		return "a sparse file"
	case 'M':
		return "a piece of a file in several archives"
	case 'V':
		return "the label of a volume"
	}
	return "of the type " + strconv.QuoteRune(rune(typeflag))
}

func (h *block) typeflag() byte { return h[156] }

// isOldFolder reports whether the entry is a folder the way it was before tar had
// a type for folders.
func (h *block) isOldFolder(name string) bool {
	return h.typeflag() == typeOldFile && strings.HasSuffix(name, "/")
}

// name is the header's own: up to 100 bytes, and in POSIX's format up to 155 that
// come before.
func (h *block) name() string {
	name := text(h[:100])
	if string(h[257:263]) != "ustar\x00" {
		return name
	}
	if prefix := text(h[345:500]); prefix != "" {
		return prefix + "/" + name
	}
	return name
}

func (h *block) mode() (int64, error) { return number(h[100:108]) }
func (h *block) size() (int64, error) { return number(h[124:136]) }

// maxOctalSize is the largest size that the header can hold in POSIX's form.
const maxOctalSize = 0o77777777777

// checksumAgrees reports whether the block is a tar header. Its checksum is taken
// over unsigned bytes, by some old programs over signed ones.
func checksumAgrees(h *block) bool {
	want, err := number(h[148:156])
	if err != nil {
		return false
	}
	var unsigned, signed int64
	for i, c := range h {
		if i >= 148 && i < 156 {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return want == unsigned || want == signed
}

// text ends at a NUL, or with the field.
func text(field []byte) string {
	s, _, _ := bytes.Cut(field, []byte{0})
	return string(s)
}

var errNumber = errors.New("malformed number")

// number reads octal digits, with spaces before and spaces or NULs behind, or
// GNU's binary form, which a set highest bit tells. None is negative here.
func number(field []byte) (int64, error) {
	if field[0]&0x80 != 0 {
		return binaryNumber(field)
	}
	digits := strings.TrimLeft(strings.TrimRight(string(field), " \x00"), " ")
	if digits == "" {
		return 0, nil
	}
	for _, c := range digits {
		if c < '0' || c > '7' { // ParseInt takes a sign
			return 0, errNumber
		}
	}
	return strconv.ParseInt(digits, 8, 64)
}

func binaryNumber(field []byte) (int64, error) {
	if field[0] != 0x80 { // with 0x40 it is negative; with other bits, huge
		return 0, errNumber
	}
	n := int64(0)
	for _, c := range field[1:] {
		if n > math.MaxInt64>>8 {
			return 0, errNumber
		}
		n = n<<8 | int64(c)
	}
	return n, nil
}
