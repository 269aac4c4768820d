package installed

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// RecordVersion is the version of the records' format.
const RecordVersion = 1

// MaxRecord bounds a record, in bytes: some 100,000 files.
const MaxRecord = 64 << 20

// Record is what was installed as one plugin, written when it was.
type Record struct {
	FormatVersion int            `json:"format_version"`
	Name          plugin.Name    `json:"name"`
	Version       plugin.Version `json:"version"`
	Source        string         `json:"source"`
	Digest        plugin.Digest  `json:"digest"` // of the package
	Origin        Origin         `json:"origin,omitzero"`
	Settings      Settings       `json:"settings,omitzero"`
	Keep          []string       `json:"keep,omitempty"` // patterns of the files that it writes itself
	Files         []File         `json:"files"`          // sorted by path
}

// Settings are those of a plugin's settings that make the same package another
// tree.
type Settings struct {
	Binary   string `json:"binary,omitempty"`
	Manifest string `json:"manifest,omitempty"` // the plugin.json written, if one was
}

// File is a file or a folder as it was installed.
type File struct {
	Path   string `json:"path"` // slash-separated, relative to the plugin's folder
	Dir    bool   `json:"dir,omitempty"`
	Exec   bool   `json:"exec,omitempty"`
	Size   int64  `json:"size,omitempty"`
	SHA256 Sum    `json:"sha256,omitzero"`
	Stat   Stat   `json:"stat,omitzero"`
}

// Stat is what of a file's inode tells that it was not touched. It says nothing
// on another machine, or of a copy.
type Stat struct {
	Inode uint64 `json:"inode,omitempty"`
	MTime int64  `json:"mtime,omitempty"` // nanoseconds since 1970
	CTime int64  `json:"ctime,omitempty"` // the same; on Windows of its creation; 0 where there is none
}

// Sum is a SHA-256, written in hexadecimal.
type Sum [32]byte

// IsZero reports whether there is no sum.
func (s Sum) IsZero() bool { return s == Sum{} }

// MarshalText writes hexadecimal digits.
func (s Sum) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Sum) UnmarshalText(text []byte) error {
	if len(text) != 2*len(s) {
		return errors.New("a SHA-256 has 64 hexadecimal digits")
	}
	_, err := hex.Decode(s[:], text)
	return err
}

// RecordError says that a record cannot be used: what is installed is not known.
type RecordError struct {
	Path string
	Err  error
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("the record %s cannot be used: %s", e.Path, e.Err)
}

func (e *RecordError) Unwrap() error { return e.Err }

// Encode writes a record.
func (r *Record) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(r, "", " ")
	return append(data, '\n'), err
}

// DecodeRecord reads the record of the plugin name.
func DecodeRecord(data []byte, name plugin.Name) (*Record, error) {
	var r Record
	if err := plugin.DecodeJSON(data, &r); err != nil {
		return nil, err
	}
	switch {
	case r.FormatVersion != RecordVersion:
		return nil, fmt.Errorf("this program reads version %d of the format only, not %d", RecordVersion, r.FormatVersion)
	case r.Name != name:
		return nil, fmt.Errorf("it is of the plugin %q", r.Name)
	case r.Version.IsZero():
		return nil, errors.New("it has no version")
	}
	if _, err := plugin.ParseDigest(string(r.Digest)); err != nil {
		return nil, err
	}
	for i, f := range r.Files {
		if !fs.ValidPath(f.Path) || f.Path == "." || f.Path != path.Clean(f.Path) {
			return nil, fmt.Errorf("it lists a file %q", f.Path)
		}
		if i > 0 && r.Files[i-1].Path >= f.Path {
			return nil, errors.New("its files are not sorted")
		}
	}
	return &r, nil
}

// ReadRecord reads the record of a plugin, and when it was written. That there is
// none is fs.ErrNotExist; that it cannot be used is a [*RecordError].
func (s State) ReadRecord(name plugin.Name) (*Record, time.Time, error) {
	return ReadRecordAt(s.Dir, path.Join(StateDir, "records", string(name)+recordSuffix), name)
}

// ReadRecordAt is [State.ReadRecord] of one that lies elsewhere in the plugin directory
// dir, at a slash-separated path.
func ReadRecordAt(dir, place string, name plugin.Name) (*Record, time.Time, error) {
	at := filepath.Join(dir, filepath.FromSlash(place))
	f, err := swap.Open(dir, place)
	if errors.As(err, new(*swap.LinkError)) {
		err = &RecordError{Path: at, Err: err}
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, &RecordError{Path: at, Err: err}
	}
	data, err := plugin.ReadAtMost(f, MaxRecord)
	var r *Record
	if err == nil {
		r, err = DecodeRecord(data, name)
	}
	if err != nil {
		return nil, time.Time{}, &RecordError{Path: at, Err: err}
	}
	return r, info.ModTime(), nil
}

// recorded lists the plugins that have a record, sorted.
func (s State) recorded() ([]plugin.Name, error) {
	root, err := swap.OpenRoot(s.Dir, path.Join(StateDir, "records"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var names []plugin.Name
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), recordSuffix)
		if name, err := plugin.ParseName(base); ok && err == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
