package scripttest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdGitHub starts a server that answers as GitHub does, and one for its storage, which
// is called NAME_STORE.
func cmdGitHub(ts *testscript.TestScript, args []string) error {
	fs := flag.NewFlagSet("github", flag.ContinueOnError)
	as := fs.String("as", "", "")
	ops, err := operands(fs, args, "NAME")
	if err != nil {
		return err
	}
	w, name := worldOf(ts), ops[0]
	if w.servers[name] != nil {
		return fmt.Errorf("%s runs already", name)
	}
	g := newGitHub()
	s := newServer("", false)
	s.answers(g)
	g.self, g.web = s.http.URL, s.http.URL
	if *as != "" {
		g.web = "https://" + *as
	}
	w.servers[name], w.servers[name+"_STORE"], w.gitHubs[name] = s, g.storage, g
	ts.Setenv(name+"_URL", s.http.URL)
	ts.Setenv(name+"_HOST", strings.TrimPrefix(s.http.URL, "http://"))
	return nil
}

func (w *world) gitHub(name string) (*gitHub, error) {
	if g := w.gitHubs[name]; g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("no GitHub is called %q", name)
}

// ghPublication is what cmdGHRelease is told.
type ghPublication struct {
	draft, prerelease, private, packages, noDigest bool
	name, version, published, digest, url, sums    string
	platforms                                      string
	many                                           int
	pkg                                            Package
}

func (p *ghPublication) flags(ts *testscript.TestScript) *flag.FlagSet {
	fs := flag.NewFlagSet("ghrelease", flag.ContinueOnError)
	packageFlags(fs, &p.pkg)
	fs.BoolVar(&p.draft, "draft", false, "")
	fs.BoolVar(&p.prerelease, "prerelease", false, "")
	fs.BoolVar(&p.private, "private", false, "")
	fs.BoolVar(&p.packages, "pkg", false, "")
	fs.BoolVar(&p.noDigest, "no-digest", false, "")
	fs.StringVar(&p.name, "name", "", "")
	fs.StringVar(&p.version, "version", "", "")
	fs.StringVar(&p.published, "published", "2024-01-02T03:04:05Z", "")
	fs.StringVar(&p.digest, "digest", "", "")
	fs.StringVar(&p.url, "url", "", "")
	fs.StringVar(&p.sums, "sums", "", "")
	fs.StringVar(&p.platforms, "platforms", ts.Getenv("PLATFORM")+","+ts.Getenv("OTHER_PLATFORM"), "")
	fs.IntVar(&p.many, "many", 0, "")
	return fs
}

// cmdGHRelease publishes a release, or more files of one, or other ones.
func cmdGHRelease(ts *testscript.TestScript, args []string) error {
	var p ghPublication
	fs := p.flags(ts)
	var ops []string
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return err
		}
		if args = fs.Args(); len(args) > 0 {
			ops, args = append(ops, args[0]), args[1:]
		}
	}
	if len(ops) < 3 {
		return errors.New("it takes NAME OWNER/REPO TAG [FILE or ASSET=FILE]…")
	}
	g, err := worldOf(ts).gitHub(ops[0])
	if err != nil {
		return err
	}
	tags := []string{ops[2]}
	if p.many > 0 {
		tags = nil
		for n := range p.many {
			tags = append(tags, fmt.Sprintf(ops[2], n))
		}
	}
	for _, tag := range tags {
		assets, err := p.assets(ts, ops[1], tag, ops[3:])
		if err != nil {
			return err
		}
		g.publish(p, ops[1], tag, assets)
	}
	return nil
}

