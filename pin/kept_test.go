package pin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// notes gathers what is told.
func notes(in *pin.Input) func() string {
	var mu sync.Mutex
	var told []string
	in.Observe = func(e plugin.Event) {
		if w, ok := e.(plugin.WarningEvent); ok {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, w.Message)
		}
	}
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(told, "\n")
	}
}

// kept is the input of a version that stays locked with these packages.
func (w *world) kept(lockedPackages []source.Package, listed ...source.Package) pin.Input {
	in := w.input(listed...)
	in.Previous = locked("1.2.0", lockedPackages...)
	in.Choices[0].Kept = true
	return in
}

var (
	errWithdrawn = fmt.Errorf("the registry lists it no more: %w", source.ErrNoRelease)
	errOffline   = fmt.Errorf("not on this machine: %w", source.ErrOffline)
)

// Whatever the source lists now, and whether or not it does, what is locked of a version
// that stays is locked as it was.
func TestWhatIsLockedStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, mac := w.publish(linux, "linux.tar"), w.publish(darwin, "darwin.tar")
	unreachable := source.Package{Platform: linux, URL: "https://127.0.0.1:1/linux.tar", Digest: w.put("gone.tar", manifest)}
	lost := source.Package{Platform: linux, URL: w.url("lost.tar"), Digest: here.Digest}
	at := func(pkg source.Package, url string) source.Package { pkg.URL = url; return pkg }
	for name, test := range map[string]struct {
		locked  []source.Package
		listed  []source.Package
		release error
		offline bool
		told    string // "" for nothing
	}{
		"as it is":                      {locked: []source.Package{mac, here}, listed: []source.Package{here, mac}},
		"listed elsewhere":              {locked: []source.Package{mac, here}, listed: []source.Package{at(here, "https://x/linux.tar"), mac}, told: "other addresses now, for linux/amd64"},
		"without a platform":            {locked: []source.Package{mac, here}, listed: []source.Package{here}},
		"several, of which none is it":  {locked: []source.Package{here}, listed: []source.Package{at(here, "https://x/a.tar"), at(here, "https://x/b.tar")}},
		"withdrawn":                     {locked: []source.Package{mac, here}, release: errWithdrawn, told: "version 1.2.0 stays locked, though its source has it no more: the registry lists it no more"},
		"withdrawn, and out of reach":   {locked: []source.Package{unreachable}, release: errWithdrawn, told: "cannot be had any more"},
		"withdrawn, its package, too":   {locked: []source.Package{lost}, release: errWithdrawn, told: "cannot be had any more"},
		"listed, and its package lost":  {locked: []source.Package{lost}, listed: []source.Package{lost}, told: "cannot be had any more"},
		"not to be asked":               {locked: []source.Package{mac, here}, release: errOffline, offline: true},
		"not to be asked, nor anything": {locked: []source.Package{unreachable}, release: errOffline, offline: true, told: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldIn(t, w.dir, test.offline)
			in := w.kept(test.locked, test.listed...)
			in.Offline = test.offline
			told := notes(&in)
			if test.release != nil {
				in.Choices[0].Source = failing{test.release}
			}
			p, err := pinned(t, in)
			must(t, err)
			if diff := cmp.Diff(in.Previous.Plugins[0].Packages, p.Packages); diff != "" {
				t.Errorf("Packages (-want +got):\n%s", diff)
			}
			if got := told(); (got == "") != (test.told == "") || !strings.Contains(got, test.told) {
				t.Errorf("told: %q, want %q", got, test.told)
			}
		})
	}
}

// newWorldIn is a world over the packages of another, with a cache of its own.
func newWorldIn(t *testing.T, dir string, offline bool) *world {
	t.Helper()
	w := &world{t: t, dir: dir}
	access, err := source.NewAccess(source.AccessOptions{Abs: w.abs, Observe: w.observe, Offline: offline})
	must(t, err)
	t.Cleanup(func() { must(t, access.Close()) })
	w.access = access
	return w
}

// That it stays lets no other bytes in: what is at its address, and what the source says
// of its digest, must be what is locked.
func TestWhatStaysIsHeldAgainstTheLock(t *testing.T) {
	t.Parallel()
	other := plugin.Digest("sha256:" + strings.Repeat("0", 64))
	w := newWorld(t)
	here := w.publish(linux, "linux.tar")
	changed := here
	changed.Digest = other
	silent := here
	silent.Digest = ""
	for name, test := range map[string]struct {
		locked, listed source.Package
		release        error
		change         func(*pin.Input)
		unversioned    bool
	}{
		"another digest is published":    {locked: here, listed: changed},
		"another digest, elsewhere":      {locked: here, listed: source.Package{Platform: linux, URL: "https://x/y.tar", Digest: other}},
		"nobody publishes it, and it is": {locked: changed, listed: silent},
		"an address without a version": {locked: changed, listed: silent, unversioned: true, change: func(in *pin.Input) {
			r, _ := of(in)
			r.Source.Kind, r.Source.Text = plugin.SourceURL, "https://x/y"
			in.Previous.Plugins[0].Source = "https://x/y"
		}},
		"withdrawn, and other bytes there": {locked: changed, release: errWithdrawn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldIn(t, w.dir, false)
			in := w.kept([]source.Package{test.locked}, test.listed)
			if test.change != nil {
				test.change(&in)
			}
			if test.release != nil {
				in.Choices[0].Source = failing{test.release}
			}
			_, err := pinned(t, in)
			if !errors.Is(err, plugin.ErrRefused) || !strings.Contains(err.Error(), string(test.locked.Digest)) {
				t.Fatalf("Pin = %v: want a refusal that names the locked digest", err)
			}
			var digest *pin.ChangedDigestError
			if is := errors.As(err, &digest); is != (test.release == nil) || is && digest.Unversioned != test.unversioned {
				t.Errorf("Pin = %#v", digest)
			}
		})
	}
}

