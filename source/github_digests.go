package source

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// findDigests fills in the digests of the packages: those that the API tells, else those
// of lists of checksums in the release, which are read only if one is missing.
func (g *gitHub) findDigests(ctx context.Context, rel *Release, r github.Release, assets []github.Asset) error {
	byURL := map[string]github.Asset{}
	for _, a := range assets {
		byURL[a.URL] = a
	}
	said := &saidDigests{by: rel.DigestsBy, digests: map[string]plugin.Digest{}}
	api := g.repo.ReleaseURL(r.Tag)
	missing := false
	for _, pkg := range slices.Concat(rel.Packages, rel.Others) {
		digest, err := digestOfAPI(byURL[pkg.URL])
		if err != nil && pkg.Platform != (plugin.Platform{}) {
			return &AnswerError{URL: api, Err: err}
		}
		if err == nil && digest != "" {
			said.digests[pkg.URL], said.by[pkg.URL] = digest, api
		}
		missing = missing || digest == "" && pkg.Platform != (plugin.Platform{})
	}
	if missing {
		if err := g.readChecksums(ctx, said, rel.Packages, rel.Others, assets); err != nil {
			return err
		}
	}
	for _, pkgs := range [][]plugin.Package{rel.Packages, rel.Others} {
		for i := range pkgs {
			pkgs[i].Digest = said.digests[pkgs[i].URL]
		}
	}
	return nil
}

// theRelease is whose documents lists of checksums are.
const theRelease = "the release"

// saidDigests are what is published of the digests of files, and by whom, by address.
type saidDigests struct {
	digests map[string]plugin.Digest
	by      map[string]string
}

// note adds what the document by says of a package; that it says something else than
// another one is a [*DisagreementError].
func (s *saidDigests) note(url string, digest plugin.Digest, by string) error {
	before := s.digests[url]
	switch {
	case digest == "" || digest == before:
		return nil
	case before != "":
		return &DisagreementError{
			Of: theRelease, URL: plugin.RedactURL(url), Documents: [2]string{plugin.RedactURL(s.by[url]), plugin.RedactURL(by)},
			Digests: [2]plugin.Digest{before, digest},
		}
	}
	s.digests[url], s.by[url] = digest, by
	return nil
}

// readChecksums reads the release's lists of checksums and, for packages that these do not
// name, the files beside them.
func (g *gitHub) readChecksums(ctx context.Context, said *saidDigests, pkgs, others []plugin.Package, assets []github.Asset) error {
	names := map[string]string{} // of files, by address
	urls := map[string]string{}  // and back, in lower case
	for _, a := range assets {
		names[a.URL], urls[strings.ToLower(a.Name)] = a.Name, a.URL
	}
	for _, a := range assets {
		if !isChecksumList(a.Name) {
			continue
		}
		list, err := g.checksums(ctx, a.URL)
		if err != nil {
			return err
		}
		for _, pkg := range slices.Concat(pkgs, others) {
			if err := said.note(pkg.URL, trust.Checksum(list, names[pkg.URL]), a.URL); err != nil {
				return err
			}
		}
	}
	for _, pkg := range pkgs {
		for _, ending := range []string{".sha256", ".sha256sum"} {
			at, ok := urls[strings.ToLower(names[pkg.URL]+ending)]
			if !ok || said.digests[pkg.URL] != "" {
				continue
			}
			list, err := g.checksums(ctx, at)
			if err != nil {
				return err
			}
			if err := said.note(pkg.URL, trust.ChecksumBeside(list, names[pkg.URL]), at); err != nil {
				return err
			}
		}
	}
	return nil
}

// isChecksumList reports whether a file lists the digests of others: checksums.txt,
// SHA256SUMS, tool_1.2.0_checksums.txt, sha256sums.txt, SHASUMS256.txt, sha256.sum.
func isChecksumList(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".txt")
	for _, word := range []string{"checksums", "checksums-sha256", "checksums_sha256", "sha256sums", "sha256sum", "shasums256", "sha256.sum", "checksum"} {
		before, ok := strings.CutSuffix(name, word)
		if ok && (before == "" || strings.HasSuffix(before, "_") || strings.HasSuffix(before, "-")) {
			return true
		}
	}
	return false
}

// checksums reads a list, which is nothing where it is gone.
func (g *gitHub) checksums(ctx context.Context, url string) ([]byte, error) {
	list, err := g.set.Documents.Document(ctx, url, g.limit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, plugin.ErrRefused):
		// No package was refused, which is what the identity of err would say.
		return nil, &DocumentError{Of: theRelease, URL: url, Err: errors.New(err.Error() + "; " + plugin.RaiseSize("document", g.limit))}
	case err != nil:
		return nil, err
	case access.LooksLikeHTML(list):
		return nil, &DocumentError{Of: theRelease, URL: url, Err: errors.New("it is an HTML page, not a list of checksums")}
	}
	return list, nil
}
