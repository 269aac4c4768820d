package export

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/archive"
)

// layer is a layer of an image, and the digest of it unpacked.
type layer struct {
	ocispec.Descriptor
	diff  digest.Digest
	holds string // for people: "authz 1.0.0, billing 2.1.0"
}

// member is a plugin in a layer, and its tree at dir.
type member struct {
	access.Wanted
	dir  string
	tree archive.Tree
}

// writeLayer writes the trees of plugins as the layer that puts them where apply would.
// Nothing of this machine is in it: no times, no owners.
func writeLayer(ctx context.Context, file string, members []member) (layer, error) {
	f, err := os.Create(file)
	if err != nil {
		return layer{}, err
	}
	packed := &counted{w: f, hash: sha256.New()}
	plain := sha256.New()
	zip := gzip.NewWriter(packed)
	out := tar.NewWriter(io.MultiWriter(zip, plain))
	var holds []string
	for _, m := range members {
		err = errors.Join(err, writeTree(ctx, out, m.dir, string(m.Requirement.Name), m.tree))
		holds = append(holds, string(m.Requirement.Name)+" "+m.Version.String())
	}
	if err = errors.Join(err, out.Close(), zip.Close(), f.Close()); err != nil {
		return layer{}, err
	}
	l := layer{
		Descriptor: ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.NewDigest(digest.SHA256, packed.hash), Size: packed.n,
		},
		diff: digest.NewDigest(digest.SHA256, plain), holds: strings.Join(holds, ", "),
	}
	if len(members) == 1 {
		w := members[0]
		l.Annotations = map[string]string{
			ocispec.AnnotationTitle: string(w.Requirement.Name), ocispec.AnnotationVersion: w.Version.String(),
		}
	}
	return l, nil
}

// counted counts and hashes what goes through it.
type counted struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.hash.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// writeTree writes the files of a plugin, in its folder, as archives are best: sorted.
func writeTree(ctx context.Context, out *tar.Writer, dir, name string, tree archive.Tree) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := out.WriteHeader(header(name, archive.Entry{Dir: true})); err != nil {
		return err
	}
	tree = slices.SortedFunc(slices.Values(tree), func(a, b archive.Entry) int { return strings.Compare(a.Path, b.Path) })
	for _, e := range tree {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := out.WriteHeader(header(name+"/"+e.Path, e)); err != nil {
			return err
		}
		if e.Dir {
			continue
		}
		f, err := root.Open(e.Path)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func header(name string, e archive.Entry) *tar.Header {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: e.Size, Mode: 0o644, ModTime: time.Unix(0, 0)}
	switch {
	case e.Dir:
		h.Typeflag, h.Name, h.Size, h.Mode = tar.TypeDir, name+"/", 0, 0o755
	case e.Exec:
		h.Mode = 0o755
	}
	return h
}
