package scripttest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"aead.dev/minisign"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdKeygen makes a minisign key pair; the public key is in $NAME.
func cmdKeygen(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: keygen NAME")
	}
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	worldOf(ts).keys[args[0]] = private
	ts.Setenv(args[0], public.String())
	return nil
}

// cmdSign signs files with a key that keygen made: FILE.minisig.
func cmdSign(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: sign KEY FILE…")
	}
	key, ok := worldOf(ts).keys[args[0]]
	if !ok {
		return fmt.Errorf("no key is called %q", args[0])
	}
	for _, file := range args[1:] {
		data, err := os.ReadFile(ts.MkAbs(file))
		if err != nil {
			return err
		}
		message := minisign.NewReader(bytes.NewReader(data))
		if _, err := io.Copy(io.Discard, message); err != nil {
			return err
		}
		if err := os.WriteFile(ts.MkAbs(file)+".minisig", message.Sign(key), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// cmdSums lists the checksums of files as sha256sum does.
func cmdSums(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: sums LIST FILE…")
	}
	var list strings.Builder
	for _, file := range args[1:] {
		data, err := os.ReadFile(ts.MkAbs(file))
		if err != nil {
			return err
		}
		fmt.Fprintf(&list, "%s  %s\n", hexDigest(data), filepath.Base(file))
	}
	return os.WriteFile(ts.MkAbs(args[0]), []byte(list.String()), 0o644)
}
