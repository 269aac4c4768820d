package main

import (
	"bytes"
	"path"
	"strings"

	"github.com/google/rpmpack"
)

// rpmArch says what RPM calls Go's architectures.
var rpmArch = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// rpm is a package for Fedora, openSUSE and their kin.
func rpm(src source, p program, docs documents) ([]byte, error) {
	files, err := docs.packaged(p, "usr/share/zsh/site-functions")
	if err != nil {
		return nil, err
	}
	files = append(files,
		file{"usr/share/doc/plugins/CHANGELOG.md", 0o644, docs.changes.data},
		file{"usr/share/licenses/plugins/LICENSE", 0o644, docs.license.data})
	pkg, err := rpmpack.NewRPM(rpmpack.RPMMetaData{
		Name: "plugins", Version: packageVersion(src), Release: "1", Epoch: rpmpack.NoEpoch,
		Arch: rpmArch[p.platform.Arch], OS: "linux",
		Summary: summary, Description: description, Group: "Applications/System",
		Licence: license, URL: homepage, Packager: maintainer,
		BuildHost: "reproducible", BuildTime: src.time,
		// The other compressors share the work among as many cores as there are.
		Compressor: "xz",
		Recommends: rpmpack.Relations{{Name: "ca-certificates"}},
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		pkg.AddFile(rpmpack.RPMFile{
			Name: "/" + f.name, Body: f.data, Mode: uint(f.mode), Owner: "root", Group: "root",
			MTime: uint32(src.time.Unix()), Type: rpmType(f),
		})
	}
	// These are ours alone; all other folders belong to the system.
	for _, dir := range []string{"/usr/share/doc/plugins", "/usr/share/licenses/plugins"} {
		pkg.AddFile(rpmpack.RPMFile{
			Name: dir, Mode: 0o40755, Owner: "root", Group: "root", MTime: uint32(src.time.Unix()),
		})
	}
	var b bytes.Buffer
	err = pkg.Write(&b)
	return b.Bytes(), err
}

func rpmType(f file) rpmpack.FileType {
	switch {
	case strings.HasPrefix(f.name, "usr/share/licenses/") || path.Base(f.name) == thirdPartyFile:
		return rpmpack.LicenceFile
	case strings.HasPrefix(f.name, "usr/share/doc/") || strings.HasPrefix(f.name, "usr/share/man/"):
		return rpmpack.DocFile
	}
	return rpmpack.GenericFile
}
