package access

import (
	"context"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/plugin"
)

// HelperError says that who asks a registry could not be found out.
type HelperError = fetch.HelperError

// OCITags are all tags of the repository of an OCI registry; a page of them may be at most
// max bytes long.
func (a *Access) OCITags(ctx context.Context, repository string, max int64) ([]string, error) {
	done, err := a.enter(ctx, repository)
	if err != nil {
		return nil, err
	}
	defer done()
	return a.client.Tags(ctx, repository, max)
}

// OCIManifest reads the manifest or index that a tag or a digest of a repository names, of
// at most max bytes, and gives its digest. Bytes of another digest than the one asked
// for are a [*plugin.DigestError].
func (a *Access) OCIManifest(ctx context.Context, repository, reference string, max int64) ([]byte, plugin.Digest, error) {
	done, err := a.enter(ctx, repository)
	if err != nil {
		return nil, "", err
	}
	defer done()
	return a.client.Manifest(ctx, repository, reference, max)
}
