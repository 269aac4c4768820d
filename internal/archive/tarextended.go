package archive

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// maxExtension is how long an extended header may be. Next to a path they hold
// times, and extended attributes, which are dropped.
const maxExtension = 1 << 20

// extension reads the contents of an extended header.
func (t *tarReader) extension(h *block, size int64) ([]byte, error) {
	if size > maxExtension {
		return nil, refuse(h.name(), "its extended header is longer than %s", plugin.Size(maxExtension))
	}
	if err := t.spend(size); err != nil {
		return nil, err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(t.r, data); err != nil {
		return nil, broken(h.name(), err)
	}
	return data, t.padding(h.name(), size)
}

func (t *tarReader) readLongName(h *block, size int64) error {
	data, err := t.extension(h, size)
	if err != nil {
		return err
	}
	if t.longName != nil {
		return refuse(*t.longName, "it has two long names")
	}
	name := strings.TrimSuffix(string(data), "\x00")
	t.longName = &name
	return nil
}

func (t *tarReader) readPax(h *block, size int64) error {
	data, err := t.extension(h, size)
	if err != nil {
		return err
	}
	if t.pax != nil {
		return refuse(h.name(), "two PAX headers come before one entry")
	}
	t.pax, err = parsePax(data)
	if err != nil {
		return refuse(h.name(), "its PAX header cannot be read: %v", err)
	}
	return nil
}

// readGlobalPax reads what holds for all entries that follow, as "git archive"
// writes one with its commit.
func (t *tarReader) readGlobalPax(h *block, size int64) error {
	data, err := t.extension(h, size)
	if err != nil {
		return err
	}
	pax, err := parsePax(data)
	if err != nil {
		return refuse(h.name(), "the global PAX header cannot be read: %v", err)
	}
	if pax.path != nil || pax.size != nil || pax.sparse {
		return refuse(h.name(), "the global PAX header gives all entries the same path or size")
	}
	return nil
}

// paxHeader is what a PAX header says that matters here.
type paxHeader struct {
	path   *string
	size   *int64
	sparse bool
	name   string // of a sparse file, whose path is made up
}

// parsePax reads records of the form "LENGTH KEY=VALUE\n", where LENGTH counts the
// whole record.
func parsePax(data []byte) (*paxHeader, error) {
	p := &paxHeader{}
	for len(data) > 0 {
		digits, _, ok := bytes.Cut(data[:min(len(data), 20)], []byte(" "))
		n, err := strconv.ParseUint(string(digits), 10, 31)
		if !ok || err != nil || int(n) <= len(digits)+1 || int(n) > len(data) {
			return nil, errors.New("a record's length is malformed")
		}
		record := data[len(digits)+1 : n]
		data = data[n:]
		body, hasEnd := bytes.CutSuffix(record, []byte("\n"))
		key, value, hasValue := bytes.Cut(body, []byte("="))
		if !hasEnd || !hasValue || len(key) == 0 || bytes.IndexByte(key, 0) >= 0 {
			return nil, errors.New("a record is malformed")
		}
		if err := p.set(string(key), string(value)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *paxHeader) set(key, value string) error {
	switch {
	case key == "path":
		if p.path != nil {
			return errors.New("it has two paths")
		}
		p.path = &value
	case key == "size":
		size, err := strconv.ParseUint(value, 10, 63)
		if p.size != nil || err != nil {
			return errors.New("it has two sizes, or a malformed one")
		}
		signed := int64(size)
		p.size = &signed
	case strings.HasPrefix(key, "GNU.sparse."), key == "SCHILY.realsize", key == "SUN.holesdata":
		p.sparse = true
		if key == "GNU.sparse.name" {
			p.name = value
		}
	}
	return nil
}

// sizeFor is the size of the entry whose header has size: the PAX header may
// repeat it, and give it where the other cannot hold it.
func (p *paxHeader) sizeFor(name string, h *block, size int64) (int64, error) {
	if p.size == nil || *p.size == size {
		return size, nil
	}
	if isPOSIX := h[124]&0x80 == 0; isPOSIX && *p.size > maxOctalSize {
		return *p.size, nil
	}
	return 0, refuse(name, "its PAX header says its size is %d, its own header %d", *p.size, size)
}
