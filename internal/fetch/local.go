package fetch

import (
	"context"
	"errors"
	"io"
	"os"
)

// openLocal opens a regular file. It is asked for twice: opening a pipe would
// wait for a writer, and what was looked at need not be what is opened.
func openLocal(path string) (*os.File, os.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	if err := regular(info); err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	if info, err = f.Stat(); err == nil {
		err = regular(info)
	}
	if err != nil {
		f.Close()
		return nil, nil, bare(err)
	}
	return f, info, nil
}

func regular(info os.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a folder, not a file")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	return nil
}

// bare drops the path from an error whose context tells it already.
func bare(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func readLocal(path string, max int64) ([]byte, error) {
	f, info, err := openLocal(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > max {
		return nil, TooLarge(max)
	}
	return readAll(f, max)
}

// local copies a file of this machine as if it came from a server.
func (d *download) local(ctx context.Context) error {
	f, info, err := openLocal(d.target.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info.Size() > d.Max {
		return TooLarge(d.Max)
	}
	d.Progress(0, info.Size())
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.Read(d.buf)
		if werr := d.write(d.buf[:n]); werr != nil {
			return werr
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return bare(err)
		}
	}
}
