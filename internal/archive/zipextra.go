package archive

import (
	"encoding/binary"
	"hash/crc32"
)

// The kinds of extra field that matter here.
const (
	extraZip64       = 0x0001
	extraUnicodePath = 0x7075
)

// findExtra is the first extra field of a kind; nil if there is none. What is
// malformed at the end is passed over: tools that align entries pad there.
func findExtra(extra []byte, kind uint16) []byte {
	for len(extra) >= 4 {
		id := binary.LittleEndian.Uint16(extra)
		n := int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return nil
		}
		if id == kind {
			return extra[:n:n]
		}
		extra = extra[n:]
	}
	return nil
}

// checkUnicodePath refuses a second name that some programs take and others do
// not. Info-ZIP writes it next to a name that is not ASCII.
func checkUnicodePath(name string, extra []byte) error {
	field := findExtra(extra, extraUnicodePath)
	const header = 5 // version, checksum of the other name
	if len(field) < header || field[0] != 1 {
		return nil
	}
	if binary.LittleEndian.Uint32(field[1:]) != crc32.ChecksumIEEE([]byte(name)) {
		return nil // by the format's rule it is void then
	}
	if second := string(field[header:]); second != name {
		return refuse(name, "it has a second name, %q", second)
	}
	return nil
}
