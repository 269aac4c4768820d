package lock_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// world is a configuration and the lock that was made from it.
type world struct {
	lock      *lock.File
	required  []plugin.Requirement
	platforms []plugin.Platform
	host      plugin.Host
	local     map[string]lock.Local
}

func at(pattern string) func(plugin.Version, plugin.Platform) (string, error) {
	return func(v plugin.Version, p plugin.Platform) (string, error) {
		return strings.NewReplacer("${version}", v.String(), "${os}", p.OS, "${arch}", p.Arch).Replace(pattern), nil
	}
}

// upToDate has a plugin of each kind: from a registry, that one's dependency, from a
// URL, and a folder.
func upToDate() world {
	f := goldenFile()
	f.Plugins[0].RequiredBy = nil
	f.Plugins[1].Resolved = "" // it is of a URL here
	base := lock.Plugin{
		Name: "base", Version: plugin.MustVersion("3.0.0"), Source: "gocodealone/base", RequiredBy: []plugin.Name{"authz"},
		Packages: []plugin.Package{{Platform: linux, URL: "https://dl.example.com/base.zip", Digest: sumB}},
	}
	deep := base
	deep.Name, deep.RequiredBy = "deep", []plugin.Name{"base"}
	f.Plugins = append(f.Plugins, base, deep)
	f.Sort()
	url, folder := "https://dl.example.com/${version}/report_${os}_${arch}.tar.gz", "./plugins-src/scratch"
	return world{
		lock:      f,
		platforms: []plugin.Platform{linux},
		required: []plugin.Requirement{
			{
				Name: "authz", Constraint: plugin.MustConstraint("~> 0.6"),
				Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "gocodealone/authz", Registry: "gocodealone", Plugin: "authz", Locate: at("gocodealone/authz")},
			},
			{
				Name: "report", Constraint: plugin.MustConstraint("2.0.1"), Manifest: plugin.ManifestFromRegistry,
				Verify: plugin.Verification{Key: "RWQf6LRCGA9i"},
				Source: plugin.SourceSpec{Kind: plugin.SourceURL, Text: url, PerVersion: true, PerPlatform: true, Locate: at(url)},
			},
			{Name: "scratch", Source: plugin.SourceSpec{Kind: plugin.SourceLocal, Text: folder, Locate: at(folder)}},
		},
		local: map[string]lock.Local{folder: {Digest: tree}},
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	type edit = func(w *world)
	const authz, report, scratch = 0, 1, 2
	for name, test := range map[string]struct {
		change edit
		want   string // "plugin: part of the text"; "" for up to date
	}{
		"nothing changed": {func(*world) {}, ""},

		// What makes it out of date.
		"a plugin was declared": {
			func(w *world) { w.required = append(w.required, plugin.Requirement{Name: "newcomer"}) },
			"newcomer: it is declared, but not locked",
		},
		"the constraint moved on": {
			func(w *world) { w.required[authz].Constraint = plugin.MustConstraint("~> 0.7") },
			`authz: the locked version 0.6.0 does not satisfy "~> 0.7"`,
		},
		"a prerelease is no longer named": {
			func(w *world) {
				w.lock.Plugins[0].Version = plugin.MustVersion("0.6.0-rc.1")
				w.required[authz].Constraint = plugin.Constraint{}
			},
			"authz: the locked version 0.6.0-rc.1",
		},
		"another source": {
			func(w *world) { w.required[authz].Source.Text = "acme/authz" },
			`authz: its source changed from "gocodealone/authz" to "acme/authz"`,
		},
		"another folder": {
			func(w *world) {
				w.required[scratch].Source.Text, w.required[scratch].Source.Locate = "./elsewhere", at("./elsewhere")
			},
			"scratch: its source changed",
		},
		"a local that the source uses": {
			func(w *world) {
				w.required[report].Source.Locate = at("https://mirror.example.com/report_${os}_${arch}.tar.gz")
			},
			"report: its address for linux/amd64 changed",
		},
		"an address that no longer can be told": {
			func(w *world) {
				w.required[report].Source.Locate = func(plugin.Version, plugin.Platform) (string, error) { return "", errors.New("null") }
			},
			"report: its address for linux/amd64 changed",
		},
		"the folder's contents": {
			func(w *world) { w.local["./plugins-src/scratch"] = lock.Local{Digest: sumA} },
			"scratch: the contents of ./plugins-src/scratch changed",
		},
		"the folder is gone": {
			func(w *world) { w.local["./plugins-src/scratch"] = lock.Local{Err: errors.New("no such folder")} },
			"scratch: its source cannot be read: no such folder",
		},
		"a platform was declared": {
			func(w *world) { w.platforms = []plugin.Platform{linux, darwin} },
			"report: it is not locked for darwin/arm64",
		},
		"a platform of one plugin was declared": {
			func(w *world) { w.required[report].Platforms = []plugin.Platform{darwin} },
			"report: it is not locked for darwin/arm64",
		},
		"a plugin is no longer declared": {
			func(w *world) { w.required = w.required[:2] },
			"scratch: it is locked, but nothing needs it",
		},
		"what needed a dependency is no longer declared": {
			func(w *world) { w.required = w.required[1:] },
			"authz: it is locked, but nothing needs it\nbase: it is locked, but nothing needs it\ndeep: it is locked, but nothing needs it",
		},
		"plugins that only need each other": {
			func(w *world) {
				w.lock.Plugins[1].RequiredBy = []plugin.Name{"deep"} // base
			},
			"base: it is locked, but nothing needs it\ndeep: it is locked, but nothing needs it",
		},
		"the manifest is to be the registry's": {
			func(w *world) { w.required[authz].Manifest = plugin.ManifestFromRegistry },
			`authz: its setting "manifest" changed`,
		},
		"the manifest is to be the archive's": {
			func(w *world) { w.required[report].Manifest = plugin.ManifestFromArchive },
			`report: its setting "manifest" changed`,
		},
		"another asset": {
			func(w *world) {
				w.required[authz].Asset.Pattern = func(plugin.Version, plugin.Platform) (string, error) { return "authz-pro-*.tar.gz", nil }
			},
			"authz: its package for darwin/arm64 is not the asset \"authz-pro-*.tar.gz\"\nauthz: its package for linux/amd64 is not",
		},
		"a signature is demanded": {
			func(w *world) { w.required[authz].Verify.Key = "RWQf6LRCGA9i" },
			"authz: its signature has not been verified",
		},
		"another's signature is demanded": {
			func(w *world) { w.required[report].Verify.Key = "RWOther" },
			"report: its signature has not been verified",
		},
		"no signature is demanded any more": {
			func(w *world) { w.required[report].Verify = plugin.Verification{} },
			"report: it was locked with a signature",
		},
		"the host was lowered": {
			func(w *world) { w.host = plugin.Host{Name: "workflow", Version: plugin.MustVersion("0.85.9")} },
			"report: it needs workflow 0.86.0 or newer, and the configuration says 0.85.9",
		},
		"the host is too old for a dependency": {
			func(w *world) {
				w.lock.Plugins[1].MinHost = plugin.MustVersion("1.0.0") // base
				w.host = plugin.Host{Name: "workflow", Version: plugin.MustVersion("0.86.0")}
			},
			"base: it needs workflow 1.0.0 or newer",
		},
		"a registry that is a folder moved": {
			func(w *world) {
				w.lock.Plugins[0].Packages = inFolder("./registry/dl/authz.tar")
				w.required[authz].Source.Base = "./vendor/registry"
			},
			`authz: its source changed: registry "gocodealone" is now at ./vendor/registry, and the package for linux/amd64 was locked from ./registry/dl/authz.tar`,
		},
		"a registry that is a folder became a server": {
			func(w *world) {
				w.lock.Plugins[0].Packages = inFolder("./registry/dl/authz.tar")
				w.required[authz].Source.Base = "https://registry.example.com/v1"
			},
			"authz: its source changed: registry",
		},
		"a folder whose name only starts like the registry's": {
			func(w *world) {
				w.lock.Plugins[0].Packages = inFolder("./registry-old/dl/authz.tar")
				w.required[authz].Source.Base = "./registry"
			},
			"authz: its source changed: registry",
		},
		"several plugins": {
			func(w *world) {
				w.required[authz].Constraint = plugin.MustConstraint("1.x")
				w.required[report].Constraint = plugin.MustConstraint("2.0.2")
			},
			"authz: the locked version\nreport: the locked version",
		},

		// What does not.
		"another constraint that allows what is locked": {
			func(w *world) { w.required[authz].Constraint = plugin.MustConstraint(">= 0.5, < 1") }, "",
		},
		"no constraint any more": {
			func(w *world) { w.required[authz].Constraint = plugin.Constraint{} }, "",
		},
		"another order": {
			func(w *world) { w.required[0], w.required[2] = w.required[2], w.required[0] }, "",
		},
		"no platforms declared any more": {func(w *world) { w.platforms = nil }, ""},
		"a platform fewer":               {func(w *world) { w.required[authz].Platforms = []plugin.Platform{darwin} }, ""},
		"a platform that one plugin leaves out": {
			func(w *world) {
				w.platforms = []plugin.Platform{linux, darwin}
				w.required[report].Platforms = []plugin.Platform{linux}
			}, "",
		},
		"the asset that is locked": {
			func(w *world) {
				w.required[authz].Asset.Pattern = func(_ plugin.Version, p plugin.Platform) (string, error) {
					return "workflow-plugin-authz-" + p.OS + "-*.tar.g?", nil
				}
			}, "",
		},
		"a folder with a prerelease, and no constraint": {
			func(w *world) {
				i := 4 // scratch
				w.lock.Plugins[i].Version = plugin.MustVersion("0.1.0-dev")
			}, "",
		},
		"a host that is just new enough": {
			func(w *world) { w.host = plugin.Host{Name: "workflow", Version: plugin.MustVersion("0.86.0")} }, "",
		},
		"a host of unknown version": {
			func(w *world) { w.host = plugin.Host{Name: "workflow"} }, "",
		},
		"a registry that is a folder, spelt otherwise": {
			func(w *world) {
				w.lock.Plugins[0].Packages = inFolder("./registry/dl/authz.tar")
				w.required[authz].Source.Base = "registry/../registry"
			}, "",
		},
		"a registry that is this folder": {
			func(w *world) {
				w.lock.Plugins[0].Packages = inFolder("./dl/authz.tar")
				w.required[authz].Source.Base = "."
			}, "",
		},
		"a server whose packages are anywhere": {
			func(w *world) { w.required[authz].Source.Base = "https://registry.example.com/v1" }, "",
		},
		"a command that verifies": {
			func(w *world) { w.required[authz].Verify.Command = []string{"cosign"} }, "",
		},
		"a dependency that is declared, too": {
			func(w *world) {
				w.required = append(w.required, plugin.Requirement{Name: "base", Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "gocodealone/base"}})
			}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := upToDate()
			test.change(&w)
			err := w.lock.Check(w.required, w.platforms, w.host, w.local)
			if test.want == "" {
				if err != nil {
					t.Errorf("Check = %v: want nothing", err)
				}
				return
			}
			var outOfDate *lock.OutOfDateError
			if !errors.As(err, &outOfDate) {
				t.Fatalf("Check = %v: want an OutOfDateError", err)
			}
			want := strings.Split(test.want, "\n")
			if len(outOfDate.Reasons) != len(want) {
				t.Fatalf("there are %d reasons, want %d: %v", len(outOfDate.Reasons), len(want), err)
			}
			for i, r := range outOfDate.Reasons {
				if text := string(r.Plugin) + ": " + r.Text; !strings.HasPrefix(text, want[i]) {
					t.Errorf("reason %d is %q, want %q", i, text, want[i])
				}
				if !strings.Contains(err.Error(), "\n  "+string(r.Plugin)+": "+r.Text) {
					t.Errorf("the message does not tell it: %v", err)
				}
			}
		})
	}
}

