package archive

import (
	"context"
	"fmt"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// Unpack unpacks the archive in src into root, which is an empty folder, and says
// what lies there now. The format is known by content: tar, plain or compressed
// with gzip, zstd or xz, and zip. src is read from its start, wherever its offset
// stands, and its offset does not move.
//
// Files become 0644 or 0755 and folders 0755, whatever the umask and the archive
// say. After an error root holds a part of the tree, which is of no use.
func Unpack(ctx context.Context, src *os.File, root *os.Root, limits plugin.Limits, options ...Option) (Tree, error) {
	info, err := src.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("unpack %s: it is not a regular file", src.Name())
	}
	s := &source{ctx: ctx, file: src, size: info.Size()}
	if s.size > limits.Packed {
		return nil, refuse("", "it is larger than %s; %s", plugin.Size(limits.Packed), plugin.RaiseSize("packed", limits.Packed))
	}
	b := newBuilder(ctx, root, limits, options...)
	b.packed = s.size
	err = unpack(s, b)
	if closeErr := b.close(); err == nil {
		err = closeErr
	}
	switch {
	case err == nil:
		return b.sorted(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.failed != nil:
		// What a parser makes of a failing disk is no verdict on the archive.
		return nil, s.failed
	}
	return nil, err
}

func unpack(s *source, b *builder) error {
	f, err := detect(s)
	if err != nil {
		return err
	}
	if f == formatZip {
		return unpackZip(s, b)
	}
	packed, err := open(f, s, b.limits)
	if err != nil {
		return broken("", err)
	}
	defer packed.close()
	return unpackTar(packed, b)
}

// open makes the decompressor for a tar archive in format f.
func open(f format, s *source, limits plugin.Limits) (stream, error) {
	switch f {
	case formatGzip:
		return openGzip(s.reader())
	case formatZstd:
		return openZstd(s.reader(), limits.Window)
	case formatXz:
		return openXz(s.reader(), limits)
	}
	return plain{s.reader()}, nil
}
