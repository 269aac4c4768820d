package archive

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/plugins-hcl/plugins/plugin"
)

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write(data)
	must(t, err)
	must(t, w.Close())
	return buf.Bytes()
}

func zstdOf(t testing.TB, data []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf, options...)
	must(t, err)
	_, err = w.Write(data)
	must(t, err)
	must(t, w.Close())
	return buf.Bytes()
}

func xzOf(t testing.TB, data []byte, config xz.WriterConfig) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := config.NewWriter(&buf)
	must(t, err)
	_, err = w.Write(data)
	must(t, err)
	must(t, w.Close())
	return buf.Bytes()
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestCompressedAccepted(t *testing.T) {
	t.Parallel()
	plain := tarOf(t, file{name: "d/"}, file{name: "d/f", contents: strings.Repeat("contents ", 50_000)}, file{name: "x", exec: true})
	withPadding := append(bytes.Clone(plain), make([]byte, 10<<10)...)
	for name, data := range map[string][]byte{
		"plain":              plain,
		"gzip":               gzipped(t, plain),
		"gzip, padding":      gzipped(t, withPadding),
		"zstd":               zstdOf(t, plain),
		"zstd, padding":      zstdOf(t, withPadding),
		"zstd, no checksum":  zstdOf(t, plain, zstd.WithEncoderCRC(false)),
		"zstd, one segment":  zstdOf(t, plain, zstd.WithSingleSegment(true)),
		"zstd, all at once":  mustEncoder(t).EncodeAll(plain, nil),
		"xz, CRC-64":         xzOf(t, plain, xz.WriterConfig{}),
		"xz, CRC-32":         xzOf(t, plain, xz.WriterConfig{CheckSum: xz.CRC32}),
		"xz, SHA-256":        xzOf(t, plain, xz.WriterConfig{CheckSum: xz.SHA256}),
		"xz, no check":       xzOf(t, plain, xz.WriterConfig{NoCheckSum: true}),
		"xz, many blocks":    xzOf(t, plain, xz.WriterConfig{BlockSize: 100_000, DictCap: 1 << 16}),
		"xz, size known":     xzWithSize(xzOf(t, plain, xz.WriterConfig{}), len(plain)),
		"xz, padding within": xzOf(t, withPadding, xz.WriterConfig{}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := unpackBytes(t, data)
			must(t, err)
			wantTree(t, tree, "d d 0", "f d/f 450000", "x x 0")
		})
	}
}

func mustEncoder(t testing.TB) *zstd.Encoder {
	t.Helper()
	e, err := zstd.NewWriter(nil)
	must(t, err)
	return e
}

func TestCompressedRefused(t *testing.T) {
	t.Parallel()
	plain := tarOf(t, file{name: "f", contents: strings.Repeat("contents ", 5000)})
	gz, zs, xzs := gzipped(t, plain), zstdOf(t, plain), xzOf(t, plain, xz.WriterConfig{})
	skippable := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00abcd")
	flip := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		if at < 0 {
			at += len(data)
		}
		data[at] ^= 0x55
		return data
	}
	tests := map[string]struct {
		data []byte
		rule string
	}{
		"gzip, two members":         {join(gz, gz), "a further gzip member"},
		"gzip, empty member behind": {join(gz, gzipped(t, nil)), "a further gzip member"},
		"gzip, byte behind":         {join(gz, []byte{0}), "bytes follow the gzip stream"},
		"gzip, cut":                 {gz[:len(gz)/2], "cut off"},
		"gzip, trailer cut":         {gz[:len(gz)-4], "cut off"},
		"gzip, header cut":          {gz[:5], "cut off"},
		"gzip, checksum":            {flip(gz, -5), "damaged"},
		"gzip, size":                {flip(gz, -1), "damaged"},
		"gzip, header":              {flip(gz, 2), "damaged"},
		"gzip of no tar":            {gzipped(t, bytes.Repeat([]byte("x"), 1024)), "what is compressed is not a tar archive"},
		"gzip of a text":            {gzipped(t, []byte("hello")), "what is compressed is not a tar archive"},
		"gzip of a gzip":            {gzipped(t, gz), "what is compressed is not a tar archive"},

		"zstd, two frames":       {join(zs, zs), "a further zstd frame"},
		"zstd, skippable behind": {join(zs, skippable), "a further zstd frame"},
		"zstd, skippable before": {join(skippable, zs), "a skippable zstd frame comes before"},
		"zstd, byte behind":      {join(zs, []byte{0}), "bytes follow the zstd frame"},
		"zstd, cut":              {zs[:len(zs)/2], "cut off"},
		"zstd, checksum cut":     {zs[:len(zs)-2], "cut off"},
		"zstd, header cut":       {zs[:5], "cut off"},
		"zstd, checksum":         {flip(zs, -1), "damaged"},
		"zstd, window":           {zstdHeader("\x00\xf8"), "window of more than 128 MiB; raise it with limits { window = \"256MiB\" }"},
		"zstd, large segment":    {zstdHeader("\xe0\xff\xff\xff\xff\xff\xff\xff\xff"), "window of more than 128 MiB"},
		"zstd, dictionary":       {zstdHeader("\x01\x00\x07"), "dictionary"},
		"zstd, reserved block":   {zstdHeader("\x00\x00\x07\x00\x00\x00\x00"), "damaged"},

		"xz, two streams":  {join(xzs, xzs), "bytes follow the xz stream"},
		"xz, padding":      {join(xzs, make([]byte, 4)), "bytes follow the xz stream"},
		"xz, cut":          {xzs[:len(xzs)/2], "cut off"},
		"xz, footer cut":   {xzs[:len(xzs)-4], "cut off"},
		"xz, index cut":    {xzs[:len(xzs)-12-8], "cut off"},
		"xz, header cut":   {xzs[:8], "cut off"},
		"xz, header":       {flip(xzs, 9), "header is damaged"},
		"xz, block header": {flip(xzs, 15), "block's header is damaged"},
		"xz, footer":       {flip(xzs, -1), "index does not agree"},
		"xz, index":        {flip(xzs, -16), "index does not agree"},
		"xz, dictionary":   {xzWithDictionary(xzs, 40), "dictionary of more than 128 MiB; raise it with limits { window"},
		"xz, checksum":     {flip(xzs, -12-int(binary.LittleEndian.Uint32(xzs[len(xzs)-8:])+1)*4-1), "checksum does not agree"},
		"xz, size small":   {xzWithSize(xzs, len(plain)-1), "size its header says"},
		"xz, size large":   {xzWithSize(xzs, len(plain)+1), "size its header says"},
		"xz, other filter": {xzWithFilter(xzs), "filter other than LZMA2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unpackBytes(t, test.data)
			wantRefused(t, err, refusedEntry(err), test.rule)
		})
	}
}

