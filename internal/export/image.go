package export

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plugin"
)

// LockAnnotation, on an image, is the digest of the lock that it was made from.
const LockAnnotation = "io.github.plugins-hcl.lock.digest"

// Image is a set of plugins as an OCI image: for each platform an image of its own, with
// a layer a plugin (or, of many, a few plugins), and an index over all of them.
// Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/spec.md
type Image struct {
	Sets   []Set // by platform
	Lock   plugin.Digest
	Access *access.Access
	Jobs   int // layers at once; 0: 8
}

// Set is the plugins of one platform, sorted by name.
type Set struct {
	Platform plugin.Platform
	Plugins  []access.Wanted
}

// Pushed is what became of an image.
type Pushed struct {
	Digest  plugin.Digest // of the index
	Layers  int           // each once, whichever platforms have it
	Bytes   int64         // of these
	Added   int           // were sent
	Present int           // were there
}

// Push sends the image to a repository, "oci://HOST/REPOSITORY", and has tag name it in the
// end: a run that fails leaves what the tag named. Every plugin that cannot be staged is
// reported: the error joins a [*plugin.Error] for each. The same sets give the same digest
// on every machine.
func (i Image) Push(ctx context.Context, to, tag string) (out Pushed, err error) {
	push, err := i.Access.Pusher(to)
	if err != nil {
		return Pushed{}, err
	}
	if _, err := push.Manifest(ctx, tag); err != nil {
		return Pushed{}, err
	}
	dir, err := os.MkdirTemp("", "plugins-image-")
	if err != nil {
		return Pushed{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := &pushing{Image: i, push: push, dir: dir, sent: map[plugin.Digest]*sending{}}
	layers, err := p.layers(ctx)
	if err != nil {
		return Pushed{}, err
	}
	if out.Digest, err = p.index(ctx, layers, tag); err != nil {
		return Pushed{}, err
	}
	for _, s := range p.sent {
		out.Layers++
		out.Bytes += s.size
		if s.added {
			out.Added++
		} else {
			out.Present++
		}
	}
	return out, nil
}

// pushing is an image on its way.
type pushing struct {
	Image
	push *access.Pusher
	dir  string

	mu   sync.Mutex
	sent map[plugin.Digest]*sending
}

// sending is a layer on its way, which several platforms may have.
type sending struct {
	once  sync.Once
	size  int64
	added bool
	err   error
}

// layers makes and sends the layers of all sets.
func (p *pushing) layers(ctx context.Context) ([][]layer, error) {
	type place struct{ set, layer int }
	var places []place
	all := make([][]layer, len(p.Sets))
	grouped := make([][][]access.Wanted, len(p.Sets))
	for i, s := range p.Sets {
		grouped[i] = groups(s.Plugins)
		all[i] = make([]layer, len(grouped[i]))
		for j := range grouped[i] {
			places = append(places, place{i, j})
		}
	}
	jobs := p.Jobs
	if jobs <= 0 {
		jobs = 8
	}
	err := parallel.Each(len(places), jobs, func(n int) (err error) {
		at := places[n]
		all[at.set][at.layer], err = p.layer(ctx, grouped[at.set][at.layer])
		return err
	})
	return all, err
}

// maxLayers is what every engine mounts: some stop at 125.
const maxLayers = 100

// groups are the plugins of each layer: one or, where they are too many for that, those of
// which the names have the same remainder, so that no plugin moves when another comes.
func groups(plugins []access.Wanted) [][]access.Wanted {
	one := len(plugins) <= maxLayers
	buckets := make([][]access.Wanted, max(len(plugins), maxLayers))
	for i, w := range plugins {
		if !one {
			sum := sha256.Sum256([]byte(w.Requirement.Name))
			i = int(binary.BigEndian.Uint32(sum[:]) % maxLayers)
		}
		buckets[i] = append(buckets[i], w)
	}
	return slices.DeleteFunc(buckets, func(b []access.Wanted) bool { return len(b) == 0 })
}

// layer makes and sends the layer of a group of plugins.
func (p *pushing) layer(ctx context.Context, group []access.Wanted) (l layer, err error) {
	work, err := os.MkdirTemp(p.dir, "")
	if err != nil {
		return layer{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	var members []member
	var errs []error
	for i, w := range group {
		m := member{Wanted: w, dir: filepath.Join(work, strconv.Itoa(i))}
		tree, err := p.Access.Stage(ctx, w, m.dir)
		if err != nil {
			errs = append(errs, &plugin.Error{Plugin: w.Requirement.Name, Pos: w.Requirement.Pos, Err: err})
			continue
		}
		m.tree = tree.Files
		members = append(members, m)
	}
	if errs != nil {
		return layer{}, errors.Join(errs...)
	}
	file := filepath.Join(work, "layer")
	if l, err = writeLayer(ctx, file, members); err != nil {
		return layer{}, err
	}
	err = p.send(ctx, l.Descriptor, func() (io.ReadCloser, error) { return os.Open(file) })
	if err != nil && len(group) == 1 {
		err = &plugin.Error{Plugin: group[0].Requirement.Name, Pos: group[0].Requirement.Pos, Err: err}
	}
	return l, err
}

// send sends a layer, once for all platforms that have it, unless it is there.
func (p *pushing) send(ctx context.Context, d ocispec.Descriptor, open func() (io.ReadCloser, error)) error {
	p.mu.Lock()
	s, ok := p.sent[plugin.Digest(d.Digest)]
	if !ok {
		s = &sending{size: d.Size}
		p.sent[plugin.Digest(d.Digest)] = s
	}
	p.mu.Unlock()
	s.once.Do(func() { s.added, s.err = p.blob(ctx, d, open) })
	return s.err
}

// blob sends what is not there.
func (p *pushing) blob(ctx context.Context, d ocispec.Descriptor, open func() (io.ReadCloser, error)) (sent bool, err error) {
	have, err := p.push.Blob(ctx, plugin.Digest(d.Digest))
	if err != nil || have >= 0 {
		return false, err
	}
	return true, p.push.PushBlob(ctx, d, open)
}

// index sends what says of the layers which platform has which, and has the tag name it.
func (p *pushing) index(ctx context.Context, layers [][]layer, tag string) (plugin.Digest, error) {
	index := ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Annotations: map[string]string{LockAnnotation: string(p.Lock)},
	}
	for i, s := range p.Sets {
		platform := ocispec.Platform{OS: s.Platform.OS, Architecture: s.Platform.Arch}
		data, err := p.manifest(ctx, platform, layers[i])
		if err != nil {
			return "", err
		}
		d, err := p.push.PushManifest(ctx, ocispec.MediaTypeImageManifest, data, "")
		if err != nil {
			return "", err
		}
		index.Manifests = append(index.Manifests, ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageManifest, Digest: digest.Digest(d), Size: int64(len(data)), Platform: &platform,
		})
	}
	data, err := json.Marshal(index)
	if err != nil {
		return "", err
	}
	return p.push.PushManifest(ctx, ocispec.MediaTypeImageIndex, data, tag)
}

// manifest is that of one platform; what it refers to is sent.
func (p *pushing) manifest(ctx context.Context, platform ocispec.Platform, layers []layer) ([]byte, error) {
	config := ocispec.Image{Platform: platform, RootFS: ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{}}}
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Layers: []ocispec.Descriptor{}, Annotations: map[string]string{LockAnnotation: string(p.Lock)},
	}
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.diff)
		config.History = append(config.History, ocispec.History{CreatedBy: l.holds})
		m.Layers = append(m.Layers, l.Descriptor)
	}
	data, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	m.Config = ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if _, err := p.blob(ctx, m.Config, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(data))), nil }); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// SortSets puts platforms and plugins in the order that the image has them in.
func (i Image) SortSets() {
	slices.SortFunc(i.Sets, func(a, b Set) int { return plugin.ComparePlatforms(a.Platform, b.Platform) })
	for _, s := range i.Sets {
		slices.SortFunc(s.Plugins, func(a, b access.Wanted) int {
			return strings.Compare(string(a.Requirement.Name), string(b.Requirement.Name))
		})
	}
}
