package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

const testTag = "v0.98.7"

// released is what the last commit of this repository makes, tagged in a clone, for
// Linux and Windows. Both builds use the user's build cache, so that only the links are
// done twice: empty ones are for a release.
func released(t *testing.T) (source, []program, documents, artifacts) {
	t.Helper()
	if raced {
		t.Skip("most of it is building, which the race detector does not see: it runs without it")
	}
	root, err := git(t.Context(), ".", "rev-parse", "--show-toplevel")
	if err != nil {
		t.Skipf("needs git, and a clone: %v", err)
	}
	repo := filepath.Join(t.TempDir(), "repo")
	do(t, root, "clone", "--quiet", root, repo)
	changes, err := os.ReadFile(filepath.Join(repo, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, repo, "CHANGELOG.md", "## "+testTag[1:]+" (today)\n\n"+string(changes))
	commit(t, repo)
	do(t, repo, "tag", testTag)

	r := release{log: t.Output(), repo: repo, sharedCache: true, build: goBuild, platforms: []plugin.Platform{
		{OS: "linux", Arch: runtime.GOARCH}, {OS: "windows", Arch: "amd64"},
	}}
	src, err := openSource(t.Context(), repo, testTag)
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	places, err := r.twoPlaces(t.Context(), src, work)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := r.buildTwice(t.Context(), src, places)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := makeDocs(t.Context(), places[0], work)
	if err != nil {
		t.Fatal(err)
	}
	made, err := r.pack(src, programs, docs)
	if err != nil {
		t.Fatal(err)
	}
	packsTheSame(t, r, src, programs, docs)
	return src, programs, docs, made
}

// packsTheSame packs twice, of each program only the beginning: compressing takes a while.
func packsTheSame(t *testing.T, r release, src source, programs []program, docs documents) {
	t.Helper()
	programs = slices.Clone(programs)
	for i := range programs {
		programs[i].data = programs[i].data[:100_000]
	}
	first, err := r.pack(src, programs, docs)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.pack(src, programs, docs)
	if err != nil {
		t.Fatal(err)
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s is another one when it is made again", name)
		}
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	src, programs, docs, made := released(t)
	dist := filepath.Join(t.TempDir(), "dist")
	if err := write(dist, made); err != nil {
		t.Fatal(err)
	}
	linux := "plugins_0.98.7_linux_" + runtime.GOARCH
	windows := "plugins_0.98.7_windows_amd64"
	want := []string{
		"checksums.txt", linux + ".cdx.json", linux + ".deb", linux + ".rpm", linux + ".tar.gz", windows + ".cdx.json", windows + ".zip",
	}
	if got := slices.Sorted(maps.Keys(made)); !slices.Equal(got, want) {
		t.Errorf("made %q, want %q", got, want)
	}

	t.Run("checksums", func(t *testing.T) {
		lines := strings.Split(strings.TrimSuffix(string(made["checksums.txt"]), "\n"), "\n")
		if len(lines) != len(made)-1 {
			t.Errorf("it names %d files of %d", len(lines), len(made)-1)
		}
		sha256sum := tool(t, "sha256sum")
		sum := exec.CommandContext(t.Context(), sha256sum, "--check", "--strict", "checksums.txt")
		sum.Dir = dist
		if out, err := sum.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})

	t.Run("tar.gz", func(t *testing.T) {
		files, headers := untar(t, made[linux+".tar.gz"])
		holds(t, files, linux+"/", "plugins")
		for _, h := range headers {
			if h.Uid != 0 || h.Gid != 0 || !h.ModTime.Equal(src.time) {
				t.Errorf("%s has owner %d:%d and time %v", h.Name, h.Uid, h.Gid, h.ModTime)
			}
		}
		if gz := made[linux+".tar.gz"]; gz[3] != 0 || !bytes.Equal(gz[4:8], make([]byte, 4)) {
			t.Errorf("its gzip header has a name or a time: % x", gz[:10])
		}
		tellsVersion(t, src, files[linux+"/plugins"])
	})

	t.Run("zip", func(t *testing.T) {
		r, err := zip.NewReader(bytes.NewReader(made[windows+".zip"]), int64(len(made[windows+".zip"])))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range r.File {
			rc, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if files[f.Name], err = io.ReadAll(rc); err != nil {
				t.Fatal(err)
			}
			if d := f.Modified.Sub(src.time); d.Abs() > time.Second {
				t.Errorf("%s has the time %v", f.Name, f.Modified)
			}
		}
		holds(t, files, windows+"/", "plugins.exe")
	})

	t.Run("sbom", func(t *testing.T) {
		for i, name := range []string{linux, windows} {
			listsModules(t, src, programs[i], made[name+".cdx.json"])
		}
	})

	t.Run("licences", func(t *testing.T) {
		text := string(docs.thirdParty(programs[0]).data)
		for _, want := range []string{"Go " + runtime.Version(), "The Go Authors", "github.com/hashicorp/hcl/v2 v", "Mozilla Public License"} {
			if !strings.Contains(text, want) {
				t.Errorf("they have no %q", want)
			}
		}
		without := docs
		without.licenses = maps.Clone(docs.licenses)
		delete(without.licenses, "github.com/spf13/cobra")
		if err := without.missingLicense(programs[0]); err == nil || !strings.Contains(err.Error(), "cobra") {
			t.Errorf("a module without one is released: %v", err)
		}
	})

	t.Run("deb", func(t *testing.T) { debInstalls(t, src, filepath.Join(dist, linux+".deb")) })
	t.Run("rpm", func(t *testing.T) { rpmInstalls(t, src, filepath.Join(dist, linux+".rpm")) })
}

func holds(t *testing.T, files map[string][]byte, prefix, program string) {
	t.Helper()
	for _, name := range []string{
		program, "README.md", "LICENSE", "CHANGELOG.md", thirdPartyFile, "completions/plugins.bash", "completions/_plugins",
		"completions/plugins.fish", "completions/plugins.ps1", "man/man1/plugins.1", "man/man1/plugins-apply.1",
	} {
		if len(files[prefix+name]) == 0 {
			t.Errorf("there is no %s in it, or nothing in that", name)
		}
	}
	for name := range files {
		if !strings.HasPrefix(name, prefix) {
			t.Errorf("%s is beside the folder %s", name, prefix)
		}
	}
	if !bytes.Contains(files[prefix+"man/man1/plugins.1"], []byte("plugins "+testTag[1:])) {
		t.Error("the manual page does not say of which version it is")
	}
}

func untar(t *testing.T, data []byte) (map[string][]byte, []*tar.Header) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	var headers []*tar.Header
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, headers
		}
		if err != nil {
			t.Fatal(err)
		}
		headers = append(headers, h)
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// tellsVersion runs a program for Linux, where that runs.
func tellsVersion(t *testing.T, src source, data []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plugins")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	saysVersion(t, src, path)
}

