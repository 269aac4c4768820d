package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                            "",
		"plain text":                  "plain text",
		"lines\nand\ttabs":            "lines\nand\ttabs",
		"ünïcode 日本 🧩":                "ünïcode 日本 🧩",
		"\x1b[31mred\x1b[0m":          `\x1b[31mred\x1b[0m`,
		"\x1b]0;title\a":              `\x1b]0;title\x07`,
		"over\rwritten":               `over\x0dwritten`,
		"back\b":                      `back\x08`,
		"\x7f":                        `\x7f`,
		"\u009b31m":                   `\u009b31m`, // CSI in one character
		"\u202egnp.exe":               `\u202egnp.exe`,
		"\u2066\u2067\u2068\u2069":    `\u2066\u2067\u2068\u2069`,
		"\u200e\u200f\u061c":          `\u200e\u200f\u061c`,
		"\u2028\u2029":                `\u2028\u2029`,
		"half a character \xe6\x97":   `half a character \xe6\x97`,
		"\xff":                        `\xff`,
		"a \ufffd of somebody's own":  "a \ufffd of somebody's own",
		"a \ufffd, and a byte: \x80.": "a \ufffd, and a byte: \\x80.",
	} {
		if got := Clean(s); got != want {
			t.Errorf("Clean(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestCleanLeavesNothingHarmful(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := Clean(s)
		if !utf8.ValidString(got) || strings.IndexFunc(got, harmful) >= 0 {
			t.Fatalf("Clean(%q) = %q", s, got)
		}
		if Clean(got) != got {
			t.Fatalf("cleaned again, %q is %q", got, Clean(got))
		}
		if strings.ContainsAny(Line(s), "\n\t") {
			t.Fatalf("Line(%q) = %q", s, Line(s))
		}
	})
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ rows, want []string }{
		"aligned":                {[]string{"a|bb|c", "aaa|b|c"}, []string{"a    bb  c", "aaa  b   c"}},
		"characters count":       {[]string{"é|x", "ab|x"}, []string{"é   x", "ab  x"}},
		"shorter rows":           {[]string{"a|b", "aa"}, []string{"a   b", "aa"}},
		"empty cells":            {[]string{"a||c", "b|x|"}, []string{"a     c", "b  x"}},
		"a column that is empty": {[]string{"a|", "b|"}, []string{"a", "b"}},
		"none":                   {nil, []string{}},
	} {
		rows := make([][]string, len(test.rows))
		for i, row := range test.rows {
			rows[i] = strings.Split(row, "|")
		}
		if diff := cmp.Diff(test.want, Columns(rows)); diff != "" {
			t.Errorf("%s: Columns (-want +got):\n%s", name, diff)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 plugins", 1: "1 plugin", 2: "2 plugins"} {
		if got := Count(n, "plugin"); got != want {
			t.Errorf("Count(%d) = %q", n, got)
		}
	}
}
