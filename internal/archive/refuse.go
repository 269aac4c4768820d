package archive

import (
	"errors"
	"fmt"
	"io"

	"github.com/plugins-hcl/plugins/plugin"
)

// maxEntryText keeps a name of a mebibyte out of messages.
const maxEntryText = 2 << 10

func refuse(entry, format string, args ...any) error {
	if len(entry) > maxEntryText {
		entry = entry[:maxEntryText] + "…"
	}
	return &plugin.RefusedError{Entry: entry, Rule: fmt.Sprintf(format, args...)}
}

// broken refuses what could not be read any further. It is for errors met while
// reading an archive; where those are the disk's, [Unpack] knows.
func broken(entry string, err error) error {
	var refused *plugin.RefusedError
	switch {
	case errors.As(err, &refused):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return refuse(entry, "the archive is cut off")
	}
	return refuse(entry, "the archive is damaged: %v", err)
}

// noEOF is for where an end is not due.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
