package archive

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestTarRefused(t *testing.T) {
	t.Parallel()
	good := rawFile("good", '0', "good")
	link := func(kind byte) string {
		return string(rawHeader{name: "l", kind: kind, link: "good"}.block())
	}
	sized := func(size string) string {
		return string(rawHeader{name: "f", size: size}.block())
	}
	pax := func(records ...string) string { return rawFile("pax", 'x', strings.Join(records, "")) }
	tests := map[string]struct {
		data        []byte
		entry, rule string
	}{
		"hard link":        {rawTar(good, link('1')), "l", "a hard link"},
		"symbolic link":    {rawTar(good, link('2')), "l", "a symbolic link"},
		"character device": {rawTar(good, link('3')), "l", "a device"},
		"block device":     {rawTar(good, link('4')), "l", "a device"},
		"fifo":             {rawTar(good, link('6')), "l", "a fifo"},
		"contiguous file":  {rawTar(good, link('7')), "l", "of the type '7'"},
		"GNU sparse":       {rawTar(good, link('S')), "l", "a sparse file"},
		"volume label":     {rawTar(link('V')), "l", "the label of a volume"},
		"many volumes":     {rawTar(link('M')), "l", "several archives"},
		"unknown type":     {rawTar(link('Q')), "l", "of the type 'Q'"},
		"link with a long name": {
			rawTar(rawFile("././@LongLink", 'K', "target\x00"), rawFile("././@LongLink", 'L', "long\x00"), link('2')),
			"long", "a symbolic link",
		},

		"PAX sparse 0.1": {rawTar(pax(paxRecord("GNU.sparse.map", "0,4")), good), "good", "sparse"},
		"PAX sparse 1.0": {rawTar(pax(paxRecord("GNU.sparse.major", "1")), good), "good", "sparse"},
		"star sparse":    {rawTar(pax(paxRecord("SCHILY.realsize", "9")), good), "good", "sparse"},

		"PAX size smaller":     {rawTar(pax(paxRecord("size", "3")), good), "good", "PAX header says its size is 3, its own header 4"},
		"PAX size larger":      {rawTar(pax(paxRecord("size", "600")), good), "good", "its size is 600"},
		"PAX size negative":    {rawTar(pax(paxRecord("size", "-4")), good), "pax", "malformed"},
		"PAX size not decimal": {rawTar(pax(paxRecord("size", "0x4")), good), "pax", "malformed"},
		"PAX size twice":       {rawTar(pax(paxRecord("size", "4"), paxRecord("size", "4")), good), "pax", "two sizes"},
		"PAX size beyond octal": {
			rawTar(pax(paxRecord("size", "8589934592")), good), "good", "larger than 512 MiB",
		},
		"PAX path twice":         {rawTar(pax(paxRecord("path", "a"), paxRecord("path", "b")), good), "pax", "two paths"},
		"PAX path up":            {rawTar(pax(paxRecord("path", "../a")), good), "../a", `".."`},
		"PAX path with NUL":      {rawTar(pax(paxRecord("path", "a\x00b")), good), "a\x00b", "NUL"},
		"PAX path empty":         {rawTar(pax(paxRecord("path", "")), good), "", "empty"},
		"PAX length wrong":       {rawTar(pax("8 path=a\n"), good), "pax", "malformed"},
		"PAX length huge":        {rawTar(pax("99999999999999999999 path=a\n"), good), "pax", "malformed"},
		"PAX length tiny":        {rawTar(pax("2 path=a\n"), good), "pax", "malformed"},
		"PAX without end":        {rawTar(pax("10 path=ab"), good), "pax", "malformed"},
		"PAX without value":      {rawTar(pax("7 path\n"), good), "pax", "malformed"},
		"PAX without key":        {rawTar(pax("5 =a\n"), good), "pax", "malformed"},
		"PAX twice":              {rawTar(pax(paxRecord("path", "a")), pax(paxRecord("path", "b")), good), "pax", "two PAX headers"},
		"PAX too long":           {rawTar(pax(paxRecord("comment", strings.Repeat("x", maxExtension))), good), "pax", "longer than 1 MiB"},
		"PAX and nothing":        {rawTar(good, pax(paxRecord("path", "a"))), "", "last entry of the archive is missing"},
		"global path":            {rawTar(rawFile("g", 'g', paxRecord("path", "a")), good), "g", "global"},
		"global size":            {rawTar(rawFile("g", 'g', paxRecord("size", "1")), good), "g", "global"},
		"global malformed":       {rawTar(rawFile("g", 'g', "nonsense"), good), "g", "malformed"},
		"two long names":         {rawTar(rawFile("L", 'L', "a\x00"), rawFile("L", 'L', "b\x00"), good), "a", "two long names"},
		"long name and PAX path": {rawTar(rawFile("L", 'L', "a\x00"), pax(paxRecord("path", "b")), good), "good", "two long names"},
		"long name hides text":   {rawTar(rawFile("L", 'L', "a\x00b\x00"), good), "a\x00b", "NUL"},

		"size negative in binary": {rawTar(sized("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "f", "size is malformed"},
		"size huge in binary":     {rawTar(sized("\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "f", "size is malformed"},
		"size with sign":          {rawTar(sized("-0000000001\x00")), "f", "size is malformed"},
		"size not octal":          {rawTar(sized("00000000009\x00")), "f", "size is malformed"},
		"size with text behind":   {rawTar(sized("0000001\x00abc\x00")), "f", "size is malformed"},
		"mode not octal":          {rawTar(string(rawHeader{name: "f", mode: "rwxr-xr\x00"}.block())), "f", "mode is malformed"},
		"folder with a size":      {rawTar(rawFile("d/", '5', "x")), "d/", "has a size"},
		"old folder with a size":  {rawTar(rawFile("d/", oldKind, "x")), "d/", "has a size"},
		"file with a slash":       {rawTar(rawFile("f/", '0', "x")), "f/", "empty element"},
		"file as root":            {rawTar(rawFile(".", '0', "x")), ".", `element "."`},

		"no end":             {[]byte(good), "", "cut off"},
		"cut in a header":    {[]byte(good)[:2*blockSize-100], "good", "cut off"},
		"cut in a file":      {[]byte(good)[:blockSize+2], "good", "cut off"},
		"cut in the padding": {[]byte(good)[:blockSize+4], "good", "cut off"},
		"cut in PAX":         {[]byte(pax(paxRecord("path", "abc")))[:blockSize+3], "pax", "cut off"},
		"part of a block":    {[]byte(good + good[:100]), "", "cut off"},
		"bytes behind":       {append(rawTar(good), 'x'), "", "bytes follow the end"},
		"archive behind":     {append(rawTar(good), rawTar(good)...), "", "bytes follow the end"},
		"one zero block within": {
			[]byte(good + strings.Repeat("\x00", blockSize) + good + strings.Repeat("\x00", tarEnd)), "", "bytes follow the end",
		},
		"checksum wrong later": {rawTar(good, strings.Repeat("x", blockSize)), "", "checksum"},

		"file twice":               {rawTar(good, good), "good", "same file"},
		"file twice, with dot":     {rawTar(good, rawFile("./good", '0', "")), "./good", "same file"},
		"file below a file":        {rawTar(good, rawFile("good/a", '0', "")), "good/a", "a folder stands where a file does"},
		"folder where a file is":   {rawTar(good, rawFile("good/", '5', "")), "good/", "a folder stands where a file does"},
		"file where a folder is":   {rawTar(rawFile("d/", '5', ""), rawFile("d", '0', "")), "d", "a file stands where a folder does"},
		"file where a parent is":   {rawTar(rawFile("d/f", '0', ""), rawFile("d", '0', "")), "d", "a file stands where a folder does"},
		"case":                     {rawTar(good, rawFile("Good", '0', "")), "Good", "same name where case"},
		"case of a folder":         {rawTar(rawFile("Bin/x", '0', ""), rawFile("bin/y", '0', "")), "bin/y", "same name where case"},
		"case, file and folder":    {rawTar(good, rawFile("GOOD/y", '0', "")), "GOOD/y", "same name where case"},
		"full case folding":        {rawTar(rawFile("straße", '0', ""), rawFile("STRASSE", '0', "")), "STRASSE", "same name where case"},
		"composition":              {rawTar(rawFile("\u00e9", '0', ""), rawFile("e\u0301", '0', "")), "e\u0301", "accents"},
		"composition and case":     {rawTar(rawFile("\u00c9", '0', ""), rawFile("e\u0301", '0', "")), "e\u0301", "accents"},
		"composition deep":         {rawTar(rawFile("a/\u00c9/x", '0', ""), rawFile("a/e\u0301/y", '0', "")), "a/e\u0301/y", "accents"},
		"prefix makes it absolute": {rawTar(string(rawHeader{name: "x", prefix: "/etc"}.block())), "/etc/x", "absolute"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unpackBytes(t, test.data)
			wantRefused(t, err, test.entry, test.rule)
		})
	}
}

func TestTarPaddingRefused(t *testing.T) {
	t.Parallel()
	data := rawTar(rawFile("good", '0', "good"))
	data[2*blockSize-1] = 'x'
	_, err := unpackBytes(t, data)
	wantRefused(t, err, "good", "bytes lie between")
}

func TestTarAccepted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long/", 25) + "name"
	var longTree []string
	for i := range 25 {
		longTree = append(longTree, "d "+strings.TrimSuffix(long[:5*(i+1)], "/")+" 0")
	}
	longTree = append(longTree, "f "+long+" 2")
	f := rawFile("f", '0', "hi")
	tests := map[string]struct {
		data []byte
		want []string
	}{
		"empty":                {rawTar(), nil},
		"one zero block":       {[]byte(f + strings.Repeat("\x00", blockSize)), []string{"f f 2"}},
		"much padding":         {append(rawTar(f), make([]byte, 1<<20+3)...), []string{"f f 2"}},
		"root":                 {rawTar(rawFile("./", '5', ""), rawFile("./f", '0', "hi")), []string{"f f 2"}},
		"root, bare":           {rawTar(rawFile(".", '5', ""), f), []string{"f f 2"}},
		"folder recurs":        {rawTar(rawFile("d/", '5', ""), rawFile("d/f", '0', ""), rawFile("d", '5', "")), []string{"d d 0", "f d/f 0"}},
		"parents implied":      {rawTar(rawFile("a/b/f", '0', ""), rawFile("a/", '5', "")), []string{"d a 0", "d a/b 0", "f a/b/f 0"}},
		"folder without slash": {rawTar(rawFile("d", '5', "")), []string{"d d 0"}},
		"old folder":           {rawTar(rawFile("d/", oldKind, "")), []string{"d d 0"}},
		"old file":             {rawTar(rawFile("f", oldKind, "hi")), []string{"f f 2"}},
		"V7": {
			rawTar(string(rawHeader{name: "f", kind: oldKind, magic: "\x00\x00\x00\x00\x00\x00\x00\x00"}.block())), []string{"f f 0"},
		},
		"GNU magic has no prefix": {
			rawTar(string(rawHeader{name: "f", magic: "ustar  \x00", prefix: "12345670123"}.block())), []string{"f f 0"},
		},
		"prefix":       {rawTar(string(rawHeader{name: "f", prefix: "a/b"}.block())), []string{"d a 0", "d a/b 0", "f a/b/f 0"}},
		"binary size":  {rawTar(string(rawHeader{name: "f", size: "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"}.block()), padded("hi")), []string{"f f 2"}},
		"spaced size":  {rawTar(string(rawHeader{name: "f", size: "         2 \x00"}.block()), padded("hi")), []string{"f f 2"}},
		"long name":    {rawTar(rawFile("././@LongLink", 'L', long+"\x00"), f), longTree},
		"PAX path":     {rawTar(rawFile("p", 'x', paxRecord("path", long)+paxRecord("mtime", "1.5")), f), longTree},
		"PAX size":     {rawTar(rawFile("p", 'x', paxRecord("size", "2")), f), []string{"f f 2"}},
		"PAX, empty":   {rawTar(rawFile("p", 'x', ""), f), []string{"f f 2"}},
		"PAX xattr":    {rawTar(rawFile("p", 'x', paxRecord("SCHILY.xattr.user.x", "a\n\x00=b")), f), []string{"f f 2"}},
		"global":       {rawTar(rawFile("pax_global_header", 'g', paxRecord("comment", strings.Repeat("a", 40))), f), []string{"f f 2"}},
		"setuid":       {rawTar(string(rawHeader{name: "f", mode: "0007755\x00"}.block())), []string{"x f 0"}},
		"any exec bit": {rawTar(string(rawHeader{name: "f", mode: "0000001\x00"}.block())), []string{"x f 0"}},
		"whole mode":   {rawTar(string(rawHeader{name: "f", mode: "0100600\x00"}.block())), []string{"f f 0"}},
		"signed sum": {rawTar(string(func() []byte {
			b := rawHeader{name: "é"}.block()
			sum := int(8 * ' ')
			for i, c := range b {
				if i < 148 || i >= 156 {
					sum += int(int8(c))
				}
			}
			copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
			return b
		}())), []string{"f é 0"}},
		"sorted by bytes": {
			rawTar(rawFile("a/b", '0', ""), rawFile("a-b", '0', ""), rawFile("a", '5', ""), rawFile("B", '0', "")),
			[]string{"f B 0", "d a 0", "f a-b 0", "f a/b 0"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := unpackBytes(t, test.data)
			must(t, err)
			wantTree(t, tree, test.want...)
		})
	}
}

// TestTarHeadersAreBounded: no limit on files bounds what lies between them.
func TestTarHeadersAreBounded(t *testing.T) {
	t.Parallel()
	few := limitsWith(func(l *plugin.Limits) { l.Entries = 1 })
	for name, part := range map[string][]byte{
		"folders":  []byte(rawFile("d/", '5', "")),
		"globals":  []byte(rawFile("g", 'g', paxRecord("comment", strings.Repeat("x", 1<<19)))),
		"long end": make([]byte, 1<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := gzipped(t, rawTar(string(bytes.Repeat(part, 18<<20/len(part)))))
			_, err := newWorld(t).unpack(data, few)
			wantRefused(t, err, "", "headers and padding are too long")
		})
	}
}
