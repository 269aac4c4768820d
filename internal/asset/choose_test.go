package asset_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/internal/asset"
	"github.com/plugins-hcl/plugins/plugin"
)

// shown is a choice, a line a platform: "linux/amd64 a.tar.gz". Several files stand on
// one line, and those that have no place behind "?".
func shown(c asset.Choice) []string {
	var lines []string
	for _, p := range slices.SortedFunc(maps.Keys(c.Packages), plugin.ComparePlatforms) {
		lines = append(lines, p.String()+" "+strings.Join(c.Packages[p], " "))
	}
	if c.Unplaced != nil {
		lines = append(lines, "? "+strings.Join(c.Unplaced, " "))
	}
	return lines
}

// What releases of real projects hold, and what is to be taken of it.
func TestReleases(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, r := range releases() {
		if names[r.project] {
			t.Errorf("%s stands there twice", r.project)
		}
		names[r.project] = true
		t.Run(r.project, func(t *testing.T) {
			t.Parallel()
			got := shown(asset.Choose(strings.Fields(r.files), r.version, strings.Fields(r.likes)))
			if diff := cmp.Diff(lines(r.want), got); diff != "" {
				t.Errorf("Choose (-want +got):\n%s", diff)
			}
		})
	}
}

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Each word that publishers use, in a name of the usual form.
func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"x86_64": "linux/amd64", "x86-64": "linux/amd64", "x64": "linux/amd64", "amd64": "linux/amd64", "64bit": "linux/amd64",
		"64-bit": "linux/amd64", "amd64v1": "linux/amd64", "x86_64_v3": "linux/amd64", "amd64_v1": "linux/amd64", "64": "linux/amd64",
		"i386": "linux/386", "386": "linux/386", "x86": "linux/386", "i686": "linux/386", "32bit": "linux/386", "x86_32": "linux/386", "32": "linux/386",
		"aarch64": "linux/arm64", "arm64": "linux/arm64", "arm64v8": "linux/arm64", "armv8": "linux/arm64", "aarch_64": "linux/arm64", "ARM64": "linux/arm64",
		"arm": "linux/arm", "armv5": "linux/arm", "armv6": "linux/arm", "armv6hf": "linux/arm", "armv7": "linux/arm", "armv7l": "linux/arm",
		"armhf": "linux/arm", "arm_v7": "linux/arm", "arm-6": "linux/arm", "arm32v7": "linux/arm", "armel": "linux/arm",
		"riscv64": "linux/riscv64", "ppc64le": "linux/ppc64le", "powerpc64le": "linux/ppc64le", "ppc64": "linux/ppc64", "s390x": "linux/s390x",
		"loong64": "linux/loong64", "loongarch64": "linux/loong64", "mips64le_hardfloat": "linux/mips64le", "mipsel": "linux/mipsle",
		"mips_softfloat": "linux/mips",
	} {
		for _, form := range []string{"tool-linux-%.tar.gz", "tool_1.2.3_linux_%.zip", "%-unknown-linux-musl.tar.xz", "Tool-Linux-%.tgz", "tool.linux.%.tar.zst"} {
			if form[0] == '%' && strings.Trim(name, "0123456789") == "" && name != "386" {
				continue // such a word counts behind a system only
			}
			file := strings.ReplaceAll(form, "%", name)
			if got := shown(asset.Choose([]string{file}, "1.2.3", []string{"tool"})); !slices.Equal(got, []string{want + " " + file}) {
				t.Errorf("%s is for %q, want %s", file, got, want)
			}
		}
	}
	for name, want := range map[string]string{
		"macos-arm64": "darwin/arm64", "osx-x64": "darwin/amd64", "mac-intel": "darwin/amd64", "apple-darwin-aarch64": "darwin/arm64",
		"apple-silicon": "darwin/arm64", "macos-m1": "darwin/arm64", "macos14-arm64": "darwin/arm64", "macosx64": "darwin/amd64", "macarm64": "darwin/arm64",
		"darwin64": "darwin/amd64", "macos-arm": "darwin/arm64", "macOS-x86": "darwin/amd64",
		"win64": "windows/amd64", "win32": "windows/386", "win-x64": "windows/amd64", "win32-x64": "windows/amd64", "windows-arm64": "windows/arm64",
		"pc-windows-msvc-x86_64": "windows/amd64", "x86_64-pc-windows-gnu": "windows/amd64", "windows": "windows/amd64",
		"linux64": "linux/amd64", "linuxarm64": "linux/arm64", "linux": "linux/amd64", "linux386": "linux/386", "ubuntu-22.04-x64": "linux/amd64", "x86_64-musl": "linux/amd64",
		"freebsd13-amd64": "freebsd/amd64", "FreeBSD_x86_64": "freebsd/amd64", "netbsd-arm64": "netbsd/arm64", "openbsd_i386": "openbsd/386",
		"dragonfly-amd64": "dragonfly/amd64", "sunos-x64": "solaris/amd64", "illumos-amd64": "illumos/amd64", "aarch64-linux-android": "android/arm64",
		"aarch64-apple-ios": "ios/arm64", "wasm32-wasi": "wasip1/wasm", "aix-ppc64": "aix/ppc64", "plan9_arm": "plan9/arm",
		"arm-unknown-linux-gnueabihf": "linux/arm", "linux-gnueabihf": "linux/arm",
	} {
		file := "tool-" + name + ".tar.gz"
		if got := shown(asset.Choose([]string{file}, "", []string{"tool"})); !slices.Equal(got, []string{want + " " + file}) {
			t.Errorf("%s is for %q, want %s", file, got, want)
		}
	}
}

