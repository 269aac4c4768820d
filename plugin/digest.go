package plugin

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// The algorithms a [Digest] may name.
const (
	SHA256     = "sha256"      // of a package's bytes
	TreeSHA256 = "tree-sha256" // of a folder, see internal/archive
)

// Digest is an algorithm, a colon and lower-case hexadecimal digits:
// "sha256:212a81…" or "tree-sha256:…". The zero value means that none is known.
type Digest string

// ParseDigest reads a digest; its digits may be of either case.
func ParseDigest(s string) (Digest, error) {
	algorithm, digits, ok := strings.Cut(s, ":")
	if !ok || algorithm != SHA256 && algorithm != TreeSHA256 {
		return "", fmt.Errorf(`%q is not a digest: it starts with neither "sha256:" nor "tree-sha256:"`, s)
	}
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != 32 {
		return "", fmt.Errorf("%q is not a digest: it has not 64 hexadecimal digits after the colon", s)
	}
	return NewDigest(algorithm, raw), nil
}

// NewDigest is the digest whose raw sum is given.
func NewDigest(algorithm string, sum []byte) Digest {
	return Digest(algorithm + ":" + hex.EncodeToString(sum))
}

// Algorithm is [SHA256] or [TreeSHA256].
func (d Digest) Algorithm() string {
	algorithm, _, _ := strings.Cut(string(d), ":")
	return algorithm
}

// Hex is the digits alone.
func (d Digest) Hex() string {
	_, digits, _ := strings.Cut(string(d), ":")
	return digits
}

// Short is the algorithm and the first twelve digits, for tables.
func (d Digest) Short() string {
	if digits := d.Hex(); len(digits) > 12 {
		return d.Algorithm() + ":" + digits[:12]
	}
	return string(d)
}
