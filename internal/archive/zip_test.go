package archive

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func put16(at int, v uint16) func([]byte) {
	return func(h []byte) { binary.LittleEndian.PutUint16(h[at:], v) }
}

func put32(at int, v uint32) func([]byte) {
	return func(h []byte) { binary.LittleEndian.PutUint32(h[at:], v) }
}

func TestZipRefused(t *testing.T) {
	t.Parallel()
	good := rawEntry{name: "good", contents: "good"}
	f := func(change func(*rawEntry)) rawEntry {
		e := rawEntry{name: "f", contents: "contents contents", method: methodDeflate}
		change(&e)
		return e
	}
	end := func(change func([]byte)) func([]byte) []byte {
		return func(e []byte) []byte { change(e); return e }
	}
	streamed := func(change func(*rawEntry)) rawEntry {
		e := rawEntry{name: "f", contents: "contents contents", method: methodDeflate, flags: flagDescriptor}
		e.after = e.descriptor()
		change(&e)
		return e
	}
	overlap := rawEntry{name: "f", contents: strings.Repeat("x", 60)}
	tests := map[string]struct {
		data        []byte
		entry, rule string
	}{
		"name differs":   {rawZip(nil, good, f(func(e *rawEntry) { e.editLocal = func(h []byte) { h[30] = 'g' } })), "f", "differ in the name"},
		"method differs": {rawZip(nil, good, f(func(e *rawEntry) { e.editLocal = put16(8, 0) })), "f", "differ in the method"},
		"flags differ":   {rawZip(nil, good, f(func(e *rawEntry) { e.editLocal = put16(6, 2) })), "f", "differ in the flags"},
		"CRC differs":    {rawZip(nil, good, f(func(e *rawEntry) { e.editLocal = put32(14, 1) })), "f", "differ in the checksum"},
		"packed differs": {rawZip(nil, good, f(func(e *rawEntry) { e.editLocal = put32(18, 1) })), "f", "differ in the compressed size"},
		"size differs":   {rawZip(nil, good, f(func(e *rawEntry) { e.editLocal = put32(22, 1) })), "f", "differ in the size"},

		"descriptor missing":       {rawZip(nil, streamed(func(e *rawEntry) { e.after = "" }), good), "f", "no data descriptor"},
		"descriptor long":          {rawZip(nil, streamed(func(e *rawEntry) { e.after += "x" }), good), "f", "no data descriptor, or more"},
		"descriptor lies":          {rawZip(nil, streamed(func(e *rawEntry) { e.after = e.after[:15] + "x" }), good), "f", "data descriptor and"},
		"descriptor magic":         {rawZip(nil, streamed(func(e *rawEntry) { e.after = "PK\x07\x09" + e.after[4:] }), good), "f", "data descriptor and"},
		"descriptor, header lies":  {rawZip(nil, streamed(func(e *rawEntry) { e.editLocal = put32(22, 5) })), "f", "differ in the size"},
		"descriptor not announced": {rawZip(nil, f(func(e *rawEntry) { e.after = e.descriptor() })), "f", "bytes lie between"},

		"size too small": {rawZip(nil, f(func(e *rawEntry) { e.editLocal, e.editCentral = put32(22, 5), put32(24, 5) })), "f", "its size is 17, not 5"},
		"size too large": {rawZip(nil, f(func(e *rawEntry) { e.editLocal, e.editCentral = put32(22, 50), put32(24, 50) })), "f", "its size is 17, not 50"},
		"CRC wrong":      {rawZip(nil, f(func(e *rawEntry) { e.editLocal, e.editCentral = put32(14, 5), put32(16, 5) })), "f", "checksum does not agree"},
		"stored, two sizes": {
			rawZip(nil, rawEntry{name: "f", contents: "abc", editLocal: put32(22, 5), editCentral: put32(24, 5)}), "f", "two sizes differ",
		},
		"bytes behind the deflated": {rawZip(nil, f(func(e *rawEntry) { e.data = append(deflated(e.contents), 'x') })), "f", "bytes follow its compressed"},
		"deflated cut":              {rawZip(nil, f(func(e *rawEntry) { e.data = deflated(e.contents)[:5] })), "f", "cut off"},
		"deflated broken":           {rawZip(nil, f(func(e *rawEntry) { e.data = []byte("\xff\xff\xff\xff") })), "f", "damaged"},

		"bytes before":          {append([]byte("#!/bin/sh\n"), rawZip(nil, good)...), "", "bytes come before the zip"},
		"bytes before, counted": {rawZip(nil, rawEntry{name: "f", before: localMagic}, good), "f", "no entry"},
		"bytes between":         {rawZip(nil, good, rawEntry{name: "f", before: "x"}), "good", "bytes lie between"},
		"bytes after the last":  {rawZip(nil, good, rawEntry{name: "f", after: "x"}), "f", "bytes lie between"},
		"bytes without entries": {rawZip(func(e []byte) []byte {
			return join([]byte(localMagic), e[:16], []byte{4, 0, 0, 0}, e[20:])
		}), "", "belong to no entry"},
		"bytes behind":           {append(rawZip(nil, good), 0), "", "bytes follow the zip"},
		"zip behind":             {append(rawZip(nil, good), rawZip(nil, good)...), "", "does not lie where"},
		"many bytes behind":      {append(rawZip(nil, good), make([]byte, 70_000)...), "", "too many bytes follow it"},
		"comment too short":      {rawZip(end(put16(20, 5)), good), "", "cut off within its comment"},
		"end in the comment":     {rawZip(func(e []byte) []byte { put16(20, endLength)(e); return append(e, e...) }, good), "", "zip archive is cut off"},
		"second end in comment":  {rawZip(func(e []byte) []byte { put16(20, endLength)(e); return append(e, rawZip(nil)...) }, good), "", "does not lie where"},
		"bytes before the end":   {rawZip(func(e []byte) []byte { return append([]byte("x"), e...) }, good), "", "does not lie where"},
		"directory too short":    {rawZip(func(e []byte) []byte { e[12]--; return e }, good), "", "does not lie where"},
		"directory elsewhere":    {rawZip(func(e []byte) []byte { e[16]++; return e }, good), "", "does not lie where"},
		"directory beyond":       {rawZip(end(put32(16, 1<<31)), good), "", "does not lie where"},
		"too few counted":        {rawZip(func(e []byte) []byte { e[8], e[10] = 1, 1; return e }, good, f(func(*rawEntry) {})), "", "bytes lie between the zip's directory"},
		"too many counted":       {rawZip(func(e []byte) []byte { e[8], e[10] = 3, 3; return e }, good), "", "cut off"},
		"directory malformed":    {rawZip(nil, rawEntry{name: "f", editCentral: put32(0, 1)}), "", "malformed"},
		"several parts":          {rawZip(end(put16(4, 1)), good), "", "several parts"},
		"entry in another part":  {rawZip(nil, rawEntry{name: "f", editCentral: put16(34, 1)}), "f", "another part"},
		"entry listed elsewhere": {rawZip(nil, good, rawEntry{name: "f", offset: func(o uint32) uint32 { return o + 1 }}), "good", "bytes lie between"},

		"same bytes twice": {rawZip(nil, good, rawEntry{name: "f", offset: func(uint32) uint32 { return 0 }}), "good", "overlaps"},
		"overlap": {
			rawZip(nil, overlap, rawEntry{name: "g", offset: func(o uint32) uint32 { return o - 50 }}), "f", "overlaps",
		},
		"data beyond the directory": {rawZip(nil, rawEntry{name: "f", editLocal: func(h []byte) { put32(18, 999)(h); put32(22, 999)(h) }, editCentral: func(h []byte) { put32(20, 999)(h); put32(24, 999)(h) }}), "f", "overlaps"},

		"encrypted":        {rawZip(nil, f(func(e *rawEntry) { e.flags = flagEncrypted })), "f", "encrypted"},
		"strong":           {rawZip(nil, f(func(e *rawEntry) { e.flags = flagStrong })), "f", "encrypted"},
		"masked":           {rawZip(nil, f(func(e *rawEntry) { e.flags = flagMasked })), "f", "encrypted"},
		"patch":            {rawZip(nil, f(func(e *rawEntry) { e.flags = flagPatch })), "f", "a patch"},
		"bzip2":            {rawZip(nil, f(func(e *rawEntry) { e.method = 12 })), "f", "method 12"},
		"symbolic link":    {rawZip(nil, rawEntry{name: "l", contents: "f", creator: 3, mode: 0o120777}), "l", "a symbolic link"},
		"link from DOS":    {rawZip(nil, rawEntry{name: "l", contents: "f", mode: 0o120777}), "l", "a symbolic link"},
		"fifo":             {rawZip(nil, rawEntry{name: "l", creator: 3, mode: 0o010644}), "l", "a fifo"},
		"folder as file":   {rawZip(nil, rawEntry{name: "d/", creator: 3, mode: 0o100644}), "d/", "whether it is a folder"},
		"file as folder":   {rawZip(nil, rawEntry{name: "d", creator: 3, mode: 0o040755}), "d", "whether it is a folder"},
		"folder with size": {rawZip(nil, rawEntry{name: "d/", contents: "x"}), "d/", "a folder, but has a size"},
		"folder with data": {
			rawZip(nil, rawEntry{
				name: "d/", contents: "x", method: methodDeflate,
				editLocal: put32(22, 0), editCentral: put32(24, 0),
			}), "d/", "has contents",
		},
		"file twice":  {rawZip(nil, good, good), "good", "same file"},
		"second name": {rawZip(nil, rawEntry{name: "f", extra: unicodePath("f", "g")}), "f", "a second name"},
		"second name, later": {
			rawZip(nil, rawEntry{name: "f", extra: unicodePath("f", "f") + unicodePath("f", "g")}), "f", "a second name",
		},
		"second local": {rawZip(nil, rawEntry{name: "f", localExtra: unicodePath("f", "g")}), "f", "a second name"},

		"zip64, size missing":   {rawZip(nil, rawEntry{name: "f", editCentral: put32(24, 0xffffffff)}), "f", "malformed"},
		"zip64, size negative":  {rawZip(nil, rawEntry{name: "f", editCentral: put32(24, 0xffffffff), extra: zip64Extra(1 << 63)}), "f", "malformed"},
		"zip64, offset huge":    {rawZip(nil, rawEntry{name: "f", editCentral: put32(42, 0xffffffff), extra: zip64Extra(1<<63 - 1)}), "f", "no entry"},
		"zip64, packed huge":    {rawZip(nil, rawEntry{name: "f", method: 8, editCentral: put32(20, 0xffffffff), extra: zip64Extra(1<<63 - 1)}), "f", "compressed size"},
		"zip64, local differs":  {rawZip(nil, rawEntry{name: "f", localExtra: zip64Extra(1, 0), editLocal: put32(22, 0xffffffff)}), "f", "differ in the size"},
		"zip64, counts differ":  {rawZip(zip64Ends(func(r []byte) { r[24]++ }), good), "", "several parts"},
		"zip64, parts":          {rawZip(zip64Ends(func(r []byte) { r[16]++ }), good), "", "several parts"},
		"zip64, magic":          {rawZip(zip64Ends(func(r []byte) { r[0]++ }), good), "", "large end record"},
		"zip64, other length":   {rawZip(zip64Ends(func(r []byte) { r[4]++ }), good), "", "large end record"},
		"zip64, negative":       {rawZip(zip64Ends(func(r []byte) { r[47] = 0x80 }), good), "", "end records differ"},
		"zip64, directory off":  {rawZip(zip64Ends(func(r []byte) { r[48]++ }), good), "", "does not lie where"},
		"zip64, many counted":   {rawZip(zip64Ends(func(r []byte) { r[27], r[35] = 1, 1 }), good), "", "has 16777217 entries, of at most 10000"},
		"zip64, small disagree": {rawZip(func(e []byte) []byte { e = zip64Ends(nil)(e); e[len(e)-6]--; return e }, good), "", "end records differ"},
		"end cut":               {rawZip(nil, good)[:len(rawZip(nil, good))-1], "", "zip archive is cut off"},
		"cut in half":           {rawZip(nil, good)[:40], "", "zip archive is cut off"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unpackBytes(t, test.data)
			wantRefused(t, err, test.entry, test.rule)
		})
	}
}