// refusedEntry is whatever entry err names: where damage is noticed depends on the
// compression.
func refusedEntry(err error) string {
	if refused, ok := err.(*plugin.RefusedError); ok {
		return refused.Entry
	}
	return ""
}

func zstdHeader(fields string) []byte {
	return []byte(zstdMagic + fields + strings.Repeat("\x00", 32))
}

// xzWithDictionary changes the first block's dictionary; the block's header has
// no sizes, as our writer makes it.
func xzWithDictionary(data []byte, code byte) []byte {
	return editXzBlock(data, func(header []byte) { header[4] = code })
}

func xzWithFilter(data []byte) []byte {
	return editXzBlock(data, func(header []byte) { header[2] = 0x04 })
}

// xzWithSize gives the first block's header the field for its size. It has room
// for three bytes.
func xzWithSize(data []byte, size int) []byte {
	return editXzBlock(data, func(header []byte) {
		copy(header[5:], header[2:5]) // the filter
		header[1] |= 0x80
		copy(header[2:], []byte{byte(size) | 0x80, byte(size>>7) | 0x80, byte(size >> 14)})
	})
}

func editXzBlock(data []byte, edit func([]byte)) []byte {
	data = bytes.Clone(data)
	header := data[12 : 12+(int(data[12])+1)*4]
	edit(header)
	sum := len(header) - 4
	binary.LittleEndian.PutUint32(header[sum:], crc32.ChecksumIEEE(header[:sum]))
	return data
}

// TestXzDictionariesAreBounded: each block has a dictionary of its own made.
func TestXzDictionariesAreBounded(t *testing.T) {
	t.Parallel()
	plain := tarOf(t, file{name: "f", contents: strings.Repeat("contents ", 5000)})
	data := xzOf(t, plain, xz.WriterConfig{BlockSize: 1000, DictCap: 1 << 20})
	limits := limitsWith(func(l *plugin.Limits) { l.Unpacked = 1 << 20 })
	_, err := newWorld(t).unpack(data, limits)
	wantRefused(t, err, "", "xz blocks are too many")
}

func TestNoArchive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ data, rule string }{
		"empty":         {"", "it is empty"},
		"text":          {"just a text", "neither a zip archive nor a tar archive"},
		"page":          {"\n <!DOCTYPE html><html>", "HTML"},
		"report":        {`{"message": "Not Found"}`, "JSON"},
		"bzip2":         {"BZh91AY&SY", "bzip2"},
		"7z":            {"7z\xbc\xaf\x27\x1c", "7z"},
		"executable":    {"\x7fELF\x02\x01\x01", "ELF"},
		"long nonsense": {strings.Repeat("nonsense", 1000), "neither"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unpackBytes(t, []byte(test.data))
			wantRefused(t, err, "", test.rule)
		})
	}
}
