package archive

import (
	"encoding/binary"
	"io"
	"math"
	"strings"
)

const (
	localMagic      = "PK\x03\x04"
	descriptorMagic = "PK\x07\x08"
	localLength     = 30
)

const (
	methodStore   = 0
	methodDeflate = 8
)

const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3 // sizes and checksum follow the data
	flagPatch      = 1 << 5
	flagStrong     = 1 << 6
	flagMasked     = 1 << 13
)

// zipEntry is what the central directory says of an entry.
type zipEntry struct {
	name         string
	offset       int64 // of its local header
	packed, size int64
	crc          uint32
	flags        uint16
	method       uint16
	creator      uint8  // the system whose attributes these are
	mode         uint16 // Unix' attributes
}

// Unix' types of files, in the upper attributes.
const (
	unixType    = 0o170000
	unixFile    = 0o100000
	unixFolder  = 0o040000
	unixSymlink = 0o120000
)

func (e *zipEntry) isFolder() bool { return strings.HasSuffix(e.name, "/") }

// isExec goes by the attributes only where a Unix, or macOS, wrote them.
func (e *zipEntry) isExec() bool {
	return (e.creator == 3 || e.creator == 19) && e.mode&0o111 != 0
}

// check refuses what can be told without the entry's data.
func (e *zipEntry) check() error {
	switch {
	case e.flags&(flagEncrypted|flagStrong|flagMasked) != 0:
		return refuse(e.name, "it is encrypted")
	case e.flags&flagPatch != 0:
		return refuse(e.name, "it is a patch")
	case e.method != methodStore && e.method != methodDeflate:
		return refuse(e.name, "it is compressed by method %d; only 0 (stored) and 8 (deflate) are supported", e.method)
	case e.method == methodStore && e.packed != e.size:
		return refuse(e.name, "it is stored, but its two sizes differ")
	case e.isFolder() && e.size != 0:
		return refuse(e.name, "it is a folder, but has a size")
	}
	// Also where the creator is no Unix: some programs go by the type alone.
	switch kind := e.mode & unixType; {
	case kind == 0:
		return nil
	case kind == unixSymlink:
		return refuse(e.name, "it is a symbolic link; only files and folders can be installed")
	case kind != unixFile && kind != unixFolder:
		return refuse(e.name, "it is a device, a fifo or a socket; only files and folders can be installed")
	case (kind == unixFolder) != e.isFolder():
		return refuse(e.name, "its name and its mode differ in whether it is a folder")
	}
	return nil
}

// readLocal reads the entry's own header, compares it with the directory's, and
// returns its length.
func (z *zipReader) readLocal(e *zipEntry) (int64, error) {
	var h [localLength]byte
	if _, err := io.ReadFull(z.front, h[:]); err != nil {
		return 0, err
	}
	if string(h[:4]) != localMagic {
		return 0, refuse(e.name, "it has no header where the zip's directory says")
	}
	nameLength := int(binary.LittleEndian.Uint16(h[26:]))
	rest := make([]byte, nameLength+int(binary.LittleEndian.Uint16(h[28:])))
	if _, err := io.ReadFull(z.front, rest); err != nil {
		return 0, err
	}
	name, extra := rest[:nameLength], rest[nameLength:]
	differs := ""
	switch {
	case string(name) != e.name:
		differs = "name"
	case binary.LittleEndian.Uint16(h[6:]) != e.flags:
		differs = "flags"
	case binary.LittleEndian.Uint16(h[8:]) != e.method:
		differs = "method"
	default:
		differs = e.compareSizes(h[14:26], extra)
	}
	if differs != "" {
		return 0, refuse(e.name, "its own header and the zip's directory differ in the %s", differs)
	}
	if err := checkUnicodePath(e.name, extra); err != nil {
		return 0, err
	}
	return int64(localLength + len(rest)), nil
}

// compareSizes compares checksum and sizes, of which fields is the local header's
// part, with the directory's; it returns what differs, or "".
func (e *zipEntry) compareSizes(fields, extra []byte) string {
	crc := binary.LittleEndian.Uint32(fields)
	packed := int64(binary.LittleEndian.Uint32(fields[4:]))
	size := int64(binary.LittleEndian.Uint32(fields[8:]))
	if large := findZip64(extra); len(large) >= 16 {
		if size == math.MaxUint32 {
			size = int64(binary.LittleEndian.Uint64(large))
		}
		if packed == math.MaxUint32 {
			packed = int64(binary.LittleEndian.Uint64(large[8:]))
		}
	}
	// With a descriptor the header may leave them open, which zero says.
	open := e.flags&flagDescriptor != 0
	switch {
	case crc != e.crc && (!open || crc != 0):
		return "checksum"
	case packed != e.packed && (!open || packed != 0):
		return "compressed size"
	case size != e.size && (!open || size != 0):
		return "size"
	}
	return ""
}

// readDescriptor reads the n bytes that lie between the entry's data and what
// comes next: nothing, or a data descriptor in one of its four forms.
func (z *zipReader) readDescriptor(e *zipEntry, n int64) error {
	if e.flags&flagDescriptor == 0 {
		if n != 0 {
			return refuse(e.name, "bytes lie between its end and the next entry")
		}
		return nil
	}
	if n != 12 && n != 16 && n != 20 && n != 24 {
		return refuse(e.name, "no data descriptor, or more than that, lies between its end and the next entry")
	}
	var buf [24]byte
	d := buf[:n]
	if _, err := io.ReadFull(z.front, d); err != nil {
		return err
	}
	ok := true
	if n == 16 || n == 24 {
		ok = string(d[:4]) == descriptorMagic
		d = d[4:]
	}
	ok = ok && binary.LittleEndian.Uint32(d) == e.crc
	if len(d) == 12 {
		ok = ok && int64(binary.LittleEndian.Uint32(d[4:])) == e.packed && int64(binary.LittleEndian.Uint32(d[8:])) == e.size
	} else {
		ok = ok && int64(binary.LittleEndian.Uint64(d[4:])) == e.packed && int64(binary.LittleEndian.Uint64(d[12:])) == e.size
	}
	if !ok {
		return refuse(e.name, "its data descriptor and the zip's directory differ")
	}
	return nil
}
