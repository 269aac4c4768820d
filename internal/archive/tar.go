package archive

import (
	"bufio"
	"cmp"
	"errors"
	"io"

	"github.com/plugins-hcl/plugins/plugin"
)

// tarReader unpacks a tar archive: ustar as POSIX, GNU and BSD tar, Go and Python
// write it, with PAX headers and GNU's long names.
// Source: POSIX.1-2024, pax, "Extended Header File Format"; GNU tar 1.35, tar.h.
type tarReader struct {
	stream stream
	r      *bufio.Reader
	b      *builder

	overhead int64 // bytes that are no file's contents
	compact  bool  // the archive is compressed: its overhead may be out of proportion

	// What extended headers say of the entry that comes next.
	pax      *paxHeader
	longName *string
}

func unpackTar(packed stream, b *builder) error {
	_, isPlain := packed.(plain)
	t := &tarReader{stream: packed, r: bufio.NewReaderSize(packed, 32<<10), b: b, compact: !isPlain}
	for {
		h, err := t.nextHeader()
		if err != nil {
			return broken("", err)
		}
		if h == nil {
			return t.end()
		}
		if err := t.entry(h); err != nil {
			return err
		}
	}
}

// nextHeader reads one header; it is nil where the archive ends.
func (t *tarReader) nextHeader() (*block, error) {
	h := new(block)
	if err := t.spend(blockSize); err != nil {
		return nil, err
	}
	isFirst := t.overhead == blockSize
	if n, err := fill(t.r, h[:]); n < blockSize {
		if isFirst && errors.Is(err, io.EOF) {
			return nil, refuse("", "what is compressed is not a tar archive")
		}
		// Also where no block is begun: the archive's end is written into it.
		return nil, err
	}
	if isZero(h[:]) {
		if t.pax != nil || t.longName != nil {
			return nil, refuse("", "the last entry of the archive is missing, though its extended header is there")
		}
		return nil, nil
	}
	switch {
	case checksumAgrees(h):
		return h, nil
	case isFirst:
		return nil, refuse("", "what is compressed is not a tar archive")
	}
	return nil, refuse("", "the tar archive is damaged: a header's checksum does not agree")
}

// entry acts on the header h and what follows it.
func (t *tarReader) entry(h *block) error {
	size, err := h.size()
	if err != nil {
		return refuse(h.name(), "its size is malformed")
	}
	switch h.typeflag() {
	case typePax:
		return t.readPax(h, size)
	case typePaxGlobal:
		return t.readGlobalPax(h, size)
	case typeGNULongName:
		return t.readLongName(h, size)
	case typeGNULongLink:
		// The link itself follows, and is refused then.
		_, err := t.extension(h, size)
		return err
	}
	name, err := t.name(h)
	if err != nil {
		return err
	}
	if t.pax != nil {
		if size, err = t.pax.sizeFor(name, h, size); err != nil {
			return err
		}
	}
	t.pax, t.longName = nil, nil
	return t.content(h, name, size)
}

// name is the entry's: PAX's, GNU's long one, or the header's own.
func (t *tarReader) name(h *block) (string, error) {
	switch {
	case t.pax != nil && t.pax.sparse:
		return "", refuse(cmp.Or(t.pax.name, h.name()), "it is a sparse file; only files and folders can be installed")
	case t.pax != nil && t.pax.path != nil && t.longName != nil:
		return "", refuse(h.name(), "it has two long names, in GNU's form and in PAX's")
	case t.pax != nil && t.pax.path != nil:
		return *t.pax.path, nil
	case t.longName != nil:
		return *t.longName, nil
	}
	return h.name(), nil
}

func (t *tarReader) content(h *block, name string, size int64) error {
	mode, err := h.mode()
	if err != nil {
		return refuse(name, "its mode is malformed")
	}
	isFolder := h.typeflag() == typeFolder || h.isOldFolder(name)
	switch {
	case isFolder && size != 0:
		return refuse(name, "it is a folder, but has a size")
	case isFolder:
		return t.b.addFolder(name)
	case h.typeflag() != typeFile && h.typeflag() != typeOldFile:
		return refuse(name, "it is %s; only files and folders can be installed", typeName(h.typeflag()))
	}
	contents := &io.LimitedReader{R: t.r, N: size}
	err = t.b.addFile(name, mode&0o111 != 0, size, contents)
	var failed *contentsError
	if errors.As(err, &failed) {
		return broken(name, failed.err)
	}
	if err != nil {
		return err
	}
	if contents.N > 0 {
		return broken(name, io.ErrUnexpectedEOF)
	}
	return t.padding(name, size)
}

// padding skips what fills the last block of an entry.
func (t *tarReader) padding(name string, size int64) error {
	var buf [blockSize]byte
	pad := buf[:-size&(blockSize-1)]
	if err := t.spend(int64(len(pad))); err != nil {
		return err
	}
	if _, err := io.ReadFull(t.r, pad); err != nil {
		return broken(name, err)
	}
	if !isZero(pad) {
		return refuse(name, "bytes lie between its end and the next entry")
	}
	return nil
}

// end reads on behind the first zero block: zeros, and then nothing.
func (t *tarReader) end() error {
	for buf := t.b.buf; ; {
		n, err := t.r.Read(buf)
		if !isZero(buf[:n]) {
			return refuse("", "bytes follow the end of the tar archive")
		}
		if t.compact {
			if err := t.spend(int64(n)); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return broken("", err)
		}
	}
	if err := t.stream.end(); err != nil {
		return broken("", err)
	}
	return nil
}

// spend counts bytes that no limit on files sees, but that take time all the same.
func (t *tarReader) spend(n int64) error {
	// A header, an extended one and its contents come to two or three KiB; the
	// rest is for a few large ones, and for the padding of large tape blocks.
	const each, rest = 4 << 10, 16 << 20
	t.overhead += n
	if entries := t.b.limits.Entries; (t.overhead-rest)/each > entries {
		return refuse("", "its headers and padding are too long for %d entries; %s", entries, plugin.RaiseCount("entries", entries))
	}
	return nil
}
