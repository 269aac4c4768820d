package trust

import (
	"errors"
	"fmt"
	"io"

	"aead.dev/minisign"

	"github.com/plugins-hcl/plugins/plugin"
)

// MaxSignature bounds a signature file, in bytes.
const MaxSignature = 16 << 10

// Key is a minisign public key.
// Source: https://jedisct1.github.io/minisign/
type Key struct{ key minisign.PublicKey }

// ParseKey reads the line of a public key that starts with "RW".
func ParseKey(s string) (Key, error) {
	var k Key
	if err := k.key.UnmarshalText([]byte(s)); err != nil {
		return Key{}, fmt.Errorf("%q is not a minisign public key", s)
	}
	return k, nil
}

// Verify is nil if signature is k's for what r gives, which it reads as a stream.
// The error, unless reading failed, is a [*plugin.RefusedError].
func (k Key) Verify(r io.Reader, signature []byte) error {
	var s minisign.Signature
	if err := s.UnmarshalText(signature); err != nil {
		return &plugin.RefusedError{Rule: "its signature is not a minisign signature"}
	}
	if s.KeyID != k.key.ID() {
		return &plugin.RefusedError{Rule: fmt.Sprintf("it is signed by the key %016X, not by %016X", s.KeyID, k.key.ID())}
	}
	good, err := k.verify(r, s.Algorithm, signature)
	if err != nil {
		return err
	}
	if !good {
		return &plugin.RefusedError{Rule: fmt.Sprintf("its signature by the key %016X is not of these bytes", s.KeyID)}
	}
	return nil
}

// verify reads r as a stream, if the signature is one of a hash. The legacy kind is
// of the bytes themselves, which must fit into memory.
func (k Key) verify(r io.Reader, algorithm uint16, signature []byte) (bool, error) {
	if algorithm == minisign.HashEdDSA {
		reader := minisign.NewReader(r)
		_, err := io.Copy(io.Discard, reader)
		return err == nil && reader.Verify(k.key, signature), err
	}
	message, err := plugin.ReadAtMost(r, maxLegacy)
	var large *plugin.TooLargeError
	if errors.As(err, &large) {
		return false, &plugin.RefusedError{Rule: "its signature is of the legacy kind, which is for small files: sign it with minisign 0.10 or newer, or with -H"}
	}
	if err != nil {
		return false, err
	}
	return minisign.Verify(k.key, message, signature), nil
}

// maxLegacy bounds what a signature of the legacy kind may be of, in bytes.
const maxLegacy = 1 << 20

// ChecksumFiles are the names under which publishers list the digests of a
// release's files.
func ChecksumFiles() []string { return []string{"checksums.txt", "SHA256SUMS"} }
