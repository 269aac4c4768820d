package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// place is what is asked of a registry.
type place struct {
	plugin.OCIRef        // whose repository it is
	what          string // "blobs/sha256:…", "manifests/1.2.3", "tags/list"
}

var (
	errNoBlob    = errors.New("it is a repository, not a package in one: that has a digest")
	errStaticOCI = fmt.Errorf("%w: a folder, or a web server, in the place of a registry has packages alone", fs.ErrNotExist)
)

// BlobAddress is the address of the package that has digest want: a manifest names it,
// and the registry has it by its own digest.
func BlobAddress(address string, want plugin.Digest) string {
	ref, err := plugin.ParseOCI(address)
	if err != nil || ref.Digest == "" || want.Algorithm() != plugin.SHA256 {
		return address
	}
	ref.Digest, ref.File = want, ""
	return ref.String()
}

// setOCI takes the address of a blob, or of a repository in which something is asked for.
func (t *target) setOCI(address string) error {
	ref, err := plugin.ParseOCI(address)
	if err != nil {
		return err
	}
	if ref.Digest == "" {
		return t.ask(ref, "")
	}
	return t.ask(ref, "blobs/"+string(ref.Digest))
}

// ask makes t what is asked of a registry.
func (t *target) ask(ref plugin.OCIRef, what string) error {
	host := ref.Host
	if host == dockerHub {
		host = dockerHubRegistry
	}
	scheme := "https"
	if IsLoopback(host) {
		scheme = "http"
	}
	u, err := url.Parse(scheme + "://" + host + "/v2/" + ref.Repository + "/" + what)
	if err != nil {
		return errors.New("it is not a valid address")
	}
	t.url, t.oci = u, &place{OCIRef: ref, what: what}
	return nil
}

// staticPath is where a folder or a web server has what stands behind an oci:// prefix:
// repositories laid out as the standard lays out one (oci-layout). A file name cannot
// hold a ":" everywhere.
func staticPath(rest string) string {
	repository, digest, ok := strings.Cut(rest, "@"+plugin.SHA256+":")
	if !ok {
		return rest
	}
	return strings.TrimSuffix(repository, "/") + "/blobs/" + plugin.SHA256 + "/" + digest
}

// inRepository asks the registry of a repository for a small document, of at most max
// bytes, wherever mirrors say that is. Messages call it shown.
func (c *Client) inRepository(
	ctx context.Context, repository, shown, what string, header http.Header, max int64, take func(where string, data []byte, got http.Header) error,
) error {
	return c.anywhere(ctx, repository, "", func(t *target) error {
		if t.oci == nil {
			return errStaticOCI
		}
		asked := *t
		asked.canonical = shown
		if err := asked.ask(t.oci.OCIRef, what); err != nil {
			return err
		}
		var data []byte
		var got http.Header
		err := c.retry(ctx, &asked, func(ctx context.Context) (_ int64, err error) {
			data, got, err = c.answer(ctx, &asked, header, max)
			return 0, err
		})
		if err != nil {
			return err
		}
		return take(asked.where(), data, got)
	})
}

func (c *Client) answer(ctx context.Context, t *target, header http.Header, max int64) ([]byte, http.Header, error) {
	resp, err := c.get(ctx, t, header)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, t.status(resp)
	}
	data, err := readAll(resp.Body, max)
	return data, resp.Header, err
}

// manifestTypes are what we ask for. What a registry answers is judged by what it says
// itself, not by its type.
const manifestTypes = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, " +
	"application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json"

// Manifest reads the manifest or index that a tag or a digest of a repository names, and
// gives its digest. One that is not that of the digest asked for, or of the one that the
// registry names, is a [*plugin.DigestError].
func (c *Client) Manifest(ctx context.Context, repository, reference string, max int64) (data []byte, digest plugin.Digest, err error) {
	asked, err := plugin.ParseDigest(reference)
	byDigest := err == nil
	shown := plugin.RedactURL(repository) + ":" + reference
	if byDigest {
		shown = plugin.RedactURL(repository) + "@" + reference
	}
	err = c.inRepository(ctx, repository, shown, "manifests/"+reference, http.Header{"Accept": {manifestTypes}}, max,
		func(where string, body []byte, got http.Header) error {
			want := asked
			if !byDigest {
				want, _ = plugin.ParseDigest(got.Get("Docker-Content-Digest")) // not all say it
			}
			sum := sha256.Sum256(body)
			data, digest = body, plugin.NewDigest(plugin.SHA256, sum[:])
			switch {
			case want == "" && !LooksLikeHTML(body), want == digest:
				return nil
			case LooksLikeHTML(body):
				return &plugin.PageError{Where: where, Want: want}
			}
			return &plugin.DigestError{Where: where, Want: want, Got: digest}
		})
	return data, digest, err
}

const (
	tagsAPage = 1000 // some registries refuse more
	maxTags   = 100_000
	maxPages  = 200
)

// Tags are all tags of a repository. A page of them may be at most max bytes long.
func (c *Client) Tags(ctx context.Context, repository string, max int64) ([]string, error) {
	var all []string
	query := fmt.Sprintf("n=%d", tagsAPage)
	for page := 1; query != ""; page++ {
		var next string
		err := c.inRepository(ctx, repository, plugin.RedactURL(repository), "tags/list?"+query, http.Header{}, max,
			func(where string, body []byte, got http.Header) error {
				if LooksLikeHTML(body) {
					return errors.New("an HTML page came where its tags were asked for: is it a registry?")
				}
				var page struct {
					Tags []string `json:"tags"`
				}
				next = nextPage(got)
				err := plugin.DecodeJSON(body, &page)
				all = append(all, page.Tags...)
				return err
			})
		if err != nil {
			return nil, err
		}
		if next != "" && (len(all) > maxTags || page == maxPages || next == query) {
			return nil, fmt.Errorf("%s: its list of tags does not end: %d came in %d parts, and more were to follow", plugin.RedactURL(repository), len(all), page)
		}
		query = next
	}
	return all, nil
}

// nextPage is the query of the page after an answer; "" where it is the last. Of the
// address that a registry gives, nothing else counts: it leads nowhere else.
func nextPage(header http.Header) string {
	for _, link := range header.Values("Link") {
		address, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(link), "<"), ">")
		if !ok || !strings.Contains(strings.ReplaceAll(rest, `"`, ""), "rel=next") {
			continue
		}
		if u, err := url.Parse(address); err == nil {
			return u.RawQuery
		}
	}
	return ""
}

// said are the codes by which a registry says why not, in words. Its own words are
// nobody's to print.
// Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
func said(code string) string {
	switch code {
	case "BLOB_UNKNOWN", "BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
		"MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED",
		"DENIED", "UNSUPPORTED", "TOOMANYREQUESTS":
		return strings.ToLower(strings.ReplaceAll(code, "_", " "))
	}
	return ""
}

const maxReason = 64 << 10

// reason reads why a registry says no.
func reason(r io.Reader) string {
	data, err := readAll(r, maxReason)
	var body struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	if err != nil || json.NewDecoder(bytes.NewReader(data)).Decode(&body) != nil || len(body.Errors) == 0 {
		return ""
	}
	return said(body.Errors[0].Code)
}
