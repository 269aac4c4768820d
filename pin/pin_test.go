package pin_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

func TestPin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mac, here := w.publish(darwin, "darwin.tar"), w.publish(linux, "linux.tar")
	p, err := pinned(t, w.input(here, mac))
	must(t, err)
	want := lock.Plugin{
		Name: "authz", Version: plugin.MustVersion("1.2.0"), Constraints: "^1", Source: "acme/authz",
		Packages: []plugin.Package{plugin.Package(mac), plugin.Package(here)},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("Pin (-want +got):\n%s", diff)
	}
	if got := w.downloads(); got != "linux.tar" {
		t.Errorf("downloaded: %s; want this platform's alone, to look into it", got)
	}
}

// Where nobody publishes digests they are computed, for every platform.
func TestDigestsAreComputed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, err := pinned(t, w.input(w.silent(linux, "linux.tar"), w.silent(darwin, "darwin.tar"), w.publish(arm, "arm.tar")))
	must(t, err)
	want := []plugin.Package{
		plugin.Package(w.publish(darwin, "darwin.tar")), plugin.Package(w.publish(linux, "linux.tar")), plugin.Package(w.publish(arm, "arm.tar")),
	}
	if diff := cmp.Diff(want, p.Packages); diff != "" {
		t.Errorf("Packages (-want +got):\n%s", diff)
	}
	if got := w.downloads(); got != "darwin.tar linux.tar" {
		t.Errorf("downloaded: %s; want those without a digest", got)
	}
}

// What is locked stands for packages of other platforms whose digest nobody publishes;
// this platform's is fetched anew, so that a replaced package is noticed.
func TestComputedDigestsAreNotComputedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mac, here := w.publish(darwin, "darwin.tar"), w.publish(linux, "linux.tar")
	in := w.input(w.silent(linux, "linux.tar"), w.silent(darwin, "darwin.tar"))
	in.Previous = locked("1.2.0", mac, here)
	p, err := pinned(t, in)
	must(t, err)
	if diff := cmp.Diff([]plugin.Package{plugin.Package(mac), plugin.Package(here)}, p.Packages); diff != "" {
		t.Errorf("Packages (-want +got):\n%s", diff)
	}
	if got := w.downloads(); got != "linux.tar" {
		t.Errorf("downloaded: %s", got)
	}
}

func TestChangedDigest(t *testing.T) {
	t.Parallel()
	other := plugin.Digest("sha256:" + strings.Repeat("0", 64))
	for name, test := range map[string]struct {
		silent   bool            // whether the digest is not published
		platform plugin.Platform // of the package that is locked with another digest
		change   func(*pin.Input)
		accepted bool
	}{
		"published, here":      {platform: linux},
		"published, elsewhere": {platform: darwin},
		"computed, here":       {silent: true, platform: linux},
		"another version":      {platform: linux, change: func(in *pin.Input) { in.Previous.Plugins[0].Version = plugin.MustVersion("1.1.0") }, accepted: true},
		"another source":       {platform: linux, change: func(in *pin.Input) { in.Previous.Plugins[0].Source = "other/authz" }, accepted: true},
		"another asset, chosen anew": {platform: linux, change: func(in *pin.Input) {
			r, _ := of(in)
			r.Asset = pattern("${os}.tar")
			in.Previous.Plugins[0].Packages[0].URL = "https://dl/pro.tar"
		}, accepted: true},
		"the same asset, at its URL":  {platform: linux, change: func(in *pin.Input) { r, _ := of(in); r.Asset = pattern("${os}.tar") }},
		"a new URL for the same file": {platform: linux, change: func(in *pin.Input) { in.Previous.Plugins[0].Packages[0].URL = "https://dl/linux.tar" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			pkgs := []plugin.Package{w.publish(linux, "linux.tar"), w.publish(darwin, "darwin.tar")}
			var was plugin.Package
			for _, pkg := range pkgs {
				if pkg.Platform == test.platform {
					was = pkg
				}
			}
			now := was.Digest
			was.Digest = other
			if test.silent {
				pkgs[0].Digest = ""
			}
			in := w.input(pkgs...)
			in.Previous = locked("1.2.0", was)
			if test.change != nil {
				test.change(&in)
			}
			_, err := pinned(t, in)
			if test.accepted {
				must(t, err)
				return
			}
			var changed *pin.ChangedDigestError
			if !errors.As(err, &changed) || !errors.Is(err, plugin.ErrRefused) {
				t.Fatalf("Pin = %v: want a ChangedDigestError", err)
			}
			want := &pin.ChangedDigestError{
				Version: plugin.MustVersion("1.2.0"), Platform: test.platform, Where: w.url(test.platform.OS + ".tar"), Locked: other, Now: now,
			}
			if diff := cmp.Diff(want, changed); diff != "" {
				t.Errorf("the error (-want +got):\n%s", diff)
			}
			if !strings.Contains(err.Error(), string(other)) || !strings.Contains(err.Error(), string(now)) {
				t.Errorf("it does not name both digests: %v", err)
			}
		})
	}
}