func inFolder(path string) []plugin.Package {
	return []plugin.Package{{Platform: linux, Path: path, Digest: sumA}}
}

// What was once asked for with --platform is what all plugins have that name no
// platforms of their own.
func TestAsked(t *testing.T) {
	t.Parallel()
	windows := plugin.Platform{OS: "windows", Arch: "amd64"}
	locked := func(name plugin.Name, platforms ...plugin.Platform) lock.Plugin {
		p := lock.Plugin{Name: name}
		for _, platform := range platforms {
			p.Packages = append(p.Packages, plugin.Package{Platform: platform})
		}
		return p
	}
	required := []plugin.Requirement{{Name: "a"}, {Name: "b"}, {Name: "own", Platforms: []plugin.Platform{windows}}}
	for name, test := range map[string]struct {
		plugins  []lock.Plugin
		declared []plugin.Platform
		want     []plugin.Platform
	}{
		"nothing locked":              {nil, []plugin.Platform{linux}, nil},
		"all have it":                 {[]lock.Plugin{locked("a", linux, darwin), locked("b", darwin, linux)}, []plugin.Platform{linux}, []plugin.Platform{darwin}},
		"one has it":                  {[]lock.Plugin{locked("a", linux, darwin), locked("b", linux)}, []plugin.Platform{linux}, nil},
		"one names its own":           {[]lock.Plugin{locked("a", linux, darwin), locked("own", windows)}, []plugin.Platform{linux}, []plugin.Platform{darwin}},
		"one runs anywhere":           {[]lock.Plugin{locked("a", linux, darwin), locked("b", plugin.AnyPlatform)}, []plugin.Platform{linux}, []plugin.Platform{darwin}},
		"one is not declared":         {[]lock.Plugin{locked("gone", linux, darwin)}, []plugin.Platform{linux}, []plugin.Platform{darwin}},
		"none are declared":           {[]lock.Plugin{locked("a", linux, darwin)}, nil, []plugin.Platform{linux, darwin}},
		"only what is declared":       {[]lock.Plugin{locked("a", linux, darwin)}, []plugin.Platform{linux, darwin}, nil},
		"declared, and not locked":    {[]lock.Plugin{locked("a", linux)}, []plugin.Platform{linux, darwin}, nil},
		"all run anywhere":            {[]lock.Plugin{locked("a", plugin.AnyPlatform)}, []plugin.Platform{linux}, nil},
		"all name their own":          {[]lock.Plugin{locked("own", windows)}, []plugin.Platform{linux}, nil},
		"what was declared has moved": {[]lock.Plugin{locked("a", linux), locked("b", linux)}, []plugin.Platform{darwin}, []plugin.Platform{linux}},
	} {
		f := &lock.File{Plugins: test.plugins}
		if got := f.Asked(required, test.declared); !slices.Equal(got, test.want) {
			t.Errorf("%s: Asked = %v, want %v", name, got, test.want)
		}
	}
}

