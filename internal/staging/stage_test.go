package staging_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestManifestIsHeldAgainstWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files   string
		change  func(*staging.Spec)
		refused string // "" for staged
	}{
		"as asked for":      {files: `plugin.json={"name":"authz","version":"1.2.0"} authz`},
		"with a v":          {files: `plugin.json={"name":"authz","version":"v1.2"} authz`},
		"another version":   {files: `plugin.json={"name":"authz","version":"1.2.1"} authz`, refused: "it says version 1.2.1, but the package is that of version 1.2.0"},
		"another build":     {files: `plugin.json={"name":"authz","version":"1.2.0+b"} authz`, refused: "1.2.0+b"},
		"any version":       {files: `plugin.json={"name":"authz","version":"7.0.0"} authz`, change: func(s *staging.Spec) { s.Version = plugin.Version{} }},
		"another name":      {files: `plugin.json={"name":"billing","version":"1.2.0"} authz`, refused: `it is of the plugin "billing", not of "authz"`},
		"a similar name":    {files: `plugin.json={"name":"workflow-plugin-authz","version":"1.2.0"} authz`, refused: `"workflow-plugin-authz"`},
		"any name":          {files: `plugin.json={"name":"billing","version":"1.2.0"} authz`, change: func(s *staging.Spec) { s.Names = nil }},
		"one of several":    {files: `plugin.json={"name":"b","version":"1.2.0"} authz`, change: func(s *staging.Spec) { s.Names = []string{"a", "b"} }},
		"none of several":   {files: `plugin.json={"name":"c","version":"1.2.0"} authz`, change: func(s *staging.Spec) { s.Names = []string{"b", "a", "b"} }, refused: `not of "a" or "b"`},
		"similar, as asked": {files: `plugin.json={"name":"workflow-plugin-authz","version":"1.2.0"} authz`, change: func(s *staging.Spec) { s.Similar = true }},
		"no manifest":       {files: "no=manifest authz README", refused: `the package has no plugin.json; it holds "README", "authz", "no"`},
		"in a subfolder":    {files: `no=manifest authz sub/plugin.json={"name":"authz","version":"1.2.0"}`, refused: "no plugin.json"},
		"not JSON":          {files: "plugin.json={ authz", refused: `entry "plugin.json": it is cut off`},
		"no name":           {files: `plugin.json={"version":"1.2.0"} authz`, refused: `no "name"`},
		"a folder":          {files: "plugin.json/x authz y", refused: `entry "plugin.json": it is not a regular file`},
		"too large":         {files: `plugin.json={"name":"authz","version":"1.2.0"} authz`, change: func(s *staging.Spec) { s.Limits.Manifest = 8 }, refused: "larger than 8 bytes; raise it with limits { manifest = 16 }"},
		"an empty package":  {files: "no=manifest", change: func(*staging.Spec) {}, refused: "no plugin.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			s := p.spec(strings.Fields(test.files)...)
			if test.change != nil {
				test.change(&s)
			}
			tree, err := p.stage(s)
			if test.refused != "" {
				wantRefused(t, err, where(s))
				wantRefused(t, err, test.refused)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tree.Digest != s.Digest || tree.Manifest.Name == "" || tree.Manifest.Version.IsZero() {
				t.Errorf("the tree is %+v", tree)
			}
		})
	}
}

// One folder that holds everything is not part of the plugin. Two are.
func TestTopFolderIsStripped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files, want string // "" for refused
	}{
		"no folder":            {"plugin.json=" + manifest + "|authz*=x", "authz* plugin.json"},
		"one, unlisted":        {"authz-1.2.0/plugin.json=" + manifest + "|authz-1.2.0/authz*=x|authz-1.2.0/docs/a", "authz* docs/ docs/a plugin.json"},
		"one, listed":          {"top/|top/plugin.json=" + manifest + "|top/authz*=x", "authz* plugin.json"},
		"of the plugin's name": {"authz/plugin.json=" + manifest + "|authz/authz*=x", "authz* plugin.json"},
		"two in each other":    {"a/b/plugin.json=" + manifest + "|a/b/authz*=x", ""},
		"a file beside it":     {"top/plugin.json=" + manifest + "|top/authz*=x|README", ""},
		"one whose name another starts with": {
			"top/plugin.json=" + manifest + "|top/authz*=x|top-2/y", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			tree, err := p.stage(p.spec(strings.Split(test.files, "|")...))
			if test.want == "" {
				wantRefused(t, err, "no plugin.json")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := list(tree); got != test.want {
				t.Errorf("the tree is %s, want %s", got, test.want)
			}
			if tree.Digest.Algorithm() != plugin.SHA256 {
				t.Errorf("the digest is %s", tree.Digest)
			}
		})
	}
}

// The registry's manifest is written where the package has none, and where it has.
func TestManifestFromTheRegistry(t *testing.T) {
	t.Parallel()
	const content = `{"name":"authz","version":"1.2.0","description":"from the registry"}`
	for name, test := range map[string]struct{ files, refused string }{
		"none there":             {"authz=x|no manifest", ""},
		"another there":          {`authz=x|plugin.json={"name":"other","version":"9.9.9"}`, ""},
		"an empty folder there":  {"authz=x|plugin.json/", ""},
		"a folder there":         {"authz=x|plugin.json/x", `entry "plugin.json": it stands where the registry's manifest`},
		"none, and a top folder": {"top/authz=x|no manifest", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			s := p.spec(strings.Split(test.files, "|")...)
			s.Manifest = content
			tree, err := p.stage(s)
			if test.refused != "" {
				wantRefused(t, err, test.refused)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := list(tree); got != "authz* plugin.json" {
				t.Errorf("the tree is %s", got)
			}
			got, err := os.ReadFile(filepath.Join(p.dir, "tree", "plugin.json"))
			if err != nil || string(got) != content {
				t.Errorf("plugin.json is %q, %v", got, err)
			}
		})
	}
	p := newProject(t)
	s := p.spec("authz=x", "no manifest")
	s.Manifest = strings.Replace(content, "1.2.0", "1.3.0", 1)
	_, err := p.stage(s)
	wantRefused(t, err, "it says version 1.3.0")
}