// Another platform than those locked is what the lock does not know.
func TestWhatTheLockDoesNotKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, mac := w.publish(linux, "linux.tar"), w.publish(darwin, "darwin.tar")
	in := w.kept([]source.Package{here}, here, mac)
	in.Platforms = []plugin.Platform{linux, darwin}
	p, err := pinned(t, in)
	must(t, err)
	if got := names(p); got != "darwin/arm64=darwin.tar linux/amd64=linux.tar" {
		t.Errorf("locked are %s", got)
	}

	in.Choices[0].Source = failing{errWithdrawn}
	_, err = pinned(t, in)
	var withdrawn *pin.WithdrawnError
	if !errors.As(err, &withdrawn) || withdrawn.Lacks != "a package for darwin/arm64" || !errors.Is(err, source.ErrNoRelease) {
		t.Errorf("Pin = %v: want a WithdrawnError", err)
	}
	in.Choices[0].Source = failing{errOffline}
	if _, err = pinned(t, in); !errors.Is(err, source.ErrOffline) || errors.Is(err, source.ErrNoRelease) {
		t.Errorf("Pin = %v: want one that is ErrOffline", err)
	}

	in = w.kept([]source.Package{here}, here)
	in.Platforms = []plugin.Platform{linux, windows}
	var not *pin.NotPublishedError
	if _, err = pinned(t, in); !errors.As(err, &not) {
		t.Errorf("Pin = %v: want a NotPublishedError", err)
	}
}

// An error that is none of these is one: a source that fails is not one that has nothing.
func TestASourceThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.publish(linux, "linux.tar")
	broken := errors.New("500")
	in := w.kept([]source.Package{here}, here)
	in.Choices[0].Source = failing{broken}
	if _, err := pinned(t, in); !errors.Is(err, broken) {
		t.Errorf("Pin = %v", err)
	}
	in.Choices[0].Source, in.Choices[0].Kept = failing{errWithdrawn}, false
	if _, err := pinned(t, in); !errors.Is(err, errWithdrawn) {
		t.Errorf("what was chosen anew, and has no release: %v", err)
	}
	// A package that is listed, and whose server does not answer, is not lost.
	here.URL = "http://127.0.0.1:1/linux.tar"
	in = newWorldIn(t, w.dir, false).kept([]source.Package{here}, here)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pin.Pin(ctx, in); !errors.Is(err, context.Canceled) {
		t.Errorf("Pin = %v", err)
	}
}

// A verify command that is not there is no package that is not there.
func TestAVerifyCommandThatIsMissingIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.publish(linux, "linux.tar")
	in := w.kept([]source.Package{here}, here)
	r, _ := of(&in)
	r.Verify = plugin.Verification{Command: []string{w.abs("nobody")}, Dir: w.dir}
	if _, err := pinned(t, in); err == nil || !strings.Contains(err.Error(), "the verify command") {
		t.Errorf("Pin = %v", err)
	}
}

// What belongs to a version that stays, stays: whether it has an executable, the host
// it needs, the name in its plugin.json.
func TestWhatBelongsToItStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	digest := w.put("linux.tar", `{"name": "workflow-plugin-authz", "version": "1.2.0"}`)
	here := source.Package{Platform: linux, URL: w.url("linux.tar"), Digest: digest}
	in := w.kept([]source.Package{here}, here)
	in.Choices[0].MinHost = plugin.MustVersion("0.86.0")
	_, rel := of(&in)
	rel.NoBinary = true // says the manifest of the newest version
	p, err := pinned(t, in)
	must(t, err)
	if p.Binary != "" || p.ManifestName != "workflow-plugin-authz" || p.MinHost.String() != "0.86.0" {
		t.Errorf("it is locked as %+v", p)
	}

	in.Previous = &lock.File{Plugins: []lock.Plugin{p}}
	in.Previous.Plugins[0].Binary = plugin.NoBinary
	in.Choices[0].Source = failing{errWithdrawn}
	must(t, os.Remove(w.abs("linux.tar")))
	in.Access = newWorldIn(t, w.dir, false).access
	again, err := pinned(t, in)
	must(t, err)
	p.Binary = plugin.NoBinary
	if diff := cmp.Diff(p, again); diff != "" {
		t.Errorf("the plugin (-want +got):\n%s", diff)
	}
}

