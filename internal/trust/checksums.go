package trust

import (
	"path"
	"regexp"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// bsd matches a line as "sha256sum --tag" and the BSDs write it.
var bsd = regexp.MustCompile(`^SHA(?:2-)?256 ?\((.*)\) ?= ?([0-9A-Fa-f]{64})$`)

// Checksum finds the SHA-256 of the file name in a list as sha256sum writes it, in
// either of its styles; "" if it is not there.
func Checksum(list []byte, name string) plugin.Digest {
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		digits, file, ok := strings.Cut(line, " ")
		file = strings.TrimPrefix(strings.TrimSpace(file), "*")
		if m := bsd.FindStringSubmatch(line); m != nil {
			file, digits = m[1], m[2]
		}
		if !ok || path.Base(file) != name {
			continue
		}
		if digest, err := plugin.ParseDigest(plugin.SHA256 + ":" + digits); err == nil {
			return digest
		}
	}
	return ""
}

// ChecksumBeside is [Checksum] for what is published for that file alone: it may hold
// nothing but the digits.
func ChecksumBeside(list []byte, name string) plugin.Digest {
	if digest := Checksum(list, name); digest != "" {
		return digest
	}
	words := strings.Fields(string(list))
	if len(words) != 1 {
		return ""
	}
	digest, err := plugin.ParseDigest(plugin.SHA256 + ":" + strings.TrimPrefix(strings.ToLower(words[0]), plugin.SHA256+":"))
	if err != nil {
		return ""
	}
	return digest
}