// Nothing of a package that is not the one expected is unpacked.
func TestDigestIsCompared(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	s := p.spec(files("authz*")...)
	must(t, os.WriteFile(filepath.Join(p.dir, "authz.tar"), tarOf(t, files("authz*", "malware*")...), 0o644))
	_, err := p.stage(s)
	var other *plugin.DigestError
	if !errors.As(err, &other) || other.Want != s.Digest || !errors.Is(err, plugin.ErrRefused) {
		t.Errorf("Stage = %v: want a DigestError", err)
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "tree*")); err != nil || len(left) != 0 {
		t.Errorf("something was unpacked: %v, %v", left, err)
	}
}

func TestFolderIsCopied(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.folder(files("authz*=x", "docs/a=one", "empty/")...)
	s := staging.Spec{
		Name: "authz", Platform: linux, Path: "authz", Version: plugin.MustVersion("1.2.0"), Names: []string{"authz"}, Limits: plugin.DefaultLimits(),
	}
	tree, err := p.stage(s)
	must(t, err)
	if got, want := list(tree), "authz* docs/ docs/a empty/ plugin.json"; got != want {
		t.Errorf("the tree is %s, want %s", got, want)
	}
	now, err := archive.DigestAt(t.Context(), filepath.Join(p.dir, "authz"))
	if err != nil || tree.Digest != now || now.Algorithm() != plugin.TreeSHA256 {
		t.Errorf("the digest is %s, and of the folder as it is %s, %v", tree.Digest, now, err)
	}

	// As locked, it is staged again; changed, it is refused.
	s.Digest = tree.Digest
	must(t, os.RemoveAll(filepath.Join(p.dir, "tree")))
	_, err = p.stage(s)
	must(t, err)
	must(t, os.RemoveAll(filepath.Join(p.dir, "tree")))
	p.folder("docs/a=two")
	var other *plugin.DigestError
	if _, err := p.stage(s); !errors.As(err, &other) || other.Where != "authz" {
		t.Errorf("a changed folder: %v", err)
	}
}

// An executable that is found by its decorated name does not change the digest of the
// folder: that is of what was given.
func TestFolderDigestIsOfTheSource(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.folder(files("authz-linux-amd64*=x")...)
	tree, err := p.stage(staging.Spec{Name: "authz", Platform: linux, Path: "authz", Limits: plugin.DefaultLimits()})
	must(t, err)
	now, err := archive.DigestAt(t.Context(), filepath.Join(p.dir, "authz"))
	must(t, err)
	if tree.Digest != now || tree.Files.Digest() == now {
		t.Errorf("the digest is %s, of the folder %s, of the tree %s", tree.Digest, now, tree.Files.Digest())
	}
}

func TestFolderWithALinkIsRefused(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.folder(files("authz*=x")...)
	if err := os.Symlink("authz", filepath.Join(p.dir, "authz", "link")); err != nil {
		t.Skip(err)
	}
	_, err := p.stage(staging.Spec{Name: "authz", Platform: linux, Path: "authz", Limits: plugin.DefaultLimits()})
	wantRefused(t, err, `entry "link": it is a symbolic link`)
}

func TestFileLockedAsFolderIsRefused(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	s := p.spec(files("authz*")...)
	s.Digest = plugin.Digest("tree-sha256:" + strings.Repeat("0", 64))
	_, err := p.stage(s)
	wantRefused(t, err, "is a folder's")
}

func TestMissingPackageIsMissing(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	s := p.spec(files("authz*")...)
	must(t, os.Remove(filepath.Join(p.dir, s.Path)))
	if _, err := p.stage(s); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, plugin.ErrRefused) {
		t.Errorf("Stage = %v", err)
	}
	if _, err := archive.DigestAt(t.Context(), filepath.Join(p.dir, s.Path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("DigestAt = %v", err)
	}
}

// Trying leaves nothing behind, whatever comes of it, and digests are those of files.
func TestTryAndDigest(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("TMP", tmp)
	p := newProject(t)
	s := p.spec(files("authz*")...)
	for _, digests := range []func() (plugin.Digest, error){
		func() (plugin.Digest, error) { return p.Digest(t.Context(), s) },
		func() (plugin.Digest, error) {
			return archive.DigestAt(t.Context(), filepath.Join(p.dir, s.Path))
		},
		func() (plugin.Digest, error) {
			tree, err := p.Try(t.Context(), s)
			if err != nil {
				return "", err
			}
			return tree.Digest, nil
		},
	} {
		if got, err := digests(); err != nil || got != s.Digest {
			t.Errorf("the digest is %s, %v; want %s", got, err, s.Digest)
		}
	}
	s.Names = []string{"nobody"}
	_, err := p.Try(t.Context(), s)
	wantRefused(t, err, "nobody")
	if entries, err := os.ReadDir(tmp); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
