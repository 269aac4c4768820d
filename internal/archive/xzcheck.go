package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"math"
	"slices"
)

// newCheck makes the hash that protects a block, by the stream's flags.
func (x *xzStream) newCheck() (hash.Hash, bool) {
	switch x.flags {
	case [2]byte{0, 0}:
		return noCheck{}, true
	case [2]byte{0, 1}:
		return reversed{crc32.NewIEEE()}, true
	case [2]byte{0, 4}:
		return reversed{crc64.New(crc64.MakeTable(crc64.ECMA))}, true
	case [2]byte{0, 10}:
		return sha256.New(), true
	}
	return nil, false
}

// noCheck stands for a block that has no checksum.
type noCheck struct{ hash.Hash }

func (noCheck) Write(p []byte) (int, error) { return len(p), nil }
func (noCheck) Sum(b []byte) []byte         { return b }
func (noCheck) Size() int                   { return 0 }

// reversed is a hash whose sum xz writes with the lowest byte first.
type reversed struct{ hash.Hash }

func (r reversed) Sum(b []byte) []byte {
	sum := r.Hash.Sum(nil)
	slices.Reverse(sum)
	return append(b, sum...)
}

// record adds one size to those the index must repeat. Only their hash is kept,
// lest memory grow with the number of blocks.
func record(h hash.Hash, size int64) {
	var buf [8]byte
	binary.LittleEndian.PutUint64(buf[:], uint64(size))
	h.Write(buf[:])
}

func readVarint(r io.ByteReader) (int64, error) {
	n, err := binary.ReadUvarint(r)
	if err == nil && n > math.MaxInt64 {
		err = errors.New("xz: a size is too large")
	}
	return int64(n), err
}

// counter counts what is read.
type counter struct {
	r *bufio.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// summer sums up by CRC-32 what is read.
type summer struct {
	r   io.ByteReader
	sum uint32
}

func (s *summer) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err == nil {
		s.sum = crc32.Update(s.sum, crc32.IEEETable, []byte{b})
	}
	return b, err
}
