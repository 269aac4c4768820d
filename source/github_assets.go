package source

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/plugins-hcl/plugins/internal/asset"
	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/plugin"
)

// assets are the files of a release that are there as a whole, sorted by name, if all of
// them are what files of a release can be.
func (g *gitHub) assets(r github.Release) ([]github.Asset, error) {
	var assets []github.Asset
	for _, a := range r.Assets {
		if !a.Uploaded() {
			continue
		}
		if err := g.checkAsset(a); err != nil {
			return nil, &AnswerError{URL: g.repo.ReleaseURL(r.Tag), Err: err}
		}
		a.URL = mustCanonical(a.URL)
		assets = append(assets, a)
	}
	slices.SortFunc(assets, func(a, b github.Asset) int { return strings.Compare(a.Name, b.Name) })
	return assets, nil
}

// checkAsset says what is wrong with a file: its name becomes that of an address, and
// its address goes into the lock.
func (g *gitHub) checkAsset(a github.Asset) error {
	if a.Name == "" || a.Name == "." || a.Name == ".." || strings.ContainsAny(a.Name, `/\`) || strings.ContainsFunc(a.Name, unicode.IsControl) {
		return fmt.Errorf("%q is no name of a file", a.Name)
	}
	u, err := url.Parse(a.URL)
	if err != nil || u.User != nil {
		return fmt.Errorf("the address of %q is none", a.Name)
	}
	plain := u.Scheme == "http" && strings.HasPrefix(g.repo.Host.API(), "http://")
	if u.Scheme != "https" && !plain || !strings.EqualFold(u.Host, g.repo.Host.Host) {
		return fmt.Errorf("the address of %q is at another place than %s: %s", a.Name, g.repo.Host.Host, plugin.RedactURL(a.URL))
	}
	d, ok := github.ParseDownload([]plugin.GitHub{g.repo.Host}, a.URL)
	if !ok || d.Asset != a.Name {
		return fmt.Errorf("the address of %q is none of a file of a release: %s", a.Name, plugin.RedactURL(a.URL))
	}
	return nil
}

// mustCanonical is an address that was checked, as the lock can hold it.
func mustCanonical(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return canonical(address, u)
}

// packages are the files that are packages, and the others.
func (g *gitHub) packages(r versioned, assets []github.Asset) (pkgs, others []plugin.Package, err error) {
	byName := map[string]github.Asset{}
	for _, a := range assets {
		byName[a.Name] = a
	}
	names := slices.Sorted(maps.Keys(byName))
	chosen, pattern, err := g.choose(r, names)
	if err != nil {
		return nil, nil, err
	}
	taken := map[string]bool{}
	for _, p := range slices.SortedFunc(maps.Keys(chosen), plugin.ComparePlatforms) {
		for _, name := range chosen[p] {
			taken[name] = true
			pkgs = append(pkgs, plugin.Package{Platform: p, URL: byName[name].URL})
		}
	}
	for _, name := range names {
		if !taken[name] {
			others = append(others, plugin.Package{URL: byName[name].URL})
		}
	}
	if len(pkgs) == 0 {
		return nil, nil, &NoPackageError{Repository: g.repo.String(), Tag: r.Tag, Files: names, Asset: pattern}
	}
	return pkgs, others, nil
}

// choose tells the files for each platform: by their names or, where the configuration
// names an asset, by that.
func (g *gitHub) choose(r versioned, files []string) (chosen map[plugin.Platform][]string, pattern string, err error) {
	likes := g.likes(r.Tag)
	all := asset.Choose(files, r.version.String(), likes).Packages
	if g.r.Asset.IsZero() {
		return all, "", nil
	}
	platforms := g.set.platforms(plugin.Requirement{Platforms: g.r.Platforms, Source: plugin.SourceSpec{PerPlatform: true}})
	for _, p := range slices.SortedFunc(maps.Keys(all), plugin.ComparePlatforms) {
		if p != plugin.AnyPlatform && !slices.Contains(platforms, p) {
			platforms = append(platforms, p)
		}
	}
	if len(platforms) == 0 { // then a file may be for any, if what it is called is the same for all
		platforms = []plugin.Platform{plugin.AnyPlatform}
	}
	chosen = map[plugin.Platform][]string{}
	for _, p := range platforms {
		wanted, err := g.r.Asset.Pattern(r.version, p)
		if err != nil {
			return nil, "", err
		}
		pattern = cmp.Or(pattern, wanted)
		if meant := matching(wanted, files); len(meant) > 0 {
			chosen[p] = among(meant, p, r.version, likes)
		}
	}
	return chosen, pattern, nil
}

func matching(pattern string, files []string) []string {
	var out []string
	for _, f := range files {
		if ok, err := path.Match(pattern, f); ok && err == nil {
			out = append(out, f)
		}
	}
	return out
}

// among are those of the files that an asset names which are for p by their own names,
// else all of them: the configuration knows better.
func among(files []string, p plugin.Platform, v plugin.Version, likes []string) []string {
	if len(files) == 1 {
		return files
	}
	if best := asset.Choose(files, v.String(), likes).Packages[p]; best != nil {
		return best
	}
	return files
}

// likes are the names that the program may have in its files' names.
func (g *gitHub) likes(tag string) []string {
	var likes []string
	for _, name := range slices.Concat([]string{string(g.r.Name)}, g.names(tag)) {
		for _, n := range []string{name, plugin.LongName(name), plugin.ShortName(name)} {
			if n != "" && !slices.Contains(likes, n) {
				likes = append(likes, n)
			}
		}
	}
	return likes
}

// digestOfAPI is what the API says of a file; "" where it says nothing.
func digestOfAPI(a github.Asset) (plugin.Digest, error) {
	if a.Digest == "" {
		return "", nil
	}
	algorithm, _, _ := strings.Cut(a.Digest, ":")
	if algorithm != plugin.SHA256 {
		return "", fmt.Errorf("the digest of %q is %.100q, and only one by sha256 can be checked", a.Name, a.Digest)
	}
	d, err := plugin.ParseDigest(a.Digest)
	if err != nil {
		return "", errors.New("the digest of " + a.Name + " is none: " + err.Error())
	}
	return d, nil
}
