package fetch

import (
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// maxName keeps the path of a package short enough for every file system.
const maxName = 100

// PackagePath is what a mirror of packages has the one with digest d by: the digits,
// and a file name that says what it is to whoever looks. Every file system and every
// server takes it as it is, and it is the same on every machine.
func PackagePath(d plugin.Digest, location string) string {
	return d.Hex() + "/" + packageName(location)
}

// packageName is the last element of an address or a path, with "_" for what is not
// safe everywhere. The query is left out, since it may hold a secret.
func packageName(location string) string {
	if strings.Contains(location, "://") {
		location = location[:strings.IndexAny(location+"?", "?#")]
	}
	name := []byte(location[strings.LastIndexAny(location, `/\`)+1:])
	name = name[max(len(name)-maxName+1, 0):] // its end tells the format
	for i, c := range name {
		edge := i == 0 || i == len(name)-1
		if !safeByte(c) || edge && (c == '.' || c == '-') {
			name[i] = '_'
		}
	}
	switch {
	case len(name) == 0:
		return "package"
	case plugin.IsWindowsDevice(string(name)):
		return "_" + string(name)
	}
	return string(name)
}

func safeByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._+-", c) >= 0
}
