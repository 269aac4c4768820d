package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	errStaticOCI = errors.New("a folder or a web server in the place of a registry has packages, and no list of what there is")
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

// setOCI takes the address of a blob.
func (t *target) setOCI(address string) error {
	ref, err := plugin.ParseOCI(address)
	if err != nil {
		return err
	}
	if ref.Digest == "" {
		return errNoBlob
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

// inRepository is where something of a repository is asked for, mirrors applied; shown is
// what it is called.
func (c *Client) inRepository(repository, shown, what string) (*target, error) {
	t := &target{canonical: shown}
	address := repository
	if m, rest, ok := c.mirror(repository); ok {
		if isLocal(m.URL) {
			t.mirror = plugin.RedactURL(m.URL)
			return nil, fmt.Errorf("%s: %w", t.where(), errStaticOCI)
		}
		address = join(m, rest)
		t.mirror = plugin.RedactURL(address)
	}
	if !plugin.IsOCI(address) {
		return nil, fmt.Errorf("%s: %w", t.where(), errStaticOCI)
	}
	ref, err := plugin.ParseOCI(address)
	if err == nil {
		err = t.ask(ref, what)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.where(), err)
	}
	if c.offline {
		return nil, &OfflineError{URL: t.canonical, Mirror: t.mirror}
	}
	return t, nil
}

// answer asks a registry for a small document, of at most max bytes.
func (c *Client) answer(ctx context.Context, t *target, header http.Header, max int64) (data []byte, got http.Header, err error) {
	err = c.retry(ctx, func(ctx context.Context) (int64, error) {
		resp, err := c.get(ctx, t, header)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		got = resp.Header
		if resp.StatusCode != http.StatusOK {
			return 0, t.status(resp)
		}
		data, err = readAll(resp.Body, max)
		return 0, err
	})
	if err != nil {
		return nil, nil, c.explain(t, err)
	}
	return data, got, nil
}

// manifestTypes are what we ask for. What a registry answers is judged by what it says
// itself, not by its type.
const manifestTypes = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, " +
	"application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json"

// Manifest reads the manifest or index that a tag or a digest of a repository names, and
// gives its digest. One that is not that of the digest asked for, or of the one that the
// registry names, is a [*plugin.DigestError].
func (c *Client) Manifest(ctx context.Context, repository, reference string, max int64) ([]byte, plugin.Digest, error) {
	want, byDigest := plugin.ParseDigest(reference)
	shown := plugin.RedactURL(repository) + ":" + reference
	if byDigest == nil {
		shown = plugin.RedactURL(repository) + "@" + reference
	}
	t, err := c.inRepository(repository, shown, "manifests/"+url.PathEscape(reference))
	if err != nil {
		return nil, "", err
	}
	data, header, err := c.answer(ctx, t, http.Header{"Accept": {manifestTypes}}, max)
	if err != nil {
		return nil, "", err
	}
	if byDigest != nil {
		if want, err = plugin.ParseDigest(header.Get("Docker-Content-Digest")); err != nil {
			want = ""
		}
	}
	sum := sha256.Sum256(data)
	got := plugin.NewDigest(plugin.SHA256, sum[:])
	switch {
	case want == "" || want == got:
		return data, got, nil
	case LooksLikeHTML(data):
		return nil, "", &plugin.PageError{Where: t.where(), Want: want}
	}
	return nil, "", &plugin.DigestError{Where: t.where(), Want: want, Got: got}
}

const (
	tagsAPage = 1000 // some registries refuse more
	maxTags   = 100_000
)

// Tags are all tags of a repository. A page of them may be at most max bytes long.
func (c *Client) Tags(ctx context.Context, repository string, max int64) ([]string, error) {
	t, err := c.inRepository(repository, plugin.RedactURL(repository), "tags/list")
	if err != nil {
		return nil, err
	}
	var all []string
	for query := fmt.Sprintf("n=%d", tagsAPage); query != ""; {
		t.url.RawQuery = query
		data, header, err := c.answer(ctx, t, http.Header{}, max)
		if err != nil {
			return nil, err
		}
		var page struct {
			Tags []string `json:"tags"`
		}
		if err := json.Unmarshal(data, &page); err != nil {
			if LooksLikeHTML(data) {
				err = errors.New("an HTML page came where its tags were asked for: is it a registry?")
			}
			return nil, fmt.Errorf("%s: %w", t.where(), err)
		}
		all = append(all, page.Tags...)
		next := nextPage(header)
		if len(all) > maxTags || next == query {
			return nil, fmt.Errorf("%s: its list of tags has no end: there are more than %d", t.where(), len(all)-1)
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
