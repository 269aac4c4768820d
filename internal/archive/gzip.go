package archive

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"
)

// gzipStream is the one member of a gzip file.
type gzipStream struct {
	*gzip.Reader
	packed *bufio.Reader
}

func openGzip(packed *bufio.Reader) (stream, error) {
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	// Several members make one text for some programs and not for others.
	r.Multistream(false)
	return gzipStream{r, packed}, nil
}

func (g gzipStream) end() error {
	next, err := g.packed.Peek(len(gzipMagic))
	switch {
	case string(next) == gzipMagic:
		return refuse("", "a further gzip member follows the archive")
	case len(next) > 0:
		return refuse("", "bytes follow the gzip stream")
	case err != io.EOF:
		return err
	}
	return nil
}

func (g gzipStream) close() { g.Reader.Close() }
