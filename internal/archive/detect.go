package archive

import (
	"bytes"
	"errors"
	"io"
)

type format int

const (
	formatTar format = iota + 1
	formatGzip
	formatZstd
	formatXz
	formatZip
)

const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
	xzMagic   = "\xfd7zXZ\x00"

	// skippableMagic follows one byte from 0x50 to 0x5f.
	skippableMagic = "\x2a\x4d\x18"
)

// detect tells the format by content: a name or a media type is the publisher's
// word, and may lie.
func detect(s *source) (format, error) {
	if s.size == 0 {
		return 0, refuse("", "it is no archive: it is empty")
	}
	var buf [blockSize]byte
	n, err := s.ReadAt(buf[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	head := buf[:n]
	for _, known := range []struct {
		magic  string
		format format
	}{
		{gzipMagic, formatGzip},
		{zstdMagic, formatZstd},
		{xzMagic, formatXz},
		{localMagic, formatZip},
		{endMagic, formatZip}, // without a single entry
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return known.format, nil
		}
	}
	if n == blockSize && (isZero(head) || checksumAgrees((*block)(head))) {
		return formatTar, nil
	}
	return 0, unknown(s, head)
}

// unknown says what a file is that is none of the archives.
func unknown(s *source, head []byte) error {
	if isSkippable(head) {
		return refuse("", "a skippable zstd frame comes before the archive")
	}
	if _, _, err := findEndRecord(s); err == nil {
		return refuse("", "bytes come before the zip archive")
	}
	for magic, what := range map[string]string{
		"BZh":                     "a bzip2 file",
		"7z\xbc\xaf\x27\x1c":      "a 7z archive",
		"Rar!\x1a\x07":            "a rar archive",
		"\x7fELF":                 "an executable (ELF)",
		"MZ":                      "an executable (PE)",
		"\xcf\xfa\xed\xfe":        "an executable (Mach-O)",
		"!<arch>\n":               "an ar archive or a Debian package",
		"<":                       "HTML or XML, perhaps the page of an error or a login",
		"{":                       "JSON, perhaps the report of an error",
		"\xed\xab\xee\xdb":        "an rpm package",
		"version https://git-lfs": "a Git LFS pointer",
	} {
		if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(magic)) {
			return refuse("", "it is neither a tar nor a zip archive but %s", what)
		}
	}
	return refuse("", "it is neither a zip archive nor a tar archive, plain or compressed with gzip, zstd or xz")
}

func isZero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}
