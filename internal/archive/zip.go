package archive

import (
	"bufio"
	"errors"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// zipReader unpacks a zip archive in the order in which its entries lie in the
// file. They must lie one behind the other from the first byte to the central
// directory, which lists them, so that no byte belongs to two entries or to none.
// Source: APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
type zipReader struct {
	b     *builder
	front *bufio.Reader // all that lies before the central directory

	packed  *bufio.Reader // one entry's data
	inflate io.ReadCloser // the same, decompressed; nil until needed
}

func unpackZip(s *source, b *builder) error {
	end, err := findEnd(s)
	if err != nil {
		return broken("", err)
	}
	entries, err := readDirectory(s, end, b.limits)
	if err != nil {
		return broken("", err)
	}
	z := &zipReader{
		b:      b,
		front:  bufio.NewReaderSize(s.section(0, end.directory), 16<<10),
		packed: bufio.NewReaderSize(nil, 32<<10),
	}
	at := int64(0)
	for i, e := range entries {
		next := end.directory
		if i+1 < len(entries) {
			next = entries[i+1].offset
		}
		if e.offset != at {
			return refuse(e.name, "bytes lie before it that belong to no entry")
		}
		if err := z.entry(e, next-at); err != nil {
			return err
		}
		at = next
	}
	if at != end.directory {
		return refuse("", "bytes lie before the zip's directory that belong to no entry")
	}
	return nil
}

// entry unpacks e, to which the next room bytes of the file belong.
func (z *zipReader) entry(e *zipEntry, room int64) error {
	if err := e.check(); err != nil {
		return err
	}
	header, err := z.readLocal(e)
	if err != nil {
		return broken(e.name, err)
	}
	// In this order none of the differences can overflow.
	trailer := room - header
	if trailer < e.packed {
		return refuse(e.name, "it overlaps with what follows it")
	}
	trailer -= e.packed
	if err := z.content(e); err != nil {
		return err
	}
	if err := z.readDescriptor(e, trailer); err != nil {
		return broken(e.name, err)
	}
	return nil
}

// content unpacks the data of e, and checks that they are what was announced.
func (z *zipReader) content(e *zipEntry) error {
	data := &io.LimitedReader{R: z.front, N: e.packed}
	z.packed.Reset(data)
	contents := &zipContents{r: z.packed}
	if e.method == methodDeflate {
		contents.r = z.inflater()
	}
	if err := z.write(e, contents); err != nil {
		return err
	}
	switch {
	case data.N > 0 || z.packed.Buffered() > 0:
		return refuse(e.name, "bytes follow its compressed contents")
	case contents.n != e.size:
		return refuse(e.name, "its size is %d, not %d as the archive says", contents.n, e.size)
	case contents.crc != e.crc:
		return refuse(e.name, "its checksum does not agree")
	}
	return nil
}

func (z *zipReader) write(e *zipEntry, contents *zipContents) error {
	if !e.isFolder() {
		err := z.b.addFile(e.name, e.isExec(), e.size, contents)
		var failed *contentsError
		if errors.As(err, &failed) {
			return broken(e.name, failed.err)
		}
		return err
	}
	if err := z.b.addFolder(e.name); err != nil {
		return err
	}
	// Some tools compress a folder's contents: to two bytes that stand for none.
	var one [1]byte
	if _, err := io.ReadFull(contents, one[:]); err == nil {
		return refuse(e.name, "it is a folder, but has contents")
	} else if !errors.Is(err, io.EOF) {
		return broken(e.name, err)
	}
	return nil
}

// inflater decompresses z.packed.
func (z *zipReader) inflater() io.Reader {
	if z.inflate == nil {
		z.inflate = flate.NewReader(z.packed)
	} else {
		z.inflate.(flate.Resetter).Reset(z.packed, nil)
	}
	return z.inflate
}

// zipContents counts an entry's contents and sums them up.
type zipContents struct {
	r   io.Reader
	n   int64
	crc uint32
}

func (c *zipContents) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p[:n])
	return n, err
}
