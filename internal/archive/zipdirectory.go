package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

const (
	endMagic       = "PK\x05\x06"
	end64Magic     = "PK\x06\x06"
	locatorMagic   = "PK\x06\x07"
	directoryMagic = "PK\x01\x02"

	endLength       = 22
	end64Length     = 56
	locatorLength   = 20
	directoryLength = 46
)

// zipEnd is what the end of a zip says: where the directory lies.
type zipEnd struct {
	entries   int64
	directory int64 // offset
	size      int64
}

// findEnd reads where the directory lies, and checks that it reaches up to the
// end of the zip.
func findEnd(s *source) (zipEnd, error) {
	record, at, err := findEndRecord(s)
	if err != nil {
		return zipEnd{}, err
	}
	le := binary.LittleEndian
	end := zipEnd{
		entries:   int64(le.Uint16(record[10:])),
		size:      int64(le.Uint32(record[12:])),
		directory: int64(le.Uint32(record[16:])),
	}
	large, found, err := findEnd64(s, at, end)
	switch {
	case err != nil:
		return zipEnd{}, err
	case found:
		end, at = large, at-locatorLength-end64Length
	case le.Uint32(record[4:]) != 0 || int64(le.Uint16(record[8:])) != end.entries: // two numbers at once
		return zipEnd{}, refuse("", "the zip archive is one of several parts")
	}
	if end.directory > at || end.size != at-end.directory {
		return zipEnd{}, refuse("", "the zip's directory does not lie where its end says, or bytes lie between or before them")
	}
	return end, nil
}

// findEndRecord finds the record that ends a zip and its offset, and checks that
// nothing follows it but the comment whose length it gives.
func findEndRecord(s *source) ([]byte, int64, error) {
	tail := make([]byte, min(s.size, endLength+math.MaxUint16))
	start := s.size - int64(len(tail))
	if n, err := s.ReadAt(tail, start); n < len(tail) {
		return nil, 0, err
	}
	i := bytes.LastIndex(tail, []byte(endMagic))
	if i < 0 || len(tail)-i < endLength {
		return nil, 0, refuse("", "the zip archive is cut off, or too many bytes follow it: its end is not found")
	}
	record := tail[i:]
	comment := int(binary.LittleEndian.Uint16(record[20:]))
	switch behind := len(record) - endLength - comment; {
	case behind > 0:
		return nil, 0, refuse("", "bytes follow the zip archive")
	case behind < 0:
		return nil, 0, refuse("", "the zip archive is cut off within its comment")
	}
	return record, start + int64(i), nil
}

// findEnd64 reads the larger record that may come before the one at offset at,
// whose fields give way to it where they are full.
func findEnd64(s *source, at int64, small zipEnd) (zipEnd, bool, error) {
	const length = end64Length + locatorLength
	if at < length {
		return zipEnd{}, false, nil
	}
	var r [length]byte
	if _, err := s.ReadAt(r[:], at-length); err != nil {
		return zipEnd{}, false, err
	}
	le, locator := binary.LittleEndian, r[end64Length:]
	if string(locator[:4]) != locatorMagic {
		return zipEnd{}, false, nil // fields that are full may be so by chance
	}
	end := zipEnd{
		entries:   int64(le.Uint64(r[32:])),
		size:      int64(le.Uint64(r[40:])),
		directory: int64(le.Uint64(r[48:])),
	}
	switch {
	case string(r[:4]) != end64Magic,
		le.Uint64(r[4:]) != end64Length-12,
		int64(le.Uint64(locator[8:])) != at-length:
		return zipEnd{}, false, refuse("", "the zip's large end record is not where it should be, or of an unknown form")
	case le.Uint32(r[16:]) != 0, le.Uint32(r[20:]) != 0, le.Uint32(locator[4:]) != 0,
		le.Uint32(locator[16:]) > 1, int64(le.Uint64(r[24:])) != end.entries:
		return zipEnd{}, false, refuse("", "the zip archive is one of several parts")
	case end.entries < 0, end.size < 0, end.directory < 0,
		!agrees(small.entries, end.entries, math.MaxUint16),
		!agrees(small.size, end.size, math.MaxUint32),
		!agrees(small.directory, end.directory, math.MaxUint32):
		return zipEnd{}, false, refuse("", "the zip's two end records differ")
	}
	return end, true, nil
}

// agrees reports whether a small field says the same as the large one, or leaves
// it to that by being full.
func agrees(small, large, full int64) bool { return small == large || small == full }

// readDirectory reads the central directory, in the order of the entries' places
// in the file.
func readDirectory(s *source, end zipEnd, limits plugin.Limits) ([]*zipEntry, error) {
	// A folder may recur, but that is no reason to hold any number of entries.
	if end.entries/2 > limits.Entries {
		return nil, refuse("", "the archive has %d entries, of at most %d files and folders; %s",
			end.entries, limits.Entries, plugin.RaiseCount("entries", limits.Entries))
	}
	section := s.section(end.directory, end.size)
	r := bufio.NewReaderSize(section, 16<<10)
	var entries []*zipEntry
	for range end.entries {
		e, err := readDirectoryEntry(r)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	if _, err := r.ReadByte(); err == nil {
		return nil, refuse("", "bytes lie between the zip's directory and its end")
	} else if err != io.EOF {
		return nil, err
	}
	slices.SortStableFunc(entries, func(a, b *zipEntry) int { return cmp.Compare(a.offset, b.offset) })
	return entries, nil
}

func readDirectoryEntry(r *bufio.Reader) (*zipEntry, error) {
	var h [directoryLength]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	if string(h[:4]) != directoryMagic {
		return nil, refuse("", "the zip's directory is malformed")
	}
	nameLength, extraLength := int(le.Uint16(h[28:])), int(le.Uint16(h[30:]))
	rest := make([]byte, nameLength+extraLength+int(le.Uint16(h[32:]))) // the last is a comment
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, err
	}
	extra := rest[nameLength : nameLength+extraLength]
	e := &zipEntry{
		name:    string(rest[:nameLength]),
		creator: h[5],
		flags:   le.Uint16(h[8:]),
		method:  le.Uint16(h[10:]),
		crc:     le.Uint32(h[16:]),
		packed:  int64(le.Uint32(h[20:])),
		size:    int64(le.Uint32(h[24:])),
		mode:    uint16(le.Uint32(h[38:]) >> 16),
		offset:  int64(le.Uint32(h[42:])),
	}
	disk := int64(le.Uint16(h[34:]))
	if !e.enlarge(findZip64(extra), &disk) {
		return nil, refuse(e.name, "its sizes in the zip's directory are malformed")
	}
	if disk != 0 {
		return nil, refuse(e.name, "it lies in another part of the archive")
	}
	return e, checkUnicodePath(e.name, extra)
}

// enlarge takes from the zip64 field what the others cannot hold, in the order in
// which that field has them.
func (e *zipEntry) enlarge(large []byte, disk *int64) bool {
	for _, field := range []*int64{&e.size, &e.packed, &e.offset} {
		if *field != math.MaxUint32 {
			continue
		}
		if len(large) < 8 {
			return false
		}
		*field = int64(binary.LittleEndian.Uint64(large))
		large = large[8:]
		if *field < 0 {
			return false
		}
	}
	if *disk == math.MaxUint16 {
		if len(large) < 4 {
			return false
		}
		*disk = int64(binary.LittleEndian.Uint32(large))
	}
	return true
}