func TestZipAccepted(t *testing.T) {
	t.Parallel()
	good := rawEntry{name: "good", contents: "good"}
	streamed := func(method uint16, descriptor func(rawEntry) string) rawEntry {
		e := rawEntry{name: "f", contents: "contents contents", method: method, flags: flagDescriptor}
		e.after = descriptor(e)
		return e
	}
	wide := func(e rawEntry) string {
		s := e.sizes()
		s = join(s[:8], make([]byte, 4), s[8:], make([]byte, 4))
		return string(s)
	}
	tests := map[string]struct {
		data []byte
		want []string
	}{
		"empty":    {rawZip(nil), nil},
		"stored":   {rawZip(nil, good), []string{"f good 4"}},
		"deflated": {rawZip(nil, rawEntry{name: "f", contents: "hi hi hi", method: 8}, good), []string{"f f 8", "f good 4"}},

		"descriptor":              {rawZip(nil, streamed(8, rawEntry.descriptor), good), []string{"f f 17", "f good 4"}},
		"descriptor, stored":      {rawZip(nil, streamed(0, rawEntry.descriptor), good), []string{"f f 17", "f good 4"}},
		"descriptor, no magic":    {rawZip(nil, streamed(8, func(e rawEntry) string { return e.descriptor()[4:] }), good), []string{"f f 17", "f good 4"}},
		"descriptor, wide":        {rawZip(nil, streamed(8, func(e rawEntry) string { return descriptorMagic + wide(e) }), good), []string{"f f 17", "f good 4"}},
		"descriptor, wide, bare":  {rawZip(nil, streamed(8, wide), good), []string{"f f 17", "f good 4"}},
		"descriptor at the end":   {rawZip(nil, good, streamed(8, rawEntry.descriptor)), []string{"f f 17", "f good 4"}},
		"descriptor, sizes known": {rawZip(nil, func() rawEntry { e := streamed(0, rawEntry.descriptor); e.editLocal = put32(22, 17); return e }()), []string{"f f 17"}},

		"comment":          {rawZip(func(e []byte) []byte { put16(20, 40)(e); return append(e, strings.Repeat("c", 40)...) }, good), []string{"f good 4"}},
		"unix exec":        {rawZip(nil, rawEntry{name: "f", creator: 3, mode: 0o100755}), []string{"x f 0"}},
		"macOS exec":       {rawZip(nil, rawEntry{name: "f", creator: 19, mode: 0o100700}), []string{"x f 0"}},
		"exec, no type":    {rawZip(nil, rawEntry{name: "f", creator: 3, mode: 0o755}), []string{"x f 0"}},
		"DOS has no exec":  {rawZip(nil, rawEntry{name: "f", creator: 0, mode: 0o755}), []string{"f f 0"}},
		"setuid":           {rawZip(nil, rawEntry{name: "f", creator: 3, mode: 0o106755}), []string{"x f 0"}},
		"folders":          {rawZip(nil, rawEntry{name: "d/", creator: 3, mode: 0o040700}, rawEntry{name: "d/e/f"}, rawEntry{name: "d/"}), []string{"d d 0", "d d/e 0", "f d/e/f 0"}},
		"folder, deflated": {rawZip(nil, rawEntry{name: "d/", method: 8}), []string{"d d 0"}},
		"root":             {rawZip(nil, rawEntry{name: "./"}, rawEntry{name: "./f"}), []string{"f f 0"}},
		"UTF-8":            {rawZip(nil, rawEntry{name: "é", flags: 1 << 11}), []string{"f é 0"}},
		"UTF-8, untold":    {rawZip(nil, rawEntry{name: "é"}), []string{"f é 0"}},
		"Unicode path":     {rawZip(nil, rawEntry{name: "é", extra: unicodePath("é", "é")}), []string{"f é 0"}},
		"void path":        {rawZip(nil, rawEntry{name: "é", extra: unicodePath("other", "x")}), []string{"f é 0"}},
		"aligned":          {rawZip(nil, rawEntry{name: "f", localExtra: "\x00\x00\x00", extra: "\x01\x00\x09\x00x"}), []string{"f f 0"}},
		"zip64 end":        {rawZip(zip64Ends(nil), good), []string{"f good 4"}},
		"zip64 entry": {
			rawZip(nil, rawEntry{
				name: "f", contents: "hi",
				localExtra: zip64Extra(2, 2), editLocal: func(h []byte) { put32(18, 0xffffffff)(h); put32(22, 0xffffffff)(h) },
				extra: zip64Extra(2, 2, 0), editCentral: func(h []byte) {
					put32(20, 0xffffffff)(h)
					put32(24, 0xffffffff)(h)
					put32(42, 0xffffffff)(h)
				},
			}), []string{"f f 2"},
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

// TestZipOrder: the directory may list entries in another order than they lie in.
func TestZipOrder(t *testing.T) {
	t.Parallel()
	first, second := rawEntry{name: "a", contents: "1"}, rawEntry{name: "b", contents: "22"}
	data := rawZip(nil, first, second)
	middle := len(first.central(0))
	at := bytes.Index(data, []byte(directoryMagic))
	directory := bytes.Clone(data[at : at+2*middle])
	copy(data[at:], directory[middle:])
	copy(data[at+middle:], directory[:middle])
	tree, err := unpackBytes(t, data)
	must(t, err)
	wantTree(t, tree, "f a 1", "f b 2")
}

// TestZipDirectoryIsBounded: recurring folders make no entries, but take time.
func TestZipDirectoryIsBounded(t *testing.T) {
	t.Parallel()
	var entries []rawEntry
	for range 10 {
		entries = append(entries, rawEntry{name: "d/"})
	}
	_, err := newWorld(t).unpack(rawZip(nil, entries...), limitsWith(func(l *plugin.Limits) { l.Entries = 4 }))
	wantRefused(t, err, "", "has 10 entries, of at most 4")
}
