package plugin

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// OCIScheme starts the address of a repository of an OCI registry.
const OCIScheme = "oci://"

// OCIRef is the address of a repository of an OCI registry, or of what is in it:
// "oci://HOST/REPOSITORY", "oci://HOST/REPOSITORY@DIGEST" or, of a manifest with
// several files, "oci://HOST/REPOSITORY@DIGEST/FILE".
type OCIRef struct {
	Host       string // HOST or HOST:PORT
	Repository string // "plugins/audit"
	Digest     Digest // of a manifest or a blob; "" for the repository
	File       string // the title of a layer; "" for none
}

// Sources: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
// for the repository; a file's name is one that every file system and shell takes as it is.
var (
	ociRepository = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	ociFile       = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+-]*$`)
)

const maxOCIName = 255

var errOCI = errors.New(`it is written as "oci://HOST/REPOSITORY"`)

// IsOCI reports whether an address is meant to be an [OCIRef].
func IsOCI(address string) bool {
	return len(address) >= len(OCIScheme) && strings.EqualFold(address[:len(OCIScheme)], OCIScheme)
}

// ParseOCI reads an address.
func ParseOCI(address string) (OCIRef, error) {
	u, err := url.Parse(address)
	if err != nil || !IsOCI(address) || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.RawPath != "" {
		return OCIRef{}, errOCI
	}
	repository, digest, pinned := strings.Cut(strings.TrimPrefix(u.Path, "/"), "@")
	ref := OCIRef{Host: strings.ToLower(u.Host), Repository: strings.TrimSuffix(repository, "/")}
	switch {
	case ref.Repository == "" || strings.Contains(ref.Repository, ":"):
		return OCIRef{}, errOCI
	case len(ref.Repository) > maxOCIName || !ociRepository.MatchString(ref.Repository):
		return OCIRef{}, fmt.Errorf(`%q is no repository: its name is of lower case letters, digits, "/", and between them ".", "_" and "-"`, ref.Repository)
	case !pinned:
		return ref, nil
	}
	digest, file, named := strings.Cut(digest, "/")
	if ref.Digest, err = ParseDigest(digest); err != nil {
		return OCIRef{}, err
	}
	if ref.Digest.Algorithm() != SHA256 {
		return OCIRef{}, fmt.Errorf("%s is not the digest of anything in a registry", ref.Digest)
	}
	if named && !IsOCIFile(file) {
		return OCIRef{}, fmt.Errorf("%q is no file of a manifest", file)
	}
	ref.File = file
	return ref, nil
}

// IsOCIFile reports whether a layer's title can stand in an address.
func IsOCIFile(title string) bool { return len(title) <= maxOCIName && ociFile.MatchString(title) }

func (r OCIRef) String() string {
	text := r.Name()
	if r.Digest != "" {
		text += "@" + string(r.Digest)
	}
	if r.File != "" {
		text += "/" + r.File
	}
	return text
}

// Name is the address of the repository alone.
func (r OCIRef) Name() string { return OCIScheme + r.Host + "/" + r.Repository }