// Without network, what is locked stands for what would have to be downloaded, and the
// cache for where it is.
func TestOffline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.publish(linux, "linux.tar")
	_, err := pinned(t, w.input(here))
	must(t, err)
	w.put("linux.tar", manifest+" ")
	in := w.input(plugin.Package{Platform: linux, URL: here.URL})
	in.Previous = locked("1.2.0", here)
	var changed *pin.ChangedDigestError
	if _, err := pinned(t, in); !errors.As(err, &changed) {
		t.Errorf("with network, Pin = %v", err)
	}
	in.Offline = true
	p, err := pinned(t, in)
	must(t, err)
	if p.Packages[0].Digest != here.Digest {
		t.Errorf("the digest is %s", p.Packages[0].Digest)
	}
}

// The name in plugin.json is accepted if it is the plugin's by any of its names, and
// is written down if it is another.
func TestManifestName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		says, locked string
		known        []string
		refused      bool
	}{
		"its own":                {says: "authz"},
		"its long name":          {says: "workflow-plugin-authz", locked: "workflow-plugin-authz"},
		"the registry's":         {says: "authorize", known: []string{"authorize"}, locked: "authorize"},
		"the registry's, long":   {says: "workflow-plugin-authorize", known: []string{"authorize"}, locked: "workflow-plugin-authorize"},
		"the registry's, short":  {says: "authorize", known: []string{"workflow-plugin-authorize"}, locked: "authorize"},
		"somebody else's":        {says: "billing", refused: true},
		"one that ends like its": {says: "my-authz", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			digest := w.put("linux.tar", `{"name": "`+test.says+`", "version": "1.2.0"}`)
			in := w.input(plugin.Package{Platform: linux, URL: w.url("linux.tar"), Digest: digest})
			_, rel := of(&in)
			rel.Names = test.known
			p, err := pinned(t, in)
			if test.refused {
				if !errors.Is(err, plugin.ErrRefused) || !strings.Contains(err.Error(), `"`+test.says+`"`) {
					t.Errorf("Pin = %v", err)
				}
				return
			}
			must(t, err)
			if p.ManifestName != test.locked {
				t.Errorf("manifest_name is %q, want %q", p.ManifestName, test.locked)
			}
		})
	}
}

// What can't be installed can't be locked.
func TestPackagesAreOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad := func(p plugin.Platform, name string) plugin.Package {
		return plugin.Package{Platform: p, URL: w.url(name), Digest: w.put(name, `{"name": "authz", "version": "1.1.0"}`)}
	}
	good := w.publish(linux, "linux.tar")
	for name, test := range map[string]struct {
		pkgs     []plugin.Package
		platform plugin.Platform
		refused  bool
	}{
		"this platform's is bad":               {[]plugin.Package{bad(linux, "bad.tar")}, linux, true},
		"another's is":                         {[]plugin.Package{bad(darwin, "bad.tar"), good}, linux, false},
		"one for any":                          {[]plugin.Package{bad(plugin.AnyPlatform, "bad.tar")}, linux, true},
		"where there is none here, one of all": {[]plugin.Package{bad(darwin, "bad.tar")}, linux, true},
	} {
		in := w.input(test.pkgs...)
		in.Platform = test.platform
		_, err := pinned(t, in)
		if refused := errors.Is(err, plugin.ErrRefused); refused != test.refused || err != nil && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBinary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		none bool // whether the source says so
		says string
		want string
	}{
		"found":                            {},
		"none, says the source":            {none: true, want: plugin.NoBinary},
		"none, says the configuration":     {says: plugin.NoBinary},
		"one, says only the configuration": {none: true, says: "authz"},
	} {
		in := w.input(w.publish(linux, "linux.tar"))
		r, rel := of(&in)
		r.Binary, rel.NoBinary = test.says, test.none
		p, err := pinned(t, in)
		must(t, err)
		if p.Binary != test.want {
			t.Errorf("%s: binary is %q, want %q", name, p.Binary, test.want)
		}
	}
}

func TestManifestFromTheRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	digest := w.put("linux.tar", `{"name": "whatever", "version": "7.0.0"}`)
	in := w.input(plugin.Package{Platform: linux, URL: w.url("linux.tar"), Digest: digest})
	r, rel := of(&in)
	r.Manifest = plugin.ManifestFromRegistry
	if _, err := pinned(t, in); err == nil || !strings.Contains(err.Error(), `manifest = "registry"`) {
		t.Errorf("a source without one: %v", err)
	}
	rel.Manifest = []byte(`{"name":"workflow-plugin-authz","version":"1.2.0"}`)
	p, err := pinned(t, in)
	must(t, err)
	if p.Manifest != string(rel.Manifest) || p.ManifestName != "workflow-plugin-authz" {
		t.Errorf("manifest = %q, manifest_name = %q", p.Manifest, p.ManifestName)
	}
}

