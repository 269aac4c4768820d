package archive

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
)

// rawEntry is an entry of a zip written byte by byte. Where the local header is
// to say something else than the directory, editLocal makes it so.
type rawEntry struct {
	name     string
	contents string
	method   uint16
	flags    uint16
	creator  byte // 3 for Unix
	mode     uint32
	extra    string // in the directory

	localExtra  string
	data        []byte                    // instead of the contents, compressed
	before      string                    // bytes before the local header
	after       string                    // bytes after the data: a descriptor, say
	editLocal   func(h []byte)            // with the name
	editCentral func(h []byte)            // with the name
	offset      func(true_ uint32) uint32 // what the directory says
}

func (e rawEntry) packed() []byte {
	if e.data != nil {
		return e.data
	}
	if e.method == methodDeflate {
		return deflated(e.contents)
	}
	return []byte(e.contents)
}

func deflated(s string) []byte {
	var buf bytes.Buffer
	w, _ := flate.NewWriter(&buf, flate.DefaultCompression)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return buf.Bytes()
}

func (e rawEntry) sizes() []byte {
	b := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(e.contents)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.packed())))
	return binary.LittleEndian.AppendUint32(b, uint32(len(e.contents)))
}

func (e rawEntry) local() []byte {
	h := make([]byte, localLength)
	copy(h, localMagic)
	h[4] = 20
	binary.LittleEndian.PutUint16(h[6:], e.flags)
	binary.LittleEndian.PutUint16(h[8:], e.method)
	if e.flags&flagDescriptor == 0 {
		copy(h[14:], e.sizes())
	}
	binary.LittleEndian.PutUint16(h[26:], uint16(len(e.name)))
	binary.LittleEndian.PutUint16(h[28:], uint16(len(e.localExtra)))
	h = append(h, e.name...)
	if e.editLocal != nil {
		e.editLocal(h)
	}
	return append(h, e.localExtra...)
}

func (e rawEntry) central(offset uint32) []byte {
	h := make([]byte, directoryLength)
	copy(h, directoryMagic)
	h[4], h[5], h[6] = 20, e.creator, 20
	binary.LittleEndian.PutUint16(h[8:], e.flags)
	binary.LittleEndian.PutUint16(h[10:], e.method)
	copy(h[16:], e.sizes())
	binary.LittleEndian.PutUint16(h[28:], uint16(len(e.name)))
	binary.LittleEndian.PutUint16(h[30:], uint16(len(e.extra)))
	binary.LittleEndian.PutUint32(h[38:], e.mode<<16)
	binary.LittleEndian.PutUint32(h[42:], offset)
	h = append(h, e.name...)
	if e.editCentral != nil {
		e.editCentral(h)
	}
	return append(h, e.extra...)
}

// descriptor is a data descriptor in the form that is usual.
func (e rawEntry) descriptor() string { return descriptorMagic + string(e.sizes()) }

// rawZip puts entries together; edit changes the end record.
func rawZip(edit func(end []byte) []byte, entries ...rawEntry) []byte {
	var front, directory []byte
	for _, e := range entries {
		front = append(front, e.before...)
		offset := uint32(len(front))
		if e.offset != nil {
			offset = e.offset(offset)
		}
		front = append(front, e.local()...)
		front = append(front, e.packed()...)
		front = append(front, e.after...)
		directory = append(directory, e.central(offset)...)
	}
	end := make([]byte, endLength)
	copy(end, endMagic)
	binary.LittleEndian.PutUint16(end[8:], uint16(len(entries)))
	binary.LittleEndian.PutUint16(end[10:], uint16(len(entries)))
	binary.LittleEndian.PutUint32(end[12:], uint32(len(directory)))
	binary.LittleEndian.PutUint32(end[16:], uint32(len(front)))
	if edit != nil {
		end = edit(end)
	}
	return join(front, directory, end)
}

// zip64Ends turns the end record into the three of a zip64, of which edit changes
// the first.
func zip64Ends(edit func(record []byte)) func([]byte) []byte {
	return func(end []byte) []byte {
		le := binary.LittleEndian
		size, directory := le.Uint32(end[12:]), le.Uint32(end[16:])
		record := make([]byte, end64Length)
		copy(record, end64Magic)
		le.PutUint64(record[4:], end64Length-12)
		le.PutUint64(record[24:], uint64(le.Uint16(end[8:])))
		le.PutUint64(record[32:], uint64(le.Uint16(end[10:])))
		le.PutUint64(record[40:], uint64(size))
		le.PutUint64(record[48:], uint64(directory))
		locator := make([]byte, locatorLength)
		copy(locator, locatorMagic)
		le.PutUint64(locator[8:], uint64(size)+uint64(directory))
		le.PutUint32(locator[16:], 1)
		if edit != nil {
			edit(record)
		}
		copy(end[8:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
		return join(record, locator, end)
	}
}

func zip64Extra(values ...uint64) string {
	b := binary.LittleEndian.AppendUint16(nil, extraZip64)
	b = binary.LittleEndian.AppendUint16(b, uint16(8*len(values)))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return string(b)
}

func unicodePath(name, second string) string {
	b := binary.LittleEndian.AppendUint16(nil, extraUnicodePath)
	b = binary.LittleEndian.AppendUint16(b, uint16(5+len(second)))
	b = append(b, 1)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(name)))
	return string(b) + second
}
