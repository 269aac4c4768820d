package archive

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
)

// source is the archive's file. It keeps the first failure of the disk, which
// the parsers above would otherwise take for a damaged archive.
type source struct {
	ctx    context.Context
	file   *os.File
	size   int64
	failed error
}

// ReadAt is the only way to the file, so that a cancelled context stops every
// parser at its next read.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.file.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) && s.failed == nil {
		s.failed = err
	}
	return n, err
}

// section is the n bytes from off.
func (s *source) section(off, n int64) *io.SectionReader {
	return io.NewSectionReader(s, off, n)
}

// reader is the whole file, buffered: the decompressors read it byte by byte.
func (s *source) reader() *bufio.Reader {
	return bufio.NewReaderSize(s.section(0, s.size), 64<<10)
}

// stream is a tar archive, decompressed as it is read.
type stream interface {
	io.Reader

	// end is called when Read has returned io.EOF: it refuses what lies in the
	// file behind what was compressed.
	end() error

	close()
}

// plain is a tar archive that is not compressed.
type plain struct{ *bufio.Reader }

func (plain) end() error { return nil }
func (plain) close()     {}