// A lock made from addresses that a template gave, or a registry that was a folder, is
// no longer at its place when they changed.
func TestSamePlace(t *testing.T) {
	t.Parallel()
	w := upToDate()
	report, _ := w.lock.Plugin("report")
	authz, _ := w.lock.Plugin("authz")
	authz.Packages = inFolder("./registry/dl/authz.tar")
	s := w.required[1].Source
	if !report.SamePlace(s) || !report.SameSource(s) {
		t.Error("the template is the same")
	}
	s.Locate = at("https://elsewhere.example.com/${version}")
	if report.SamePlace(s) || !report.SameSource(s) {
		t.Error("the template's text is the same, its addresses are not")
	}
	s = w.required[0].Source
	for base, want := range map[string]bool{"": true, "./registry": true, "./registry/dl": true, "./other": false, "https://x": false} {
		if s.Base = base; authz.SamePlace(s) != want {
			t.Errorf("SamePlace of a registry at %q is not %v", base, want)
		}
	}
	if s.Text = "acme/authz"; authz.SameSource(s) {
		t.Error("another text is the same source")
	}
	s = w.required[0].Source
	if s.Registry = "acme"; authz.SameSource(s) {
		t.Error("the same text that stands for something else is the same source")
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	old, fresh := goldenFile(), goldenFile()
	fresh.Plugins[0].Version = plugin.MustVersion("0.6.1")
	fresh.Plugins[2].Packages[0].Digest = sumA
	added := fresh.Plugins[0]
	added.Name = "newcomer"
	fresh.Plugins = append(fresh.Plugins, added)
	old.Plugins = append(old.Plugins, lock.Plugin{Name: "gone", Version: plugin.MustVersion("1.0.0")})
	old.Sort()
	fresh.Sort()
	want := []lock.Change{
		{Name: "authz", Action: lock.Update, From: plugin.MustVersion("0.6.0"), To: plugin.MustVersion("0.6.1")},
		{Name: "gone", Action: lock.Remove, From: plugin.MustVersion("1.0.0")},
		{Name: "newcomer", Action: lock.Add, To: plugin.MustVersion("0.6.1")},
		{Name: "report", Action: lock.Keep, From: plugin.MustVersion("2.0.1"), To: plugin.MustVersion("2.0.1")},
		{Name: "scratch", Action: lock.Update, From: plugin.MustVersion("0.1.0"), To: plugin.MustVersion("0.1.0")},
	}
	if diff := cmp.Diff(want, lock.Diff(old, fresh)); diff != "" {
		t.Errorf("Diff (-want +got):\n%s", diff)
	}
}

// Whatever the file tells of a plugin, that it changed is told.
func TestDiffSeesEveryField(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*lock.Plugin){
		"version":       func(p *lock.Plugin) { p.Version = plugin.MustVersion("9.9.9") },
		"constraints":   func(p *lock.Plugin) { p.Constraints = "1.x" },
		"source":        func(p *lock.Plugin) { p.Source = "x" },
		"manifest_name": func(p *lock.Plugin) { p.ManifestName = "x" },
		"binary":        func(p *lock.Plugin) { p.Binary = "none" },
		"resolved":      func(p *lock.Plugin) { p.Resolved = "acme/x" },
		"min_host":      func(p *lock.Plugin) { p.MinHost = plugin.MustVersion("0.86.0") },
		"manifest":      func(p *lock.Plugin) { p.Manifest = "{}" },
		"signed_by":     func(p *lock.Plugin) { p.SignedBy = "minisign:x" },
		"required_by":   func(p *lock.Plugin) { p.RequiredBy = nil },
		"a package":     func(p *lock.Plugin) { p.Packages = p.Packages[:1] },
		"url":           func(p *lock.Plugin) { p.Packages[0].URL = "https://x" },
		"path":          func(p *lock.Plugin) { p.Packages[0].Path = "./x" },
		"digest":        func(p *lock.Plugin) { p.Packages[0].Digest = tree },
	} {
		fresh := goldenFile()
		change(&fresh.Plugins[0])
		if got := lock.Diff(goldenFile(), fresh)[0].Action; got != lock.Update {
			t.Errorf("another %s is %q, want %q", name, got, lock.Update)
		}
	}
}

func TestPackageFallsBackToAny(t *testing.T) {
	t.Parallel()
	f := goldenFile()
	authz, _ := f.Plugin("authz")
	scratch, _ := f.Plugin("scratch")
	if p, ok := authz.Package(linux); !ok || p.Digest != sumA {
		t.Errorf("linux/amd64 = %v, %v", p, ok)
	}
	if p, ok := authz.Package(plugin.Platform{OS: "plan9", Arch: "386"}); ok {
		t.Errorf("a platform that is not locked = %v", p)
	}
	if p, ok := scratch.Package(linux); !ok || p.Digest != tree {
		t.Errorf("any = %v, %v", p, ok)
	}
	if _, ok := f.Plugin("nobody"); ok {
		t.Error("a plugin that is not locked was found")
	}
	if authz.ManifestedName() != "workflow-plugin-authz" || scratch.ManifestedName() != "scratch" {
		t.Errorf("ManifestedName = %q, %q", authz.ManifestedName(), scratch.ManifestedName())
	}
}
