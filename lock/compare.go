package lock

import (
	"net/url"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// The actions of a [Difference], besides [Add], [Update] and [Remove].
const (
	Upgrade   = "upgrade"
	Downgrade = "downgrade"
	// Repin is the same version with other bytes. A published version never changes by
	// right: a reviewer must see it.
	Repin = "repin"
)

// Difference is how one plugin differs between two locks, fact by fact.
type Difference struct {
	Name     plugin.Name    `json:"name"`
	Action   string         `json:"action"`
	From     plugin.Version `json:"from,omitzero"`
	To       plugin.Version `json:"to,omitzero"`
	Step     string         `json:"step,omitempty"` // "major", "minor", "patch", "prerelease" or "build", where the version changed
	Source   string         `json:"source"`         // as it may be shown; of a removed plugin, the old one
	Facts    []Fact         `json:"facts"`          // beside the version; in the order of the lock file
	Packages int            `json:"packages"`       // how many it is locked with now
}

// The kinds of a [Fact] that name no attribute of the lock.
const (
	FactDigest          = "digest"           // the same version of a package has other bytes
	FactContents        = "contents"         // a local folder has other contents, as its owner likes
	FactAddress         = "address"          // the same version of a package lies elsewhere
	FactHost            = "host"             // its packages come from other hosts
	FactPlatformAdded   = "platform_added"   // it has a package for one platform more …
	FactPlatformRemoved = "platform_removed" // … or less
)

// Fact is one thing that differs; "" is none. What is called after an attribute of the
// lock is about that.
type Fact struct {
	What     string `json:"what"`
	Platform string `json:"platform,omitempty"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
}

// Compare lists the plugins that differ between two locks, sorted by name. What it
// tells may be shown: addresses are without what they hide.
func Compare(a, b *File) []Difference {
	differences := []Difference{}
	for _, c := range Diff(a, b) {
		before, _ := a.Plugin(c.Name)
		after, _ := b.Plugin(c.Name)
		d := Difference{Name: c.Name, Action: c.Action, From: c.From, To: c.To, Facts: []Fact{}, Packages: len(after.Packages)}
		switch c.Action {
		case Keep:
			continue
		case Add:
			d.Source = plugin.Redact(after.Source)
			d.because("required_by", "", names(after.RequiredBy))
		case Remove:
			d.Source = plugin.Redact(before.Source)
		default:
			d.Source = plugin.Redact(after.Source)
			d.compare(before, after)
		}
		differences = append(differences, d)
	}
	return differences
}

// Summary counts how two locks differ.
type Summary struct {
	Add       int `json:"add"`
	Upgrade   int `json:"upgrade"`
	Downgrade int `json:"downgrade"`
	Repin     int `json:"repin"`
	Change    int `json:"change"` // neither version nor bytes
	Remove    int `json:"remove"`
	Keep      int `json:"keep"`
}

// Summarize counts the differences from another lock to b.
func Summarize(differences []Difference, b *File) Summary {
	var s Summary
	for _, d := range differences {
		switch d.Action {
		case Add:
			s.Add++
		case Upgrade:
			s.Upgrade++
		case Downgrade:
			s.Downgrade++
		case Repin:
			s.Repin++
		case Remove:
			s.Remove++
		default:
			s.Change++
		}
	}
	s.Keep = len(b.Plugins) - len(differences) + s.Remove
	return s
}

func (d *Difference) compare(before, after Plugin) {
	d.because("constraints", before.Constraints, after.Constraints)
	d.because("source", before.Source, after.Source)
	d.because("manifest_name", before.ManifestName, after.ManifestName)
	d.because("required_by", names(before.RequiredBy), names(after.RequiredBy))
	d.because("resolved", before.Resolved, after.Resolved)
	d.because("binary", before.Binary, after.Binary)
	d.because("force_compat", yes(before.ForceCompat), yes(after.ForceCompat))
	d.because("min_host", before.MinHost.String(), after.MinHost.String())
	if same := before.Version.Equal(after.Version); same || (before.Manifest == "") != (after.Manifest == "") {
		d.because("manifest", before.Manifest, after.Manifest) // of another version, it is another one anyway
	}
	d.because("signed_by", before.SignedBy, after.SignedBy)
	d.because(FactHost, hosts(before), hosts(after))
	d.comparePackages(before, after)
	switch c := before.Version.Compare(after.Version); {
	case c < 0:
		d.Action, d.Step = Upgrade, before.Version.Step(after.Version)
	case c > 0:
		d.Action, d.Step = Downgrade, before.Version.Step(after.Version)
	case slices.ContainsFunc(d.Facts, func(f Fact) bool { return f.What == FactDigest }):
		d.Action = Repin
	}
}

// comparePackages compares package for package. Those of two versions differ by right.
func (d *Difference) comparePackages(before, after Plugin) {
	for _, old := range before.Packages {
		i := slices.IndexFunc(after.Packages, func(pkg plugin.Package) bool { return pkg.Platform == old.Platform })
		if i < 0 {
			d.Facts = append(d.Facts, Fact{What: FactPlatformRemoved, Platform: old.Platform.String()})
			continue
		}
		now := after.Packages[i]
		if !before.Version.Equal(after.Version) {
			continue
		}
		if old.Digest != now.Digest {
			what := FactDigest
			if old.Digest.Algorithm() == plugin.TreeSHA256 && now.Digest.Algorithm() == plugin.TreeSHA256 {
				what = FactContents
			}
			d.Facts = append(d.Facts, Fact{What: what, Platform: old.Platform.String(), From: string(old.Digest), To: string(now.Digest)})
		}
		if old.Location() != now.Location() {
			d.Facts = append(d.Facts, Fact{What: FactAddress, Platform: old.Platform.String(), From: old.Shown(), To: now.Shown()})
		}
	}
	for _, now := range after.Packages {
		if !slices.Contains(before.Platforms(), now.Platform) {
			d.Facts = append(d.Facts, Fact{What: FactPlatformAdded, Platform: now.Platform.String()})
		}
	}
}

// because adds a fact, where there is one.
func (d *Difference) because(what, from, to string) {
	if from != to {
		d.Facts = append(d.Facts, Fact{What: what, From: plugin.Redact(from), To: plugin.Redact(to)})
	}
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func names(all []plugin.Name) string {
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

// hosts are those that a plugin's packages come from; "" where they lie on this machine.
func hosts(p Plugin) string {
	var all []string
	for _, pkg := range p.Packages {
		if u, err := url.Parse(pkg.URL); err == nil && u.Host != "" && !slices.Contains(all, u.Host) {
			all = append(all, u.Host)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
