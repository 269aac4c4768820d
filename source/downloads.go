package source

import (
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// compatibilityIndex is what messages call that document: its file is an index.json as
// others are.
const compatibilityIndex = "the compatibility index"

// listing is what one document says of a version.
type listing struct {
	document  string
	downloads []download
}

// listings are those of the documents that tell of v, which may list no downloads.
func (d *documents) listings(v plugin.Version) []listing {
	var lists []listing
	if d.manifest.Version.Equal(v) {
		lists = append(lists, listing{"manifest.json", d.manifest.Downloads})
	}
	for _, e := range d.versions.Versions {
		if e.Version.Equal(v) {
			lists = append(lists, listing{"versions.json", e.Downloads})
		}
	}
	for _, e := range d.compatibility.Versions {
		if e.Version.Equal(v) {
			lists = append(lists, listing{compatibilityIndex, e.Downloads})
		}
	}
	return lists
}

func (d *documents) lists(v plugin.Version) bool { return len(d.listings(v)) > 0 }

// downloads are those of v, each once. The first document that lists any decides; a
// digest that it leaves out for an address may stand in another. That two say
// different ones is a [*DisagreementError].
func (d *documents) downloads(v plugin.Version) ([]download, error) {
	lists := slices.DeleteFunc(d.listings(v), func(l listing) bool { return len(l.downloads) == 0 })
	if len(lists) == 0 {
		return nil, nil
	}
	type said struct{ sum, document string }
	sums := map[string]said{}
	for _, l := range lists {
		for _, dl := range l.downloads {
			before, known := sums[dl.URL]
			now := said{normalSum(dl.SHA256), l.document}
			switch {
			case !known:
				sums[dl.URL] = now
			case now.sum == "" || now.sum == before.sum:
			case before.sum == "":
				sums[dl.URL] = now
			default:
				return nil, &DisagreementError{
					URL: plugin.Redact(dl.URL), Documents: [2]string{before.document, now.document},
					Digests: [2]plugin.Digest{digestOf(before.sum), digestOf(now.sum)},
				}
			}
		}
	}
	var out []download
	for _, dl := range lists[0].downloads {
		dl.SHA256, dl.by = sums[dl.URL].sum, sums[dl.URL].document
		if !slices.Contains(out, dl) {
			out = append(out, dl)
		}
	}
	return out, nil
}

// normalSum is a checksum as it is compared: publishers write it in either case, with
// or without its algorithm.
func normalSum(s string) string {
	return strings.TrimPrefix(strings.ToLower(s), plugin.SHA256+":")
}

func digestOf(sum string) plugin.Digest { return plugin.Digest(plugin.SHA256 + ":" + sum) }
