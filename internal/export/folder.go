package export

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// ConfigFile is the file in an exported folder that makes another machine use it.
const ConfigFile = "config.hcl"

// packageDir is the folder of the packages in an exported folder.
const packageDir = plugin.SHA256

// configStart begins every ConfigFile of ours, and none that somebody wrote by hand.
const configStart = `# Written by "plugins mirror"`

const folderConfig = configStart + `; changes made by hand are lost. Wherever this folder
# is put, this file makes another machine use it:
#
#     PLUGINS_CONFIG=FOLDER/config.hcl plugins apply

# Every package, by its digest, from this folder and from nowhere else.
mirror "sha256:" {
  url  = "./sha256"
  only = true
}
`

// NotOursError says that a file in the way of ConfigFile is somebody's own.
type NotOursError struct{ Path string }

func (e *NotOursError) Error() string {
	return e.Path + ` exists, and "plugins mirror" did not write it: it is left alone`
}

// folder is an exported folder. Nothing outside of it is written, whatever links are
// in it.
type folder struct {
	dir  string
	root *os.Root
}

// ToFolder exports to the folder dir, which is made if it is missing. ConfigFile is
// written in the end, once all packages are there.
func ToFolder(ctx context.Context, dir string, o Options) (out Outcome, err error) {
	if err := checkConfig(filepath.Join(dir, ConfigFile)); err != nil {
		return Outcome{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Outcome{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Outcome{}, err
	}
	f := &folder{dir: dir, root: root}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := f.removeIncomplete(); err != nil {
		return Outcome{}, err
	}
	if out, err = o.to(ctx, f); err != nil {
		return out, err
	}
	if err := f.writeConfig(); err != nil {
		return out, err
	}
	// The folder itself may be new; one above it that cannot be read is not ours to sync.
	_ = swap.SyncDir(filepath.Dir(dir))
	return out, nil
}

// checkConfig refuses to write over a file that is not ours: the folder may be the
// one of the user's own configuration.
func checkConfig(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &NotOursError{Path: path}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, len(configStart))
	if _, err := io.ReadFull(f, start); err != nil || string(start) != configStart {
		return &NotOursError{Path: path}
	}
	return nil
}

// writeConfig leaves a file alone that is as it should be: the folder may be
// read-only by now.
func (f *folder) writeConfig() error {
	if old, err := f.root.ReadFile(ConfigFile); err == nil && string(old) == folderConfig {
		return nil
	}
	return f.write(ConfigFile, func(w io.Writer) error {
		_, err := io.WriteString(w, folderConfig)
		return err
	})
}

func (f *folder) begin() error {
	temp, file, err := f.create()
	if err != nil {
		return f.named(err, ".")
	}
	return errors.Join(file.Close(), f.root.Remove(temp))
}

func (f *folder) size(ctx context.Context, p Package) (int64, error) {
	name := packageDir + "/" + p.path()
	info, err := f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return -1, nil
	}
	if err != nil {
		return 0, f.named(err, name)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return 0, f.named(err, name)
	}
	defer file.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, reader{ctx, file})
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil || plugin.NewDigest(plugin.SHA256, hash.Sum(nil)) != p.Digest:
		return -1, nil // what cannot be read is replaced as well
	}
	return n, nil
}

func (f *folder) put(_ context.Context, p Package, read func(io.Writer) error) error {
	return f.write(packageDir+"/"+p.path(), read)
}

// write makes the file at name hold what fill writes, durably; what is there under
// that name is whole at every instant.
func (f *folder) write(name string, fill func(io.Writer) error) error {
	temp, file, err := f.create()
	if err != nil {
		return f.named(err, name)
	}
	release := hold(filepath.Join(f.dir, temp))
	defer release()
	err = fill(file)
	if err == nil {
		// A disk without modes, as sticks have, denies it, and has no need of it.
		_ = file.Chmod(0o644)
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = f.root.MkdirAll(path.Dir(name), 0o755)
	}
	if err == nil {
		err = swap.Patiently(func() error { return f.root.Rename(temp, name) })
	}
	if err != nil {
		return errors.Join(f.named(err, name), f.root.Remove(temp))
	}
	return f.sync(path.Dir(name))
}

// create opens a new file, which has no name of ours yet.
func (f *folder) create() (name string, file *os.File, err error) {
	name = incompletePrefix + rand.Text()
	file, err = f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	return name, file, err
}

// sync makes the names in a folder durable, and its own in those above.
func (f *folder) sync(name string) error {
	for ; ; name = path.Dir(name) {
		if err := swap.SyncDir(filepath.Join(f.dir, filepath.FromSlash(name))); err != nil {
			return err
		}
		if name == "." {
			return nil
		}
	}
}

// named makes an error of the operating system tell where the file was to be: seen
// from the folder, or of a temporary file, it says nothing to anybody. An error about
// a file elsewhere stays.
func (f *folder) named(err error, name string) error {
	var of *fs.PathError
	var between *os.LinkError
	at := filepath.Join(f.dir, filepath.FromSlash(name))
	switch {
	case errors.As(err, &of) && filepath.IsAbs(of.Path) && !isIncomplete(filepath.Base(of.Path)):
	case errors.As(err, &of):
		return &fs.PathError{Op: of.Op, Path: at, Err: of.Err}
	case errors.As(err, &between):
		return &fs.PathError{Op: between.Op, Path: at, Err: between.Err}
	}
	return err
}
