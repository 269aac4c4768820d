package scripttest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// packageFlags are the flags that pkg and publish share.
func packageFlags(fs *flag.FlagSet, p *Package) {
	fs.StringVar(&p.ManifestName, "manifest-name", "", "")
	fs.StringVar(&p.ManifestVersion, "manifest-version", "", "")
	fs.BoolVar(&p.NoManifest, "no-manifest", false, "")
	fs.StringVar(&p.Binary, "bin", "", "")
	fs.BoolVar(&p.NoBinary, "no-bin", false, "")
	fs.Func("body", "", func(s string) error {
		p.Body = unescape(s)
		return nil
	})
	fs.Func("mode", "", func(s string) (err error) {
		p.Mode, err = parseMode(s)
		return err
	})
	fs.StringVar(&p.Top, "top", "", "")
	fs.StringVar(&p.Format, "format", "", "")
	fs.Func("file", "", func(s string) error {
		p.Files = append(p.Files, unescape(s))
		return nil
	})
	fs.Func("exe", "", func(s string) error {
		p.Executables = append(p.Executables, unescape(s))
		return nil
	})
	fs.Var((*listFlag)(&p.Links), "symlink", "")
	fs.Func("fill", "", sized(&p.Fill))
	fs.Func("zeros", "", sized(&p.Zeros))
}

// sized gathers a flag of the form PATH=SIZE.
func sized(list *[]string) func(string) error {
	return func(s string) error {
		_, n, _ := strings.Cut(s, "=")
		*list = append(*list, s)
		_, err := strconv.ParseUint(n, 10, 31)
		return err
	}
}

// unescape lets a text of several lines, or one that plays tricks on a terminal,
// stand in one line of a script.
func unescape(s string) string { return strings.NewReplacer(`\n`, "\n", `\e`, "\x1b").Replace(s) }

func parseMode(s string) (fs.FileMode, error) {
	n, err := strconv.ParseUint(s, 8, 32)
	return fs.FileMode(n), err
}

// cmdPkg makes one package, or a plugin's folder.
func cmdPkg(ts *testscript.TestScript, args []string) error {
	var p Package
	fs := flag.NewFlagSet("pkg", flag.ContinueOnError)
	packageFlags(fs, &p)
	ops, err := operands(fs, args, "FILE NAME VERSION")
	if err != nil {
		return err
	}
	p.Name, p.Version = ops[1], ops[2]
	return p.Write(ts.MkAbs(ops[0]))
}

// cmdTamper flips a bit in the middle of a file, or of every file in a folder that
// is not empty.
func cmdTamper(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "FILE")
	if err != nil {
		return err
	}
	spoiled := 0
	err = eachFile(ts.MkAbs(ops[0]), func(name string) error {
		data, err := os.ReadFile(name)
		if err != nil || len(data) == 0 {
			return err
		}
		spoiled++
		// It may be read-only.
		return errors.Join(os.Chmod(name, 0o644), os.WriteFile(name, corrupted(data), 0o644))
	})
	if err == nil && spoiled == 0 {
		err = errors.New("there is nothing in it")
	}
	return err
}

// corrupted is data with one bit flipped in its middle.
func corrupted(data []byte) []byte {
	out := append([]byte(nil), data...)
	out[len(out)/2] ^= 1
	return out
}

// cmdDigest puts a file's digest into a variable, and its digits into VARIABLE_HEX.
func cmdDigest(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "VARIABLE FILE")
	if err != nil {
		return err
	}
	data, err := os.ReadFile(ts.MkAbs(ops[1]))
	if err != nil {
		return err
	}
	ts.Setenv(ops[0], "sha256:"+hexDigest(data))
	ts.Setenv(ops[0]+"_HEX", hexDigest(data))
	return nil
}

func hexDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
