package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/plugins-hcl/plugins/plugin"
)

// uploadIdle is how long a registry may take for what it is sent: how far it came with
// that is not seen.
const uploadIdle = 15 * time.Minute

// Pusher writes to a repository of an OCI registry. It may be used by several goroutines
// at once.
type Pusher struct {
	client *Client
	target *target
	repo   *remote.Repository
}

// Pusher is for the repository at an address like "oci://HOST/REPOSITORY".
func (c *Client) Pusher(repository string) (*Pusher, error) {
	ref, err := plugin.ParseOCI(repository)
	if err != nil {
		return nil, err
	}
	t := &target{canonical: plugin.RedactURL(repository)}
	if err := t.ask(ref, "push"); err != nil {
		return nil, err
	}
	if c.offline {
		return nil, &OfflineError{URL: t.canonical}
	}
	client := c.WithIdle(uploadIdle)
	p := &Pusher{client: client, target: t}
	p.repo = &remote.Repository{
		Reference: registry.Reference{Registry: t.url.Host, Repository: ref.Repository},
		PlainHTTP: t.url.Scheme == "http",
		Client: &auth.Client{
			Client: &http.Client{Transport: pushTransport{client, t}},
			Cache:  auth.NewCache(),
			// Who asks is told to this registry, and to the service that it names; not to where
			// it may want something sent.
			Credential: func(ctx context.Context, host string) (auth.Credential, error) {
				if host != t.url.Host {
					return auth.EmptyCredential, nil
				}
				return client.login(ctx, t).cred, nil
			},
			ClientID:             defaultUserAgent,
			BlockedRealmPrefixes: []netip.Prefix{}, // see getOCI
		},
	}
	return p, nil
}

// pushTransport sends the requests of one push, and those for its tokens.
type pushTransport struct {
	client *Client
	target *target
}

func (p pushTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && !IsLoopback(req.URL.Host) || IsLoopback(req.URL.Host) && !IsLoopback(p.target.url.Host) {
		return nil, errRealm
	}
	t := *p.target
	t.url = req.URL
	a := ask{method: req.Method, header: req.Header, length: req.ContentLength, judged: true, challenged: true}
	if req.Body != nil && req.Body != http.NoBody {
		a.body = once(req)
	}
	return p.client.follow(req.Context(), &t, a)
}

// Blob reports how long a blob is that the repository has; -1 if it has none of that
// digest.
func (p *Pusher) Blob(ctx context.Context, digest plugin.Digest) (size int64, err error) {
	return p.size(ctx, func(ctx context.Context) (ocispec.Descriptor, error) {
		return p.repo.Blobs().Resolve(ctx, string(digest))
	})
}

// Manifest reports what a tag or a digest names; "" if there is none.
func (p *Pusher) Manifest(ctx context.Context, reference string) (digest plugin.Digest, err error) {
	_, err = p.size(ctx, func(ctx context.Context) (ocispec.Descriptor, error) {
		d, err := p.repo.Manifests().Resolve(ctx, reference)
		digest = plugin.Digest(d.Digest)
		return d, err
	})
	return digest, err
}

func (p *Pusher) size(ctx context.Context, resolve func(context.Context) (ocispec.Descriptor, error)) (size int64, err error) {
	err = p.try(ctx, func(ctx context.Context) error {
		d, err := resolve(ctx)
		size = d.Size
		if errors.Is(err, errdef.ErrNotFound) {
			size, err = -1, nil
		}
		return err
	})
	return size, err
}

// PushBlob sends a blob, which open gives, anew for each attempt. That somebody else sends
// the same at the same moment, which some registries stumble over, is no harm: one of
// them comes through.
func (p *Pusher) PushBlob(ctx context.Context, d ocispec.Descriptor, open func() (io.ReadCloser, error)) error {
	return p.try(ctx, func(ctx context.Context) error {
		r, err := open()
		if err != nil {
			return err
		}
		defer r.Close()
		err = p.repo.Blobs().Push(ctx, d, r)
		var answer *errcode.ErrorResponse
		if !errors.As(err, &answer) || answer.StatusCode != http.StatusBadRequest {
			return err
		}
		if there, lookErr := p.repo.Blobs().Exists(ctx, d); lookErr == nil && there {
			return nil
		}
		return err
	})
}

// PushManifest sends a manifest or an index of that type, and has tag name it; "" for none.
func (p *Pusher) PushManifest(ctx context.Context, mediaType string, data []byte, tag string) (plugin.Digest, error) {
	d := content.NewDescriptorFromBytes(mediaType, data)
	if tag == "" {
		tag = d.Digest.String()
	}
	err := p.try(ctx, func(ctx context.Context) error {
		return p.repo.Manifests().PushReference(ctx, d, bytes.NewReader(data), tag)
	})
	return plugin.Digest(d.Digest), err
}

// try does something with the registry, again where that may help.
func (p *Pusher) try(ctx context.Context, do func(context.Context) error) error {
	err := p.client.retry(ctx, p.target, func(ctx context.Context) (int64, error) {
		err := plain(do(ctx))
		var answer *errcode.ErrorResponse
		if errors.As(err, &answer) {
			status := &StatusError{URL: p.target.canonical, Code: answer.StatusCode, Host: p.target.url.Host}
			if answer.URL != nil {
				status.Host = answer.URL.Host
			}
			if len(answer.Errors) > 0 {
				status.Reason = said(answer.Errors[0].Code)
			}
			err = status
		}
		if err != nil {
			err = p.client.loginError(ctx, p.target, err)
		}
		return 0, err
	})
	if err != nil {
		return p.client.explain(p.target, err)
	}
	return nil
}
