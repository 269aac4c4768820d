package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
)

// download is a file of a release, in all documents of the protocol.
type download struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`

	by string // the document that says so, see listing.document
}

// manifestDocument is plugins/<name>/manifest.json: the newest version.
type manifestDocument struct {
	Name         string              `json:"name"`
	Version      plugin.Version      `json:"version"`
	Type         string              `json:"type"`
	Source       string              `json:"source"`
	Repository   string              `json:"repository"`
	MinEngine    plugin.Version      `json:"minEngineVersion"`
	Dependencies []plugin.Dependency `json:"dependencies"`
	Downloads    []download          `json:"downloads"`
}

// versionsDocument is plugins/<name>/versions.json.
type versionsDocument struct {
	Versions []struct {
		Version      plugin.Version      `json:"version"`
		Released     string              `json:"released"`
		MinEngine    plugin.Version      `json:"minEngineVersion"`
		Dependencies []plugin.Dependency `json:"dependencies"`
		Downloads    []download          `json:"downloads"`
	} `json:"versions"`
}

// compatibilityDocument is compatibility/<name>/index.json.
type compatibilityDocument struct {
	Versions []struct {
		Version       plugin.Version `json:"version"`
		MinEngine     plugin.Version `json:"minEngineVersion"`
		Downloads     []download     `json:"downloads"`
		Compatibility []struct {
			Engine plugin.Version `json:"engineVersion"`
			Status string         `json:"status"`
			OS     string         `json:"os"`
			Arch   string         `json:"arch"`
		} `json:"compatibility"`
	} `json:"versions"`
}

// documents are all that a registry says of one plugin.
type documents struct {
	raw           []byte // manifest.json
	manifest      manifestDocument
	versions      versionsDocument
	compatibility compatibilityDocument
}

// load reads the three documents; the last two may be missing.
func (r *registry) load(ctx context.Context) (*documents, error) {
	var d documents
	g, loading := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		d.raw, err = r.document(loading, "plugins/"+r.plugin+"/manifest.json", &d.manifest)
		return err
	})
	g.Go(func() error {
		_, err := r.document(loading, "plugins/"+r.plugin+"/versions.json", &d.versions)
		return ignoreMissing(err)
	})
	g.Go(func() error {
		_, err := r.document(loading, "compatibility/"+r.plugin+"/index.json", &d.compatibility)
		return ignoreMissing(err)
	})
	err := g.Wait()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, r.unknownPlugin(ctx, err)
	}
	return &d, err
}

// documentOf is the address of the document that tells the digest of a download, or of
// the download itself where none does.
func (r *registry) documentOf(dl download) string {
	if dl.by == compatibilityIndex {
		return r.base + "/compatibility/" + r.plugin + "/index.json"
	}
	return r.base + "/plugins/" + r.plugin + "/" + dl.by
}

// ignoreMissing takes 403 for missing, too: that is what S3 answers for what is not
// there where nobody may list the bucket. The manifest, which must be there, tells
// whether a token is wanted.
func ignoreMissing(err error) error {
	var status *access.StatusError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &status) && status.Code == http.StatusForbidden {
		return nil
	}
	return err
}

// DocumentError says that a document of a registry, or of another publisher, cannot be
// used.
type DocumentError struct {
	Of  string // whose it is; "": "the registry"
	URL string
	Err error
}

func (e *DocumentError) Error() string {
	return fmt.Sprintf("%s's document %s cannot be used: %s", cmp.Or(e.Of, "the registry"), plugin.RedactURL(e.URL), e.Err)
}

func (e *DocumentError) Unwrap() error { return e.Err }

func (r *registry) document(ctx context.Context, path string, into any) ([]byte, error) {
	at := r.base + "/" + path
	data, err := r.set.Documents.Document(ctx, at, r.limit)
	if errors.Is(err, plugin.ErrRefused) {
		// No package was refused, which is what the identity of err would say. Documents
		// are refused for their size alone.
		return nil, &DocumentError{URL: at, Err: errors.New(err.Error() + "; " + plugin.RaiseSize("document", r.limit))}
	}
	if err != nil {
		return nil, err
	}
	if err := plugin.DecodeJSON(data, into); err != nil {
		if access.LooksLikeHTML(data) {
			err = errors.New("it is an HTML page, not JSON (is the registry's url right?)")
		}
		return nil, &DocumentError{URL: at, Err: err}
	}
	return data, nil
}

// parseTime reads when a version was released; a date that cannot be read is not
// known.
func parseTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
