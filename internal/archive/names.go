package archive

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/plugins-hcl/plugins/plugin"
)

// cleanPath checks the name of an entry against every rule that concerns the name
// alone, and makes a path of it: without a leading "./" and a folder's trailing
// "/". The root is ".".
func cleanPath(raw string, dir bool, limits plugin.Limits) (string, error) {
	if rule := nameRule(raw); rule != "" {
		return "", refuse(raw, "%s", rule)
	}
	p := strings.TrimPrefix(raw, "./")
	if dir {
		p = strings.TrimSuffix(p, "/")
		if p == "" || p == "." {
			return ".", nil
		}
	}
	if int64(len(p)) > limits.Path {
		return "", refuse(raw, "its path is longer than %d bytes; %s", limits.Path, plugin.RaiseCount("path", limits.Path))
	}
	depth := int64(0)
	for part := range strings.SplitSeq(p, "/") {
		if rule := partRule(part); rule != "" {
			return "", refuse(raw, "%s", rule)
		}
		if int64(len(part)) > limits.Component {
			return "", refuse(raw, "an element of its path is longer than %d bytes; %s",
				limits.Component, plugin.RaiseCount("component", limits.Component))
		}
		depth++
	}
	if depth > limits.Depth {
		return "", refuse(raw, "its path has more than %d elements; %s", limits.Depth, plugin.RaiseCount("depth", limits.Depth))
	}
	return p, nil
}

// nameRule is the rule that the name as a whole breaks, or "".
func nameRule(raw string) string {
	switch {
	case raw == "":
		return "its name is empty"
	case !utf8.ValidString(raw):
		return "its name is not UTF-8"
	case strings.HasPrefix(raw, "/"):
		return "its path is absolute"
	}
	for i, r := range raw {
		switch {
		case r == 0:
			return "its name holds a NUL"
		case unicode.IsControl(r):
			return "its name holds a control character"
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return "its name holds a character that changes the direction of writing"
		case r == '\\':
			return `its name holds a backslash, which separates folders on Windows`
		case r == ':' && i == 1:
			return "its path has a drive letter"
		case r == ':':
			return "its name holds a colon, which Windows and macOS read as something else"
		}
	}
	return ""
}

// partRule is the rule that one element of a path breaks, or "".
func partRule(part string) string {
	switch {
	case part == "":
		return "its path has an empty element"
	case part == ".":
		return `its path has an element "."`
	case part == "..":
		return `its path has an element ".."`
	case strings.HasSuffix(part, "."):
		return "an element of its path ends in a dot, which Windows drops"
	case strings.HasSuffix(part, " "):
		return "an element of its path ends in a space, which Windows drops"
	case plugin.IsWindowsDevice(part):
		return "an element of its path is a device name on Windows"
	}
	return ""
}

// folding makes one key of all paths that a file system may take for the same:
// those equal after Unicode's NFC and full case folding.
type folding struct{ caser cases.Caser } // not safe for several goroutines

func newFolding() folding { return folding{cases.Fold()} }

func (f folding) key(p string) string {
	if isASCII(p) {
		return strings.ToLower(p)
	}
	// Folding may take a text out of NFC.
	return norm.NFC.String(f.caser.String(norm.NFC.String(p)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
