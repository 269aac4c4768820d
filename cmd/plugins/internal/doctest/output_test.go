package doctest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const anything = "…" // a line that stands for any lines

// variable is what differs from run to run, or from one version of Go to the next.
var variable = []struct {
	like *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`\b[0-9a-f]{12,}\b`), "<digest>"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z| UTC)?`), "<time>"},
	{regexp.MustCompile(`\b\d+(\.\d+)? ?(B|[kKMG]i?B)\b`), "<size>"},
	{regexp.MustCompile(`\b\d+(\.\d+)? ?(ns|µs|ms|s|min|m)\b`), "<duration>"},
	{regexp.MustCompile(`\bgo1\.\d+(\.\d+)?\S*`), "<go>"},
	{regexp.MustCompile(`0\.1\.0-devel\S*`), "<version>"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "<host>"},
}

var gap = regexp.MustCompile(`  +`)

// normal is a line without what differs.
func normal(line string) string {
	before := line
	for _, v := range variable {
		line = v.like.ReplaceAllString(line, v.is)
	}
	if line != before { // columns are as wide as what is in them
		line = gap.ReplaceAllString(line, "  ")
	}
	return strings.TrimRight(line, " ")
}

// shows reports whether what a page shows is what was printed.
func shows(shown, printed []string) bool {
	if len(shown) == 0 {
		return len(printed) == 0
	}
	if strings.TrimSpace(shown[0]) == anything {
		for i := range len(printed) + 1 {
			if shows(shown[1:], printed[i:]) {
				return true
			}
		}
		return false
	}
	return len(printed) > 0 && normal(shown[0]) == normal(printed[0]) && shows(shown[1:], printed[1:])
}

// likeBefore keeps of what was shown before what differs in nothing that matters.
func likeBefore(printed, before []string) []string {
	out := slices.Clone(printed)
	for i, line := range out {
		if j := slices.IndexFunc(before, func(b string) bool { return normal(b) == normal(line) }); j >= 0 {
			out[i] = before[j]
		}
	}
	return out
}

func TestShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shown, printed string
		want           bool
	}{
		{"a", "a", true},
		{"a", "b", false},
		{"a", "a\nb", false},
		{"a\nb", "a", false},
		{"…", "a\nb", true},
		{"a\n…\nd", "a\nb\nc\nd", true},
		{"a\n…\nd", "a\nd", true},
		{"a\n…\nd", "a\nb", false},
		{"?", "a", false},
		{"sha256:9f86d081884c  1.2 MiB in 4 ms", "sha256:da61a79f0c3b  12 KiB in 1.3 s", true},
		{"Swapped 2 in 4 ms. 1 installed (649 ms).", "Swapped 2 in 1.2 s. 1 installed (38 s).", true},
		{"authz  1.0.0", "authz     1.0.0", false},
		{"authz  1.2 MiB  new", "authz  12 B     new", true},
		{"authz 1.0.0", "authz 1.0.1", false},
	} {
		if got := shows(strings.Split(c.shown, "\n"), strings.Split(c.printed, "\n")); got != c.want {
			t.Errorf("%q shows %q: %v", c.shown, c.printed, got)
		}
	}
}
