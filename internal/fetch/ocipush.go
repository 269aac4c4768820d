package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"

	godigest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/plugins-hcl/plugins/plugin"
)

// Repository is a repository of an OCI registry, to push to. What is pushed goes where
// it was asked to go: mirrors have no part in that.
type Repository struct {
	client *Client
	target *target
	remote *remote.Repository
}

var errNoRepository = errors.New(`a repository to push to is written as "oci://HOST/REPOSITORY"`)

// Repository is the one at address, "oci://HOST/REPOSITORY".
func (c *Client) Repository(address string) (*Repository, error) {
	t := &target{canonical: plugin.RedactURL(address)}
	ref, err := plugin.ParseOCI(address)
	if err == nil && ref.Digest != "" {
		err = errNoRepository
	}
	if err == nil {
		err = t.ask(ref, "")
	}
	switch {
	case err != nil:
		return nil, c.explain(t, err)
	case c.offline:
		return nil, fmt.Errorf("%s: nothing can be pushed there: %w", t.canonical, ErrOffline)
	}
	known := c.logins.of(t.oci)
	return &Repository{client: c, target: t, remote: &remote.Repository{
		Reference: registry.Reference{Registry: t.url.Host, Repository: ref.Repository},
		PlainHTTP: t.url.Scheme == "http",
		Client: &auth.Client{
			Client: &http.Client{Transport: pushTransport{c, t}},
			Cache:  known.tokens,
			Credential: func(ctx context.Context, _ string) (auth.Credential, error) {
				return c.login(ctx, t).cred, nil
			},
			ClientID:             defaultUserAgent,
			BlockedRealmPrefixes: []netip.Prefix{}, // see getOCI
		},
	}}, nil
}

// Blob is the size of a blob that is there; -1 where there is none.
func (r *Repository) Blob(ctx context.Context, d plugin.Digest) (size int64, err error) {
	size = -1
	err = r.do(ctx, func(ctx context.Context) error {
		found, err := r.remote.Blobs().Resolve(ctx, string(d))
		if err == nil {
			size = found.Size
		}
		return err
	})
	return size, err
}

// Manifest is the digest of the manifest that has a tag; "" where there is none.
func (r *Repository) Manifest(ctx context.Context, tag string) (d plugin.Digest, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		found, err := r.remote.Manifests().Resolve(ctx, tag)
		d = plugin.Digest(found.Digest)
		return err
	})
	return d, err
}

// PushBlob pushes size bytes, which must have the digest d: the registry refuses others.
// What is there already is not sent.
func (r *Repository) PushBlob(ctx context.Context, d plugin.Digest, size int64, content io.ReaderAt) error {
	if have, err := r.Blob(ctx, d); err != nil || have >= 0 {
		return err
	}
	return r.do(ctx, func(ctx context.Context) error {
		// A reader of its own for each attempt: the one before may still be read from.
		return r.remote.Blobs().Push(ctx, descriptor(ocispec.MediaTypeImageLayer, d, size), io.NopCloser(io.NewSectionReader(content, 0, size)))
	})
}

// PushManifest pushes a manifest, whose blobs must be there, and gives it a tag.
func (r *Repository) PushManifest(ctx context.Context, tag, mediaType string, d plugin.Digest, manifest []byte) error {
	return r.do(ctx, func(ctx context.Context) error {
		return r.remote.Manifests().PushReference(ctx, descriptor(mediaType, d, int64(len(manifest))), bytes.NewReader(manifest), tag)
	})
}

func descriptor(mediaType string, d plugin.Digest, size int64) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: godigest.Digest(d), Size: size}
}

// do asks the registry, and again what may be mended by that. That something is not
// there is no error.
func (r *Repository) do(ctx context.Context, ask func(context.Context) error) error {
	scope := auth.ScopeRepository(r.target.oci.Repository, auth.ActionPull, auth.ActionPush)
	ctx = auth.WithScopesForHost(ctx, r.target.url.Host, scope)
	err := r.client.retry(ctx, r.target, func(ctx context.Context) (int64, error) {
		err := ask(ctx)
		if err == nil || errors.Is(err, errdef.ErrNotFound) {
			return 0, nil
		}
		return 0, r.client.loginError(ctx, r.target, r.status(plain(err)))
	})
	if err != nil {
		return r.client.explain(r.target, err)
	}
	return nil
}

// status makes what the library tells of an answer one of our errors, without the words
// of the registry.
func (r *Repository) status(err error) error {
	var answer *errcode.ErrorResponse
	if !errors.As(err, &answer) {
		return err
	}
	status := &StatusError{URL: r.target.canonical, Code: answer.StatusCode, Host: r.target.url.Host}
	if len(answer.Errors) > 0 {
		status.Reason = said(answer.Errors[0].Code)
	}
	return status
}

// pushTransport sends what is asked of a registry, and of its token service, as
// [registryTransport] does.
type pushTransport struct {
	client *Client
	target *target
}

func (p pushTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	asked := *p.target
	asked.url = req.URL
	if req.URL.Host != p.target.url.Host || req.URL.Scheme != p.target.url.Scheme {
		return registryTransport{p.client, p.target}.RoundTrip(req)
	}
	return registryTransport{p.client, &asked}.RoundTrip(req)
}
