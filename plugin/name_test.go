package plugin_test

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestParseName(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"a", "7", "authz", "workflow-plugin-authz", "a.b_c-d", "a..b", "console", "com10", "auxiliary", strings.Repeat("a", 100),
	} {
		if n, err := plugin.ParseName(s); err != nil || string(n) != s {
			t.Errorf("ParseName(%q) = %q, %v", s, n, err)
		}
	}
	for s, rule := range map[string]string{
		"":                       "it is empty",
		strings.Repeat("a", 101): "it is longer than 100 bytes",
		"Authz":                  `it may hold only a-z, 0-9, ".", "_" and "-"`,
		"a/b":                    `it may hold only a-z, 0-9, ".", "_" and "-"`,
		"a b":                    `it may hold only a-z, 0-9, ".", "_" and "-"`,
		"é":                      `it may hold only a-z, 0-9, ".", "_" and "-"`,
		"a\x00":                  `it may hold only a-z, 0-9, ".", "_" and "-"`,
		".plugins":               "it must start and end with a letter or a digit",
		"..":                     "it must start and end with a letter or a digit",
		"-a":                     "it must start and end with a letter or a digit",
		"a.":                     "it must start and end with a letter or a digit",
		"nul":                    "it is a device name on Windows",
		"con.txt":                "it is a device name on Windows",
		"com1":                   "it is a device name on Windows",
		"lpt9.tar.gz":            "it is a device name on Windows",
	} {
		_, err := plugin.ParseName(s)
		var name *plugin.NameError
		if !errors.As(err, &name) || name.Rule != rule || name.Name != s {
			t.Errorf("ParseName(%q): %v, want %s", s, err, rule)
		}
	}
}

func TestIsWindowsDevice(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"CON", "con", "Prn.txt", "AUX .x", "NUL", "COM0", "com¹", "LPT³.log", "CONIN$", "conout$"} {
		if !plugin.IsWindowsDevice(s) {
			t.Errorf("%q is no device", s)
		}
	}
	for _, s := range []string{"", "CONS", "COM", "COM10", "LPT", "x.con", "comx", "null"} {
		if plugin.IsWindowsDevice(s) {
			t.Errorf("%q is a device", s)
		}
	}
}

// A name is the pattern of the contract, and safe as one element of a path.
func TestNameProperty(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9._-]{0,102}`), rapid.StringMatching(`(con|com1|nul)[.a-z]{0,3}`)).Draw(t, "s")
		_, err := plugin.ParseName(s)
		want := pattern.MatchString(s) && len(s) <= plugin.MaxNameLength && !plugin.IsWindowsDevice(s)
		if (err == nil) != want {
			t.Fatalf("ParseName(%q): %v", s, err)
		}
		if err == nil && (!filepath.IsLocal(s) || filepath.Base(s) != s) {
			t.Fatalf("%q is not one element of a path", s)
		}
	})
}

func TestSameName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"authz", "authz", true},
		{"authz", "workflow-plugin-authz", true},
		{"workflow-plugin-authz", "authz", true},
		{"workflow-plugin-authz", "workflow-plugin-authz", true},
		{"authz", "auth", false},
		{"", "", false},
		{"", "authz", false},
	} {
		if plugin.SameName(test.a, test.b) != test.same {
			t.Errorf("SameName(%q, %q) = %v", test.a, test.b, !test.same)
		}
	}
	if plugin.ShortName("workflow-plugin-a") != "a" || plugin.ShortName("a") != "a" ||
		plugin.LongName("a") != "workflow-plugin-a" || plugin.LongName("workflow-plugin-a") != "workflow-plugin-a" {
		t.Error("ShortName or LongName")
	}
}

func TestPlatform(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"linux/amd64", "darwin/arm64", "windows/386", "plan9/arm", "any"} {
		p, err := plugin.ParsePlatform(s)
		if err != nil || p.String() != s {
			t.Errorf("ParsePlatform(%q) = %s, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "linux", "linux/", "/amd64", "linux/amd64/v3", "Linux/amd64", "linux/x86_64", "any/any ", "../x"} {
		if p, err := plugin.ParsePlatform(s); err == nil {
			t.Errorf("ParsePlatform(%q) = %s", s, p)
		}
	}
	list := []plugin.Platform{{OS: "linux", Arch: "amd64"}, plugin.AnyPlatform}
	if got := plugin.PlatformList(list); got != "linux/amd64, any" {
		t.Errorf("PlatformList = %q", got)
	}
	if list[0].For() != " for linux/amd64" || list[1].For() != "" {
		t.Errorf("For: %q, %q", list[0].For(), list[1].For())
	}
	if plugin.ComparePlatforms(list[1], list[0]) >= 0 {
		t.Error("any comes after linux/amd64")
	}
	if _, err := plugin.ParsePlatform(plugin.CurrentPlatform().String()); err != nil {
		t.Error(err)
	}
}

func TestWantedOn(t *testing.T) {
	t.Parallel()
	linux, mac := plugin.Platform{OS: "linux", Arch: "amd64"}, plugin.Platform{OS: "darwin", Arch: "arm64"}
	if r := (plugin.Requirement{}); !r.WantedOn(linux) {
		t.Error("a plugin without platforms is not wanted")
	}
	if r := (plugin.Requirement{Platforms: []plugin.Platform{mac}}); r.WantedOn(linux) || !r.WantedOn(mac) {
		t.Error("WantedOn")
	}
}
