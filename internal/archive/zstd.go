package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/plugins-hcl/plugins/plugin"
)

// zstdStream is the one frame of a zstd file.
type zstdStream struct {
	*zstd.Decoder
	frame *zstdFrame
}

func openZstd(packed *bufio.Reader, window int64) (stream, error) {
	frame := &zstdFrame{packed: packed}
	if err := frame.open(window); err != nil {
		return nil, err
	}
	d, err := zstd.NewReader(frame,
		zstd.WithDecoderConcurrency(1), // packages are unpacked side by side already
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(uint64(min(max(window, zstd.MinWindowSize), 1<<41)))) // the format's own limit
	if err != nil {
		return nil, err
	}
	return zstdStream{d, frame}, nil
}

func (z zstdStream) end() error {
	packed := z.frame.packed
	next, err := packed.Peek(4)
	switch {
	case z.frame.left > 0 || !z.frame.last:
		return io.ErrUnexpectedEOF
	case len(next) == 4 && (string(next) == zstdMagic || isSkippable(next)):
		return refuse("", "a further zstd frame follows the archive")
	case len(next) > 0:
		return refuse("", "bytes follow the zstd frame")
	case err != io.EOF:
		return err
	}
	return nil
}

func (z zstdStream) close() { z.Decoder.Close() }

func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == skippableMagic
}

// zstdFrame passes exactly one frame on to the decoder, which would join all the
// frames of a file and skip those that are none, without a word. It reads the
// frame's structure alone.
// Source: RFC 8878, section 3.1.1.
type zstdFrame struct {
	packed   *bufio.Reader
	left     int64 // bytes to pass on before the next block's header
	checksum bool  // four bytes follow the last block
	last     bool  // the block being passed on is the last
}

func (z *zstdFrame) Read(p []byte) (int, error) {
	for z.left == 0 {
		if z.last {
			return 0, io.EOF
		}
		if err := z.nextBlock(); err != nil {
			return 0, err
		}
	}
	n, err := z.packed.Read(p[:min(int64(len(p)), z.left)])
	z.left -= int64(n)
	return n, noEOF(err)
}

// open reads the frame's header: the window, and which fields there are.
func (z *zstdFrame) open(window int64) error {
	head, err := z.packed.Peek(4 + 14) // the longest header there is
	if err != nil && err != io.EOF {
		return err
	}
	if len(head) < 4+2 {
		return io.ErrUnexpectedEOF
	}
	descriptor := head[4]
	single := descriptor&(1<<5) != 0
	z.checksum = descriptor&(1<<2) != 0
	dictionary := []int{0, 1, 2, 4}[descriptor&3]
	sizeField := []int{0, 2, 4, 8}[descriptor>>6]
	if single && sizeField == 0 {
		sizeField = 1
	}
	if dictionary != 0 {
		return refuse("", "the zstd frame needs a dictionary")
	}
	at := 5
	need := windowOf(head[at])
	if single {
		// The window is as large as the contents.
		var field [8]byte
		if len(head) < at+sizeField {
			return io.ErrUnexpectedEOF
		}
		copy(field[:], head[at:at+sizeField])
		need = binary.LittleEndian.Uint64(field[:])
	} else {
		at++
	}
	if need > uint64(max(window, 0)) {
		return refuse("", "decompressing it takes a window of more than %s; %s", plugin.Size(window), plugin.RaiseSize("window", window))
	}
	z.left = int64(at + sizeField)
	return nil
}

func windowOf(descriptor byte) uint64 {
	base := uint64(1) << (10 + descriptor>>3)
	return base + base/8*uint64(descriptor&7)
}

func (z *zstdFrame) nextBlock() error {
	head, err := z.packed.Peek(3)
	if len(head) < 3 {
		return noEOF(err)
	}
	h := uint32(head[0]) | uint32(head[1])<<8 | uint32(head[2])<<16
	z.last = h&1 != 0
	size := int64(h >> 3)
	switch h >> 1 & 3 {
	case 1: // one byte, to be repeated size times
		size = 1
	case 3:
		return errors.New("zstd: a block of the reserved type")
	}
	z.left = 3 + size
	if z.last && z.checksum {
		z.left += 4
	}
	return nil
}
