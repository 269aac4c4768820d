package archive

import (
	"encoding/binary"
	"hash/crc32"
	"iter"
)

// The kinds of extra field that matter here.
const (
	extraZip64       = 0x0001
	extraUnicodePath = 0x7075
)

// extras gives the extra fields by kind. What is malformed at the end is passed
// over: tools that align entries pad there.
func extras(extra []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(extra) >= 4 {
			kind := binary.LittleEndian.Uint16(extra)
			n := int(binary.LittleEndian.Uint16(extra[2:]))
			extra = extra[4:]
			if n > len(extra) || !yield(kind, extra[:n:n]) {
				return
			}
			extra = extra[n:]
		}
	}
}

// findZip64 is the first field that holds what 32 bits cannot; nil if there is none.
func findZip64(extra []byte) []byte {
	for kind, field := range extras(extra) {
		if kind == extraZip64 {
			return field
		}
	}
	return nil
}

// checkUnicodePath refuses a second name that some programs take and others do
// not. Info-ZIP writes it next to a name that is not ASCII.
func checkUnicodePath(name string, extra []byte) error {
	const header = 5 // version, checksum of the other name
	for kind, field := range extras(extra) {
		if kind != extraUnicodePath || len(field) < header || field[0] != 1 {
			continue
		}
		if binary.LittleEndian.Uint32(field[1:]) != crc32.ChecksumIEEE([]byte(name)) {
			continue // by the format's rule it is void then
		}
		if second := string(field[header:]); second != name {
			return refuse(name, "it has a second name, %q", second)
		}
	}
	return nil
}