func saysVersion(t *testing.T, src source, path string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	got, err := command(t.Context(), nil, ".", path, "version")
	if err != nil {
		t.Fatal(err)
	}
	want := "plugins 0.98.7 linux/" + runtime.GOARCH + " " + runtime.Version() + " (commit " + src.commit[:12] + ")"
	if got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// listsModules holds a list against what Go says is built, and against go.sum.
func listsModules(t *testing.T, src source, p program, text []byte) {
	t.Helper()
	env, err := environment(t.Context(), "", p.platform)
	if err != nil {
		t.Fatal(err)
	}
	out, err := command(t.Context(), env, src.repo, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./cmd/plugins")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"std " + strings.TrimPrefix(runtime.Version(), "go")}
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, modulePath) {
			want = append(want, line)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	sums, err := os.ReadFile(filepath.Join(src.repo, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	var b bom
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range b.Components {
		got = append(got, c.Name+" "+c.Version)
		if c.Name == "std" {
			continue
		}
		raw, err := hex.DecodeString(c.Hashes[0].Content)
		if err != nil {
			t.Fatal(err)
		}
		if line := c.Name + " " + c.Version + " h1:" + base64.StdEncoding.EncodeToString(raw) + "\n"; !bytes.Contains(sums, []byte(line)) {
			t.Errorf("go.sum has no line %q", line)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("for %s it lists\n%q, and linked are\n%q", p.platform, got, want)
	}
	if main := b.Metadata.Component; main.Version != testTag || main.Hashes[0].Content != digest(p.data) {
		t.Errorf("it is about %+v", main)
	}
	if b.Metadata.Timestamp != src.time.Format(time.RFC3339) {
		t.Errorf("its time is %s", b.Metadata.Timestamp)
	}
}
