package project

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/export"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// ImageOptions says what to make an image of. The zero value takes every platform that all
// plugins are locked for which are wanted on it; those that the configuration declares,
// where it does.
type ImageOptions struct {
	Platforms []plugin.Platform // these alone
}

// Imaged is an image that was pushed, in the form that --json prints.
type Imaged struct {
	Image      string            `json:"image"` // HOST/REPOSITORY@DIGEST, as container engines take it
	Tag        string            `json:"tag"`
	Platforms  []plugin.Platform `json:"platforms"`
	Plugins    int               `json:"plugins"`
	Layers     int               `json:"layers"` // each once, whichever platforms have it
	Bytes      int64             `json:"bytes"`
	Added      int               `json:"added"`   // layers that were sent
	Present    int               `json:"present"` // layers that were there already
	LockDigest plugin.Digest     `json:"lock_digest"`
}

// defaultTag is what container engines take where none is written.
const defaultTag = "latest"

// imageTag is how a tag is written.
// Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
var imageTag = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

var (
	errImage    = errors.New(`an image is written as "oci://HOST/REPOSITORY" or "oci://HOST/REPOSITORY:TAG"`)
	errNowhere  = errors.New("all of it runs anywhere, and nothing tells for which platforms the image is to be; name them with --platform, or with platforms in the configuration")
	errNoCommon = errors.New("there is no platform that all plugins are locked for; name those wanted with --platform, or with platforms in the configuration")
)

// Image pushes the set that the lock names as an image for several platforms to a registry,
// "oci://HOST/REPOSITORY[:TAG]": a layer a plugin, each tree as apply would install it. No
// plugin directory is needed, or looked at. The same lock gives the same digest on every
// machine. The errors are those of [Project.Plan] and [Project.Apply]; after one, the tag
// names what it did before.
func (p *Project) Image(ctx context.Context, to string, o ImageOptions) (out *Imaged, err error) {
	repository, tag, err := splitImage(to)
	if err != nil {
		return nil, err
	}
	if err := p.Configured(); err != nil {
		return nil, err
	}
	in, err := p.planInput(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.CheckLock(ctx); err != nil {
		return nil, err
	}
	image := export.Image{Lock: in.Lock.Digest(), Jobs: p.options.Jobs}
	if image.Sets, err = p.sets(in, o.Platforms); err != nil {
		return nil, err
	}
	if image.Access, err = p.access(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, image.Access.Close()) }()
	image.SortSets()
	pushed, err := image.Push(ctx, repository.Name(), tag)
	if err != nil {
		return nil, err
	}
	out = &Imaged{
		Image: repository.Host + "/" + repository.Repository + "@" + string(pushed.Digest), Tag: tag, Platforms: []plugin.Platform{},
		Layers: pushed.Layers, Bytes: pushed.Bytes, Added: pushed.Added, Present: pushed.Present, LockDigest: image.Lock,
	}
	names := map[plugin.Name]bool{}
	for _, s := range image.Sets {
		out.Platforms = append(out.Platforms, s.Platform)
		for _, w := range s.Plugins {
			names[w.Requirement.Name] = true
		}
	}
	out.Plugins = len(names)
	return out, nil
}

// splitImage reads an image's address.
func splitImage(to string) (plugin.OCIRef, string, error) {
	address, tag := to, defaultTag
	if i := strings.LastIndexByte(to, ':'); i > strings.LastIndexByte(to, '/') {
		address, tag = to[:i], to[i+1:]
	}
	ref, err := plugin.ParseOCI(address)
	if err == nil && (ref.Digest != "" || !imageTag.MatchString(tag)) {
		err = errImage
	}
	if err != nil {
		return ref, "", fmt.Errorf("%s: %w", plugin.RedactURL(to), err)
	}
	return ref, tag, nil
}

// sets are what would be installed on each platform where nothing is installed.
func (p *Project) sets(in plan.Input, platforms []plugin.Platform) ([]export.Set, error) {
	if platforms == nil {
		var err error
		if platforms, err = p.imagePlatforms(in.Lock, in.Required); err != nil {
			return nil, err
		}
	}
	var sets []export.Set
	for _, platform := range platforms {
		in.Platform, in.Snapshot = platform, &installed.Snapshot{}
		all, err := plan.Build(in)
		if err == nil {
			err = all.Err()
		}
		if err != nil {
			return nil, err
		}
		set := export.Set{Platform: platform}
		for _, c := range all.Changes {
			set.Plugins = append(set.Plugins, apply.Wanted(c, platform))
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// imagePlatforms are those declared, else those for which everything is locked that is
// wanted there. This machine's does not count: elsewhere, it would be another image.
func (p *Project) imagePlatforms(l *lock.File, required []plugin.Requirement) ([]plugin.Platform, error) {
	if len(p.Config.Platforms) > 0 {
		return p.Config.Platforms, nil
	}
	var all []plugin.Platform
	for _, locked := range l.Plugins {
		for _, platform := range locked.Platforms() {
			if platform != plugin.AnyPlatform && !slices.Contains(all, platform) {
				all = append(all, platform)
			}
		}
	}
	if len(all) == 0 {
		return nil, errNowhere
	}
	wantedOn := func(name plugin.Name, platform plugin.Platform) bool {
		i := slices.IndexFunc(required, func(r plugin.Requirement) bool { return r.Name == name })
		return i < 0 || required[i].WantedOn(platform)
	}
	all = slices.DeleteFunc(all, func(platform plugin.Platform) bool {
		return slices.ContainsFunc(l.Plugins, func(locked lock.Plugin) bool {
			_, ok := locked.Package(platform)
			return !ok && wantedOn(locked.Name, platform)
		})
	})
	if len(all) == 0 {
		return nil, errNoCommon
	}
	return all, nil
}