// local makes the input that of a source on this machine.
func (w *world) local(in *pin.Input, text string, platforms ...plugin.Platform) {
	r, rel := of(in)
	r.Source = plugin.SourceSpec{Kind: plugin.SourceLocal, Text: text, PerPlatform: platforms != nil}
	rel.Packages = nil
	for _, p := range platforms {
		rel.Packages = append(rel.Packages, plugin.Package{
			Platform: p, Path: strings.NewReplacer("${os}", p.OS, "${arch}", p.Arch).Replace(text),
		})
	}
	if platforms == nil {
		rel.Packages = []plugin.Package{{Platform: plugin.AnyPlatform, Path: text}}
	}
}

// A folder that changed is locked anew: it is the user's own.
func TestLocalFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, text := range map[string]string{"src/plugin.json": manifest, "src/authz": "one"} {
		must(t, os.MkdirAll(filepath.Dir(w.abs(name)), 0o755))
		must(t, os.WriteFile(w.abs(name), []byte(text), 0o755))
	}
	in := w.input()
	w.local(&in, "./src")
	p, err := pinned(t, in)
	must(t, err)
	now, err := archive.DigestSource(t.Context(), w.abs("src"), "")
	must(t, err)
	if diff := cmp.Diff([]plugin.Package{{Platform: plugin.AnyPlatform, Path: "./src", Digest: now}}, p.Packages); diff != "" {
		t.Errorf("Packages (-want +got):\n%s", diff)
	}

	must(t, os.WriteFile(w.abs("src/authz"), []byte("two"), 0o755))
	in.Previous = &lock.File{Plugins: []lock.Plugin{p}}
	again, err := pinned(t, in)
	must(t, err)
	if again.Packages[0].Digest == now {
		t.Error("the folder changed, and its digest did not")
	}
}

// A local source that depends on the platform is locked whole, from any machine.
func TestLocalArchivesOfSeveralPlatforms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, mac := w.put("dist/linux_amd64.tar", manifest), w.put("dist/darwin_arm64.tar", manifest)
	in := w.input()
	w.local(&in, "./dist/${os}_${arch}.tar", linux, darwin)
	in.Platforms = []plugin.Platform{linux, darwin}
	p, err := pinned(t, in)
	must(t, err)
	want := []plugin.Package{
		{Platform: darwin, Path: "./dist/darwin_arm64.tar", Digest: mac},
		{Platform: linux, Path: "./dist/linux_amd64.tar", Digest: here},
	}
	if diff := cmp.Diff(want, p.Packages); diff != "" {
		t.Errorf("Packages (-want +got):\n%s", diff)
	}
	// What is locked can be read again.
	f := &lock.File{Plugins: []lock.Plugin{p}}
	if _, err := lock.Parse(lock.Format(f), "x"); err != nil {
		t.Error(err)
	}

	// Another platform's that changed is locked anew, too.
	mac = w.put("dist/darwin_arm64.tar", manifest+" ")
	in.Previous = f
	if p, err = pinned(t, in); err != nil || p.Packages[0].Digest != mac {
		t.Errorf("after a change it is locked as %+v, %v", p.Packages, err)
	}
}

func TestLocalFoldersOfSeveralPlatforms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, platform := range []string{"linux", "darwin"} {
		for name, text := range map[string]string{"plugin.json": manifest, "authz": platform} {
			must(t, os.MkdirAll(w.abs("dist/"+platform), 0o755))
			must(t, os.WriteFile(w.abs("dist/"+platform+"/"+name), []byte(text), 0o755))
		}
	}
	in := w.input()
	w.local(&in, "./dist/${os}", linux, darwin)
	p, err := pinned(t, in)
	must(t, err)
	for _, pkg := range p.Packages {
		now, err := archive.DigestSource(t.Context(), w.abs(pkg.Path), "")
		must(t, err)
		if pkg.Digest != now {
			t.Errorf("%s is locked as %q, and is %s", pkg.Path, pkg.Digest, now)
		}
	}
}

// All that fails is told together, each with its plugin and place.
func TestPinReportsEveryPlugin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := w.input(w.publish(linux, "linux.tar"))
	for _, name := range []plugin.Name{"b", "c"} {
		c := in.Choices[0]
		c.Requirement.Name = name
		c.Source = failing{errors.New("release of " + string(name) + " not found")}
		in.Choices = append(in.Choices, c)
	}
	_, err := pin.Pin(t.Context(), in)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 2 {
		t.Fatalf("Pin = %v: want two errors", err)
	}
	for i, e := range joined.Unwrap() {
		var failed *plugin.Error
		if !errors.As(e, &failed) || string(failed.Plugin) != []string{"b", "c"}[i] || failed.Pos.Line != 3 {
			t.Errorf("error %d is %v", i, e)
		}
	}
}

type failing struct{ err error }

func (f failing) Candidates(context.Context) ([]source.Candidate, error) { return nil, f.err }

func (f failing) Release(context.Context, plugin.Version) (*source.Release, error) { return nil, f.err }