// What the words do not tell is not guessed.
func TestNoGuess(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"linux-windows", "linux-amd64-arm64", "amd64", "aarch64", "ios", "android", "wasm"} {
		file := "tool-" + name + ".tar.gz"
		if got := shown(asset.Choose([]string{file, "tool-darwin-arm64.zip"}, "", []string{"tool"})); len(got) != 2 || got[1] != "? "+file {
			t.Errorf("%s is for %q", file, got)
		}
	}
	// Nor what is no package at all, or not the program's.
	for _, file := range []string{
		"tool-linux-amd64", "tool.exe", "tool_linux_amd64.deb", "tool.x86_64.rpm", "tool_linux_amd64.apk", "tool.pkg", "tool-macos.dmg", "tool-win64.msi",
		"tool-linux-amd64.tar.gz.sbom", "tool-linux-amd64.tar.gz.sbom.json", "tool-linux-amd64.tar.gz.sig", "tool-linux-amd64.tar.gz.asc", "tool-linux-amd64.tar.gz.sha256",
		"tool-linux-amd64.tar.gz.pem", "tool-linux-amd64.json", "checksums.txt", "tool-linux-amd64.tar.bz2", "tool-linux-amd64.gz", "tool-linux-amd64.7z", "tool.AppImage",
		"tool-1.0-src.tar.gz", "tool-linux-amd64-debug.tar.gz", "tool-vendor.tar.gz", "tool-man.zip", "tool-completions.tar.gz", ".tar.gz", "",
	} {
		if got := shown(asset.Choose([]string{file}, "1.0", []string{"tool"})); got != nil {
			t.Errorf("%q is for %q", file, got)
		}
	}
}

// parts make names that are near to those of publishers, and far off.
func parts() []string {
	return []string{
		"tool", "tool-extra", "workflow-plugin-tool", "linux", "darwin", "windows", "macos14", "win64", "win32", "amd64", "x86_64", "arm64", "aarch64", "armv7", "arm",
		"386", "universal", "musl", "gnu", "gnueabihf", "v1.2.3", "1.2.3", "unknown", "apple", "src", "64", "v3", "..", "/", "é", "\x00", "linuxamd64", "",
	}
}

// The same files give the same choice, in whatever order, and every file of it is one of
// them.
func TestChooseProperties(t *testing.T) {
	t.Parallel()
	file := rapid.Custom(func(t *rapid.T) string {
		words := rapid.SliceOfN(rapid.SampledFrom(parts()), 0, 6).Draw(t, "words")
		sep := rapid.SampledFrom([]string{"-", "_", "."}).Draw(t, "sep")
		return strings.Join(words, sep) + rapid.SampledFrom([]string{".tar.gz", ".zip", ".tgz", ".tar.xz", ".deb", ".sha256", ""}).Draw(t, "ending")
	})
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.SliceOfN(file, 0, 12).Draw(t, "files")
		likes := rapid.SliceOfN(rapid.SampledFrom(parts()), 0, 3).Draw(t, "likes")
		got := asset.Choose(files, "1.2.3", likes)
		shuffled := slices.Clone(files)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(got, asset.Choose(shuffled, "1.2.3", likes)); diff != "" {
			t.Fatalf("the order counts:\n%s", diff)
		}
		for p, chosen := range got.Packages {
			if len(chosen) == 0 {
				t.Fatalf("nothing is chosen for %s", p)
			}
			if p != plugin.AnyPlatform {
				if _, err := plugin.ParsePlatform(p.String()); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range chosen {
				if !slices.Contains(files, f) || slices.Contains(got.Unplaced, f) {
					t.Fatalf("%q is chosen for %s", f, p)
				}
			}
		}
		// What is chosen of all is chosen of itself and those that it was chosen among.
		for p, chosen := range got.Packages {
			if diff := cmp.Diff(chosen, asset.Choose(chosen, "1.2.3", likes).Packages[p]); p != plugin.AnyPlatform && diff != "" {
				t.Fatalf("%s alone:\n%s", p, diff)
			}
		}
	})
}

func FuzzChoose(f *testing.F) {
	for _, r := range releases() {
		f.Add(r.files, r.version, r.likes)
	}
	f.Fuzz(func(t *testing.T, files, version, likes string) {
		asset.Choose(strings.Fields(files), version, strings.Fields(likes))
		asset.Choose([]string{files}, version, []string{likes})
	})
}
