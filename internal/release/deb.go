package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"strings"
	"time"
)

const (
	maintainer = "plugins maintainers <plugins-hcl@users.noreply.github.com>"

	description = `plugins.hcl says which plugins a host has, plugins.lock.hcl pins them with
checksums, "plugins plan" shows the difference to what is installed, and
"plugins apply" stages, verifies and atomically swaps each change.`
)

// deb is a package for Debian and its kin. The format is that of deb(5).
func deb(src source, p program, docs documents) ([]byte, error) {
	files, err := docs.packaged(p, "usr/share/zsh/vendor-completions")
	if err != nil {
		return nil, err
	}
	changes, err := gzipped(docs.changes.data)
	if err != nil {
		return nil, err
	}
	files = append(files,
		file{"usr/share/doc/plugins/changelog.gz", 0o644, changes},
		file{"usr/share/doc/plugins/copyright", 0o644, []byte(debCopyright)})
	data, err := tarGz("./", files, src.time)
	if err != nil {
		return nil, err
	}
	control, err := tarGz("./", []file{
		{"control", 0o644, debControl(src, p, files)},
		{"md5sums", 0o644, md5sums(files)},
	}, src.time)
	if err != nil {
		return nil, err
	}
	return ar(src.time, file{name: "debian-binary", data: []byte("2.0\n")},
		file{name: "control.tar.gz", data: control}, file{name: "data.tar.gz", data: data}), nil
}

// The licence's whole text is on every Debian; what is linked has a file of its own.
const debCopyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: plugins
Source: ` + homepage + `
Comment: The licences of the modules that are linked are in ` + thirdPartyFile + `.

Files: *
Copyright: The authors of plugins
License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`

func debControl(src source, p program, files []file) []byte {
	size := 0
	for _, f := range files {
		size += len(f.data)
	}
	var b bytes.Buffer
	for _, field := range [][2]string{
		{"Package", "plugins"},
		{"Version", packageVersion(src)},
		{"Architecture", p.platform.Arch}, // Debian's words are Go's here
		{"Maintainer", maintainer},
		{"Installed-Size", fmt.Sprint((size + 1023) / 1024)},
		{"Recommends", "ca-certificates"},
		{"Section", "admin"},
		{"Priority", "optional"},
		{"Homepage", homepage},
		{"Description", summary + "\n " + strings.ReplaceAll(description, "\n", "\n ")},
	} {
		fmt.Fprintf(&b, "%s: %s\n", field[0], field[1])
	}
	return b.Bytes()
}

// packageVersion sorts prereleases before their release, as both kinds of packages do
// with "~"; "-" would part the version from the package's own.
func packageVersion(src source) string {
	pre := src.version.Prerelease()
	if pre == "" {
		return src.version.String()
	}
	return src.version.Release().String() + "~" + strings.ReplaceAll(pre, "-", ".")
}

// md5sums lets dpkg find what changed on a disk; nothing relies on it for more.
func md5sums(files []file) []byte {
	var b bytes.Buffer
	for _, f := range withFolders("", files) {
		if !strings.HasSuffix(f.name, "/") {
			fmt.Fprintf(&b, "%x  %s\n", md5.Sum(f.data), f.name)
		}
	}
	return b.Bytes()
}

// ar is an archive as dpkg reads it.
func ar(mtime time.Time, files ...file) []byte {
	b := bytes.NewBufferString("!<arch>\n")
	for _, f := range files {
		fmt.Fprintf(b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", f.name, mtime.Unix(), 0, 0, "100644", len(f.data))
		b.Write(f.data)
		if len(f.data)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}
