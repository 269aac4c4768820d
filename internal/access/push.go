package access

import (
	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/trust"
)

// Pusher writes to a repository of an OCI registry.
type Pusher = fetch.Pusher

// Pusher is for the repository at an address like "oci://HOST/REPOSITORY", if the policy
// allows its host.
func (a *Access) Pusher(repository string) (*Pusher, error) {
	if err := trust.AllowURL(a.policy, repository); err != nil {
		return nil, err
	}
	return a.client.Pusher(repository)
}
