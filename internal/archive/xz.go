package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"

	"github.com/ulikunitz/xz/lzma"

	"github.com/plugins-hcl/plugins/plugin"
)

// xzStream is the one stream of an xz file. The container is read here and LZMA2
// left to the library, whose own reader of the container takes the memory a block
// asks for, whatever that is, and a file that ends before its index for whole.
// Source: The .xz File Format 1.2.1, https://tukaani.org/xz/xz-file-format.txt
type xzStream struct {
	packed *counter
	limits plugin.Limits
	flags  [2]byte
	block  *xzBlock // the one being read
	done   bool

	dictionaries int64     // of all blocks together
	blocks       int64     // finished ones …
	records      hash.Hash // … and their sizes, to be found in the index
}

type xzBlock struct {
	io.Reader
	start        int64 // where its header starts in the file
	body         int64 // where the header ends
	packed, size int64 // as its header has them; -1 where it has not
	got          int64 // bytes decompressed
	check        hash.Hash
}

func openXz(packed *bufio.Reader, limits plugin.Limits) (stream, error) {
	x := &xzStream{packed: &counter{r: packed}, limits: limits, records: sha256.New()}
	var head [12]byte
	if _, err := io.ReadFull(x.packed, head[:]); err != nil {
		return nil, err
	}
	x.flags = [2]byte(head[6:8])
	if crc32.ChecksumIEEE(x.flags[:]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, refuse("", "the xz stream's header is damaged")
	}
	if _, ok := x.newCheck(); !ok {
		return nil, refuse("", "the xz stream has checksums of an unknown kind")
	}
	return x, nil
}

func (x *xzStream) close() {}

func (x *xzStream) end() error {
	next, err := x.packed.r.Peek(1)
	if len(next) > 0 {
		return refuse("", "bytes follow the xz stream")
	}
	if err != io.EOF {
		return err
	}
	return nil
}

