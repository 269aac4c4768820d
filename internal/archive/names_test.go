package archive

import (
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestNamesRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, rule string }{
		"up":                  {"../f", `".."`},
		"up within":           {"a/../f", `".."`},
		"up at the end":       {"a/..", `".."`},
		"only up":             {"..", `".."`},
		"here within":         {"a/./f", `"."`},
		"here twice":          {"././f", `"."`},
		"here at the end":     {"a/.", `"."`},
		"absolute":            {"/f", "absolute"},
		"absolute, dotted":    {".//f", "empty element"},
		"network":             {"//server/f", "absolute"},
		"drive":               {"C:f", "drive letter"},
		"drive and folder":    {"c:/f", "drive letter"},
		"colon":               {"file:stream", "a colon"},
		"backslash":           {`a\f`, "backslash"},
		"backslash up":        {`..\f`, "backslash"},
		"tab":                 {"a\tb", "control character"},
		"newline":             {"a\nb", "control character"},
		"delete":              {"a\x7fb", "control character"},
		"C1":                  {"a\u0085b", "control character"},
		"right to left":       {"a\u202egnp.exe", "direction of writing"},
		"isolate":             {"a\u2066b", "direction of writing"},
		"not UTF-8":           {"a\xff", "not UTF-8"},
		"surrogate":           {"a\xed\xa0\x80", "not UTF-8"},
		"overlong":            {"a\xc0\xafb", "not UTF-8"},
		"trailing dot":        {"f.", "ends in a dot"},
		"trailing dot within": {"d./f", "ends in a dot"},
		"three dots":          {"...", "ends in a dot"},
		"trailing space":      {"f ", "ends in a space"},
		"space alone":         {" ", "ends in a space"},
		"space within":        {"d /f", "ends in a space"},
		"device":              {"NUL", "device name"},
		"device, lower":       {"a/con.txt", "device name"},
		"device as a folder":  {"com1/f", "device name"},
		"device, superscript": {"LPT²", "device name"},
		"empty element":       {"a//f", "empty element"},
		"long path":           {strings.Repeat("abcdefghi/", 102) + "abcde", "longer than 1024 bytes; raise it with limits { path = 2048 }"},
		"long element":        {strings.Repeat("a", 256), "longer than 255 bytes; raise it with limits { component = 510 }"},
		"deep":                {strings.Repeat("a/", 32) + "f", "more than 32 elements; raise it with limits { depth = 64 }"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := rawFile("p", 'x', paxRecord("path", test.name))
			_, err := unpackBytes(t, rawTar(header, rawFile("f", '0', "")))
			wantRefused(t, err, test.name, test.rule)
			_, err = unpackBytes(t, rawTar(header, rawFile("f", '5', "")))
			wantRefused(t, err, test.name, test.rule)
			_, err = unpackBytes(t, rawZip(nil, rawEntry{name: test.name}))
			wantRefused(t, err, test.name, test.rule)
			_, err = unpackBytes(t, rawZip(nil, rawEntry{name: test.name + "/"}))
			wantRefused(t, err, test.name+"/", test.rule)
		})
	}
}

func TestNamesAccepted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"f", ".f", "..f", "f..g", "a b", " f", "-f", "é", "e\u0301", "日本語", "ﬁ", "console", "NULL", "con-f", "f~1",
		"a*b?c|d<e>f\"g", "$HOME", "%PATH%", strings.Repeat("a", 255), strings.Repeat("a/", 31) + "f",
		strings.TrimPrefix(strings.Repeat("/"+strings.Repeat("a", 127), 8), "/") + "b",
	} {
		tree, err := unpackBytes(t, rawTar(rawFile("p", 'x', paxRecord("path", name)), rawFile("f", '0', "")))
		must(t, err)
		if got := tree[len(tree)-1].Path; got != name {
			t.Errorf("got %q, want %q", got, name)
		}
		_, err = unpackBytes(t, rawZip(nil, rawEntry{name: name}))
		must(t, err)
	}
}

func TestFoldedNames(t *testing.T) {
	t.Parallel()
	f := newFolding()
	for _, pair := range [][2]string{
		{"Bin", "bin"},
		{"ß", "SS"},
		{"ſ", "S"},
		{"K", "k"},
		{"Å", "å"},
		{"ﬃ", "FFI"},
		{"Σ", "ς"},
		{"e\u0301", "É"},
		{"\u1e9b\u0323", "\u1e9b\u0323"},
		{"ǰ", "J\u030c"},
		{"ΐ", "Ι\u0308\u0301"},
	} {
		if f.key(pair[0]) != f.key(pair[1]) {
			t.Errorf("%q and %q are not the same", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"a", "á"}, {"I", "ı"}, {"a", "а"}} { // the last is Cyrillic
		if f.key(pair[0]) == f.key(pair[1]) {
			t.Errorf("%q and %q are the same", pair[0], pair[1])
		}
	}
}

func TestCleanPathOfRoot(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{".": ".", "./": ".", "./d/": "d", "d": "d"} {
		got, err := cleanPath(raw, true, plugin.DefaultLimits())
		must(t, err)
		if got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}