// A package that the registry lists relative to itself follows it to another place.
func TestPackagesFollowTheirRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.publish(linux, "new/dl/linux.tar")
	was := here
	was.URL = w.url("old/dl/linux.tar")
	in := w.kept([]source.Package{was}, here)
	r, _ := of(&in)
	r.Source.Base = w.url("new")
	told := notes(&in)
	p, err := pinned(t, in)
	must(t, err)
	if p.Packages[0].URL != here.URL || told() != "" {
		t.Errorf("it is at %s; told: %q", p.Packages[0].URL, told())
	}
	in.Previous.Plugins[0].Packages[0].Digest = plugin.Digest("sha256:" + strings.Repeat("0", 64))
	var changed *pin.ChangedDigestError
	if _, err := pinned(t, in); !errors.As(err, &changed) {
		t.Errorf("other bytes at the new place: %v", err)
	}
}

// What a registry's manifest says of a locked version is pinned; of which version it
// tells counts, and how it is laid out does not.
func TestRegistryManifestOfALockedVersion(t *testing.T) {
	t.Parallel()
	const pinnedManifest = `{"author":"a","n":{"x":1,"y":[1,2]},"name":"authz","version":"1.2.0"}`
	for name, test := range map[string]struct {
		says    string
		of      string
		changes []string
	}{
		"the same":             {pinnedManifest, "1.2.0", nil},
		"another layout":       {`{ "version": "1.2.0", "name": "authz", "n": {"y": [1, 2], "x": 1}, "author": "a" }`, "1.2.0", nil},
		"of a newer version":   {`{"name":"authz","version":"1.2.0","author":"b"}`, "1.3.0", nil},
		"of nobody knows what": {`{"name":"authz","version":"1.2.0","author":"b"}`, "", nil},
		"other contents": {
			`{"name":"authz","version":"1.2.0","author":"b","n":{"x":1.0,"y":[2,1]},"license":"<MIT>"}`, "1.2.0",
			[]string{`~ author: "a" → "b"`, `+ license: "<MIT>"`, `~ n.x: 1 → 1.0`, `~ n.y: [1,2] → [2,1]`},
		},
		"less":         {`{"name":"authz","version":"1.2.0","n":{"x":1}}`, "1.2.0", []string{`- author: "a"`, `- n.y: [1,2]`}},
		"another kind": {`{"name":"authz","version":"1.2.0","author":"a","n":null}`, "1.2.0", []string{`~ n: {"x":1,"y":[1,2]} → null`}},
		"a long text": {
			`{"name":"authz","version":"1.2.0","author":"` + strings.Repeat("é", 300) + `","n":{"x":1,"y":[1,2]}}`, "1.2.0",
			[]string{`~ author: "a" → "` + strings.Repeat("é", 99) + `…`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kept := range []bool{true, false} { // upgrading does not get around it
				w := newWorld(t)
				here := w.publish(linux, "linux.tar")
				in := w.kept([]source.Package{here}, here)
				in.Choices[0].Kept = kept
				in.Previous.Plugins[0].Manifest = pinnedManifest
				r, rel := of(&in)
				r.Manifest, rel.Manifest = plugin.ManifestFromRegistry, []byte(test.says)
				if test.of != "" {
					rel.ManifestOf = plugin.MustVersion(test.of)
				}
				p, err := pinned(t, in)
				if test.changes == nil {
					must(t, err)
					if p.Manifest != pinnedManifest {
						t.Errorf("the manifest is %s", p.Manifest)
					}
					continue
				}
				var changed *pin.ChangedManifestError
				if !errors.As(err, &changed) || !errors.Is(err, plugin.ErrRefused) {
					t.Fatalf("Pin = %v: want a ChangedManifestError", err)
				}
				if diff := cmp.Diff(test.changes, changed.Changes); diff != "" {
					t.Errorf("the changes (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// A manifest that the lock does not have cannot come from a version that was withdrawn.
func TestRegistryManifestOfAWithdrawnVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.publish(linux, "linux.tar")
	in := w.kept([]source.Package{here})
	r, _ := of(&in)
	r.Manifest = plugin.ManifestFromRegistry
	in.Choices[0].Source = failing{errWithdrawn}
	var withdrawn *pin.WithdrawnError
	if _, err := pinned(t, in); !errors.As(err, &withdrawn) || withdrawn.Lacks != "the registry's manifest" {
		t.Errorf("Pin = %v", err)
	}
	in.Previous.Plugins[0].Manifest = manifest
	p, err := pinned(t, in)
	must(t, err)
	if p.Manifest != manifest {
		t.Errorf("the manifest is %s", p.Manifest)
	}
}
