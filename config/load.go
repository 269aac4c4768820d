package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"github.com/plugins-hcl/plugins/plugin"
)

// MaxSize is the largest configuration file, in bytes.
const MaxSize = 1 << 20

// Options is what a configuration depends on besides its own text. The zero value
// knows no environment, no home directory and no user's file.
type Options struct {
	// Env looks a variable up for env(); [os.LookupEnv] in a program. With nil,
	// every variable is unset.
	Env func(string) (string, bool)

	// Home is the directory "~" stands for; "" if it is unknown, and "~" an error.
	Home string

	// ProgramVersion is checked against required_version; the zero version is not.
	ProgramVersion plugin.Version

	// UserConfig is the path of the user's own file, "" for none. It may be missing
	// unless UserConfigRequired is set.
	UserConfig         string
	UserConfigRequired bool
}

// NotFoundError says that a configuration file does not exist. It is
// [fs.ErrNotExist].
type NotFoundError struct {
	Path string // absolute where that could be found out
	User bool   // it is the user's own file
}

func (e *NotFoundError) Error() string {
	if e.User {
		return "your own configuration file " + e.Path + " does not exist"
	}
	return "there is no configuration file " + e.Path
}

// Is makes every NotFoundError an [fs.ErrNotExist].
func (e *NotFoundError) Is(target error) bool { return target == fs.ErrNotExist }

// Load reads the configuration at path, and the user's own file: in HCL's JSON
// syntax where the name ends in ".json", in its native one otherwise. The error is
// a [*NotFoundError], a [*DiagnosticsError] or one of the file system.
func Load(path string, opts Options) (*File, error) {
	src, err := read(path, false)
	if err != nil {
		return nil, err
	}
	return Parse(src, path, opts)
}

// Parse is [Load] for a configuration whose text is at hand; filename is where it
// stands or would stand. The user's own file is read from the disk.
func Parse(src []byte, filename string, opts Options) (*File, error) {
	dir, err := filepath.Abs(filepath.Dir(filename))
	if err != nil {
		return nil, fmt.Errorf("finding the folder of %s: %w", filename, err)
	}
	files := map[string]*hcl.File{}
	d := newDecoder(filename, dir, opts, files)
	if body := d.open(src); body != nil {
		d.project(body)
	}
	diags := d.diags
	user, err := loadUser(opts, files)
	if err != nil {
		return nil, err
	}
	if user != nil {
		diags = append(diags, user.diags...)
		d.file.addUser(user.file)
	}
	if err := newDiagnosticsError(diags, files); err != nil {
		return nil, err
	}
	d.file.Warnings, d.file.shown = withoutSecrets(diags, files)
	sum := sha256.Sum256(src)
	d.file.Digest = plugin.NewDigest(plugin.SHA256, sum[:])
	return d.file, nil
}

// open parses the text and returns its body; nil where its syntax is wrong, or
// where it is for another version of this program.
func (d *decoder) open(src []byte) hcl.Body {
	file, diags := parseSyntax(src, d.filename)
	if file == nil {
		d.diags = append(d.diags, diags...)
		return nil
	}
	d.files[d.filename] = file
	d.src = src
	// A file for a newer program may hold what this one takes for a mistake.
	if !d.checkRequiredVersion(file.Body) {
		return nil
	}
	d.diags = append(d.diags, diags...)
	if diags.HasErrors() {
		return nil
	}
	return file.Body
}

// parseSyntax returns a nil file only for a text it does not dare to parse.
func parseSyntax(src []byte, filename string) (*hcl.File, hcl.Diagnostics) {
	if len(src) > MaxSize {
		return nil, hcl.Diagnostics{{
			Severity: hcl.DiagError,
			Summary:  "File too large",
			Detail:   fmt.Sprintf("A configuration file is at most %d bytes long.", MaxSize),
			Subject:  &hcl.Range{Filename: filename, Start: hcl.InitialPos, End: hcl.InitialPos},
		}}
	}
	if isJSON(filename) {
		if diag := checkJSONNesting(src, filename); diag != nil {
			return nil, hcl.Diagnostics{diag}
		}
		return json.Parse(src, filename)
	}
	if diag := checkNesting(src, filename); diag != nil {
		return nil, hcl.Diagnostics{diag}
	}
	return hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
}

func isJSON(filename string) bool { return strings.HasSuffix(filename, ".json") }

// read returns a file's contents, but not more than it takes to see that they are
// too large.
func read(path string, user bool) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		return nil, &NotFoundError{Path: path, User: user}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("reading the configuration: %s is a directory, not a file", path)
	}
	src, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return src, nil
}