func (x *xzStream) Read(p []byte) (int, error) {
	for !x.done {
		if x.block == nil {
			if err := x.next(); err != nil {
				return 0, noEOF(err)
			}
			continue
		}
		n, err := x.block.Read(p)
		x.block.got += int64(n)
		x.block.check.Write(p[:n])
		if err == io.EOF {
			err = noEOF(x.endBlock())
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.EOF
}

// next opens the next block, or reads the index if there is none.
func (x *xzStream) next() error {
	start := x.packed.n
	length, err := x.packed.ReadByte()
	if err != nil {
		return err
	}
	if length == 0 {
		return x.readIndex(start)
	}
	head := make([]byte, (int(length)+1)*4)
	head[0] = length
	if _, err := io.ReadFull(x.packed, head[1:]); err != nil {
		return err
	}
	sum := len(head) - 4
	if crc32.ChecksumIEEE(head[:sum]) != binary.LittleEndian.Uint32(head[sum:]) {
		return refuse("", "an xz block's header is damaged")
	}
	return x.openBlock(start, bytes.NewReader(head[1:sum]))
}

func (x *xzStream) openBlock(start int64, head *bytes.Reader) error {
	bad := refuse("", "an xz block's header is malformed, or asks for a filter other than LZMA2")
	flags, _ := head.ReadByte()
	b := &xzBlock{start: start, body: x.packed.n, packed: -1, size: -1}
	ok := flags&0x3f == 0 // one filter, no reserved bits
	var err error
	if flags&0x40 != 0 {
		if b.packed, err = readVarint(head); err != nil {
			return bad
		}
	}
	if flags&0x80 != 0 {
		if b.size, err = readVarint(head); err != nil {
			return bad
		}
	}
	var filter [3]byte // LZMA2's identifier, the length of its one property, that
	if _, err := io.ReadFull(head, filter[:]); err != nil || !ok || filter[0] != 0x21 || filter[1] != 1 {
		return bad
	}
	for head.Len() > 0 {
		if c, _ := head.ReadByte(); c != 0 {
			return bad
		}
	}
	dictionary, err := lzma.DecodeDictCap(filter[2])
	if err != nil {
		return bad
	}
	if b.size >= 0 {
		dictionary = min(dictionary, b.size) // nothing lies further back
	}
	dictionary = max(dictionary, lzma.MinDictCap)
	if err := x.checkDictionary(dictionary); err != nil {
		return err
	}
	b.check, _ = x.newCheck()
	config := lzma.Reader2Config{DictCap: int(dictionary)}
	b.Reader, err = config.NewReader2(x.packed)
	x.block = b
	return err
}

// checkDictionary bounds what one block takes, and what many blocks, each with a
// dictionary of its own, make the memory allocator do. Blocks much smaller than
// their dictionary come only of threads, which write the blocks' sizes.
func (x *xzStream) checkDictionary(size int64) error {
	l := x.limits
	if size > l.Window {
		return refuse("", "decompressing it takes a dictionary of more than %s; %s", plugin.Size(l.Window), plugin.RaiseSize("window", l.Window))
	}
	if x.dictionaries/4 > l.Unpacked {
		return refuse("", "its xz blocks are too many for their size; %s", plugin.RaiseSize("unpacked", l.Unpacked))
	}
	x.dictionaries += size
	return nil
}

func (x *xzStream) endBlock() error {
	b := x.block
	x.block = nil
	packed := x.packed.n - b.body
	if b.packed >= 0 && b.packed != packed || b.size >= 0 && b.size != b.got {
		return refuse("", "an xz block has not the size its header says")
	}
	padding := make([]byte, -packed&3)
	if _, err := io.ReadFull(x.packed, padding); err != nil {
		return err
	}
	if !isZero(padding) {
		return refuse("", "an xz block's padding is not zero")
	}
	want := make([]byte, b.check.Size())
	if _, err := io.ReadFull(x.packed, want); err != nil {
		return err
	}
	if !bytes.Equal(b.check.Sum(nil), want) {
		return refuse("", "an xz block's checksum does not agree")
	}
	x.blocks++
	record(x.records, b.body-b.start+packed+int64(len(want)))
	record(x.records, b.got)
	return nil
}

// readIndex reads what follows the last block: the index, whose first byte was
// read at start, and the footer.
func (x *xzStream) readIndex(start int64) error {
	bad := refuse("", "the xz stream's index does not agree with its blocks")
	in := &summer{r: x.packed, sum: crc32.ChecksumIEEE([]byte{0})}
	count, err := readVarint(in)
	if err != nil {
		return err
	}
	if count != x.blocks {
		return bad
	}
	records := sha256.New()
	for range 2 * count {
		size, err := readVarint(in)
		if err != nil {
			return err
		}
		record(records, size)
	}
	if !bytes.Equal(records.Sum(nil), x.records.Sum(nil)) {
		return bad
	}
	for (x.packed.n-start)&3 != 0 {
		if c, err := in.ReadByte(); err != nil {
			return err
		} else if c != 0 {
			return bad
		}
	}
	var tail [4 + 12]byte // the index' checksum, the footer
	if _, err := io.ReadFull(x.packed, tail[:]); err != nil {
		return err
	}
	indexSize := x.packed.n - 12 - start
	if binary.LittleEndian.Uint32(tail[:]) != in.sum || !x.footerAgrees(tail[4:], indexSize) {
		return bad
	}
	x.done = true
	return nil
}

func (x *xzStream) footerAgrees(footer []byte, indexSize int64) bool {
	return binary.LittleEndian.Uint32(footer) == crc32.ChecksumIEEE(footer[4:10]) &&
		(int64(binary.LittleEndian.Uint32(footer[4:]))+1)*4 == indexSize &&
		[2]byte(footer[8:10]) == x.flags &&
		string(footer[10:]) == "YZ"
}
