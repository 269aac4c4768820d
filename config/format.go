package config

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format lays a configuration in native syntax out in the canonical way: white space
// only. A text whose syntax is wrong comes back laid out as well as may be; see
// [CheckSyntax].
func Format(src []byte) []byte {
	if checkNesting(src, "") != nil {
		return bytes.Clone(src)
	}
	out := bytes.Clone(src)
	if len(out) > 0 && !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	// Aligning can move what aligning looks at, so go on until nothing moves.
	for range 8 {
		next := hclwrite.Format(out)
		if bytes.Equal(next, out) {
			break
		}
		out = next
	}
	return out
}

// CheckSyntax says whether src parses: nil, or a [*DiagnosticsError]. What it means
// is not looked at.
func CheckSyntax(src []byte, filename string) error {
	file, diags := parseSyntax(src, filename)
	if file == nil {
		file = &hcl.File{Bytes: src}
	}
	return newDiagnosticsError(diags, map[string]*hcl.File{filename: file})
}