// assets are the files that are named, and those that are made.
func (p *ghPublication) assets(ts *testscript.TestScript, repo, tag string, files []string) ([]*ghAsset, error) {
	var all []*ghAsset
	if p.packages {
		pkg := p.pkg
		_, last, _ := strings.Cut(repo, "/")
		pkg.Name = or(p.name, last)
		pkg.Version = or(p.version, strings.TrimLeft(tag, "abcdefghijklmnopqrstuvwxyz-_/@"))
		pkg.Format = or(pkg.Format, "tar.gz")
		for _, platform := range commaList(p.platforms) {
			name := fmt.Sprintf("%s_%s_%s.%s", pkg.Name, pkg.Version, strings.ReplaceAll(platform, "/", "_"), pkg.Format)
			at := filepath.Join(ts.MkAbs("ghpackages"), repo, strings.ReplaceAll(tag, "/", "_"), name)
			one := pkg
			one.Platform = platform
			if err := one.Write(at); err != nil {
				return nil, err
			}
			files = append(files, at)
		}
	}
	var sums strings.Builder
	for _, f := range files {
		name, file, ok := strings.Cut(f, "=")
		if !ok {
			name, file = filepath.Base(f), f
		}
		data, err := os.ReadFile(ts.MkAbs(file))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&sums, "%s  %s\n", hexDigest(data), name)
		a := &ghAsset{name: unescape(name), data: data, url: p.url}
		switch {
		case p.digest != "":
			a.digest = p.digest
		case !p.noDigest:
			a.digest = "sha256:" + hexDigest(data)
		}
		all = append(all, a)
	}
	if p.sums != "" {
		all = append(all, &ghAsset{name: p.sums, data: []byte(sums.String())})
	}
	return all, nil
}

// publish puts a release before all others, or more files into the one with that tag.
func (g *gitHub) publish(p ghPublication, repo, tag string, assets []*ghAsset) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repos[repo]
	if r == nil {
		r = &repository{}
		g.repos[repo] = r
	}
	r.private = r.private || p.private
	i := slices.IndexFunc(r.releases, func(rel *ghRelease) bool { return rel.tag == tag })
	if i < 0 {
		r.releases, i = slices.Insert(r.releases, 0, &ghRelease{tag: tag}), 0
	}
	rel := r.releases[i]
	rel.draft, rel.prerelease, rel.published = p.draft, p.prerelease, p.published
	for _, a := range assets {
		g.ids++
		a.id = g.ids
		rel.assets = append(slices.DeleteFunc(rel.assets, func(old *ghAsset) bool { return old.name == a.name }), a)
	}
}

// cmdGHDelete deletes a repository, a release or a file of one.
func cmdGHDelete(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 || len(args) > 4 {
		return errors.New("it takes NAME OWNER/REPO [TAG [ASSET]]")
	}
	g, err := worldOf(ts).gitHub(args[0])
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repos[args[1]]
	switch {
	case r == nil:
		return errors.New("there is no such repository")
	case len(args) == 2:
		delete(g.repos, args[1])
		return nil
	}
	i := slices.IndexFunc(r.releases, func(rel *ghRelease) bool { return rel.tag == args[2] })
	switch {
	case i < 0:
		return errors.New("there is no such release")
	case len(args) == 3:
		r.releases = slices.Delete(r.releases, i, i+1)
		return nil
	}
	rel := r.releases[i]
	before := len(rel.assets)
	rel.assets = slices.DeleteFunc(rel.assets, func(a *ghAsset) bool { return a.name == args[3] })
	if len(rel.assets) == before {
		return errors.New("it has no such file")
	}
	return nil
}

// cmdGHToken makes a token good, for these private repositories too.
func cmdGHToken(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("it takes NAME TOKEN [OWNER/REPO]…")
	}
	g, err := worldOf(ts).gitHub(args[0])
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[args[1]] = args[2:]
	return nil
}

// cmdGHLimit allows only so many requests more, until a while is over; "none" is no
// limit.
func cmdGHLimit(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "NAME N DURATION")
	if err != nil {
		return err
	}
	g, err := worldOf(ts).gitHub(ops[0])
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if ops[1] == "none" {
		g.remaining = -1
	} else if g.remaining, err = strconv.Atoi(ops[1]); err != nil {
		return err
	}
	g.reset, err = time.ParseDuration(ops[2])
	return err
}
