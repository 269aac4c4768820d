package staging_test

import (
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// Which file is the executable. All are at the top of the package unless they say
// otherwise.
func TestExecutableIsFound(t *testing.T) {
	t.Parallel()
	windows := plugin.Platform{OS: "windows", Arch: "amd64"}
	mac := plugin.Platform{OS: "darwin", Arch: "arm64"}
	for name, test := range map[string]struct {
		files    string
		platform plugin.Platform // zero: linux/amd64
		alias    string
		binary   string
		want     string // where it is; the tree holds it as authz
		refused  string
	}{
		"by its name":                           {files: "authz", want: "authz"},
		"by its name, among others":             {files: "authz authz-linux-amd64* helper*", want: "authz"},
		"by the long name":                      {files: "workflow-plugin-authz", want: "workflow-plugin-authz"},
		"with system and processor":             {files: "authz-linux-amd64", want: "authz-linux-amd64"},
		"with underscores":                      {files: "workflow-plugin-authz_linux_amd64", want: "workflow-plugin-authz_linux_amd64"},
		"mixed":                                 {files: "authz_linux-amd64", want: "authz_linux-amd64"},
		"with a system only":                    {files: "authz-linux", want: "authz-linux"},
		"with a version":                        {files: "authz_1.2.0", want: "authz_1.2.0"},
		"with a v and a version":                {files: "authz-v1.2.0-linux-amd64", want: "authz-v1.2.0-linux-amd64"},
		"as GoReleaser does":                    {files: "workflow-plugin-authz_1.2.0_Linux_x86_64 README.md", want: "workflow-plugin-authz_1.2.0_Linux_x86_64"},
		"as GoReleaser does, with GOAMD64":      {files: "authz_linux_amd64_v1", want: "authz_linux_amd64_v1"},
		"in capitals":                           {files: "AUTHZ-LINUX-AMD64", want: "AUTHZ-LINUX-AMD64"},
		"for Windows":                           {files: "authz.exe", platform: windows, want: "authz.exe"},
		"for Windows, decorated":                {files: "authz_windows_amd64.exe", platform: windows, want: "authz_windows_amd64.exe"},
		"for a Mac, named so":                   {files: "authz-macos-aarch64", platform: mac, want: "authz-macos-aarch64"},
		"for every Mac":                         {files: "authz_darwin_all", platform: mac, want: "authz_darwin_all"},
		"by an alias":                           {files: "authorize-linux-amd64", alias: "authorize", want: "authorize-linux-amd64"},
		"by an alias's short name":              {files: "authorize", alias: "workflow-plugin-authorize", want: "authorize"},
		"the only executable file":              {files: "server* README.md", want: "server"},
		"the only executable file, in a folder": {files: "bin/server* README.md lib/", want: "bin/server"},
		"beside those of other platforms":       {files: "authz-darwin-arm64* authz-linux-amd64* authz-linux-arm64*", want: "authz-linux-amd64"},
		"beside one whose name goes on":         {files: "authz-linux-amd64 authz-linux-amd64.sha256 authz-linux-amd64-helper", want: "authz-linux-amd64"},
		"beside executable scripts":             {files: "authz-linux-amd64 install.sh* uninstall.sh*", want: "authz-linux-amd64"},
		"by what binary says":                   {files: "bin/a* bin/b* authz", binary: "bin/b", want: "bin/b"},
		"by what binary says, alone":            {files: "bin/a* bin/b", binary: "./bin/b", want: "bin/b"},
		"none is wanted":                        {files: "index.html", binary: plugin.NoBinary},

		"none":                             {files: "README.md", refused: `no executable: there is no file "authz"`},
		"only a folder of its name":        {files: "authz/ x", refused: "no executable"},
		"only another platform's":          {files: "authz-darwin-arm64", refused: "no executable"},
		"only another version's":           {files: "authz_1.1.0", refused: "no executable"},
		"only one in a folder, unmarked":   {files: "bin/authz x", refused: "no executable"},
		"several executable files":         {files: "server* client*", refused: `several executables: "client", "server"; say with binary`},
		"several decorated":                {files: "authz-linux-amd64 authz_linux_amd64 x", refused: `several executables: "authz-linux-amd64", "authz_linux_amd64"`},
		"several for other platforms":      {files: "authz-darwin-arm64* authz-windows-amd64.exe*", refused: "several executables"},
		"a folder stands at its place":     {files: "authz/x authz-linux-amd64 y", refused: `entry "authz": it is a folder, and stands where the executable`},
		"binary names what is not there":   {files: "authz", binary: "bin/authz", refused: `no file "bin/authz", which binary names; it holds "authz", "plugin.json"`},
		"binary names a folder":            {files: "bin/x authz", binary: "bin", refused: `no file "bin"`},
		"binary leaves the package":        {files: "authz", binary: "../authz", refused: `no file "../authz"`},
		"a manifest that is executable":    {files: "plugin.json*=" + strings.ReplaceAll(manifest, " ", ""), refused: "no executable"},
		"binary in a folder of that name":  {files: "authz/authz* x", binary: "authz/authz", refused: `entry "authz": it is a folder, and stands where`},
		"a name that only starts like its": {files: "authzoo-linux-amd64", refused: "no executable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			s := p.spec(files(strings.Fields(test.files)...)...)
			s.Binary, s.Aliases = test.binary, []string{test.alias}
			if test.alias == "" {
				s.Aliases = nil
			}
			if test.platform != (plugin.Platform{}) {
				s.Platform = test.platform
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
			names := " " + list(tree) + " "
			if test.want == "" {
				if strings.Contains(names, "* ") {
					t.Errorf("the tree holds an executable: %s", names)
				}
				return
			}
			if !strings.Contains(names, " authz* ") {
				t.Errorf("the tree holds no executable authz: %s", names)
			}
			if test.want != "authz" && (strings.Contains(names, " "+test.want+" ") || strings.Contains(names, " "+test.want+"* ")) {
				t.Errorf("%s was not moved: %s", test.want, names)
			}
		})
	}
}

// What was found keeps its contents, and its folder stays.
func TestExecutableIsMoved(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	tree, err := p.stage(p.spec(files("bin/server*=the executable", "README.md=read me")...))
	must(t, err)
	if got, want := list(tree), "README.md authz* bin/ plugin.json"; got != want {
		t.Errorf("the tree is %s, want %s", got, want)
	}
	for _, e := range tree.Files {
		if e.Path == "authz" && e.Size != int64(len("the executable")) {
			t.Errorf("its size is %d", e.Size)
		}
	}
}
