package fetch

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestPackageName(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"https://h.example/a/authz-linux-amd64.tar.gz":           "authz-linux-amd64.tar.gz",
		"https://h.example/get.tar.gz?token=s3cr3t/x#f":          "get.tar.gz",
		"https://h.example/get?file=a":                           "get",
		"https://h.example/":                                     "package",
		"https://h.example/a%20b.zip":                            "a_20b.zip",
		"https://h.example/-rf":                                  "_rf",
		"https://h.example/..":                                   "__",
		"https://h.example/x.":                                   "x_",
		"https://h.example/con.tar.gz":                           "_con.tar.gz",
		"oci://h.example/plugins/audit@sha256:00ff":              "audit_sha256_00ff",
		"reg/dl/x_1.0+b.tar.zst":                                 "x_1.0+b.tar.zst",
		`C:\reg\dl\x.zip`:                                        "x.zip",
		"/srv/what?.tar":                                         "what_.tar",
		"https://h.example/" + strings.Repeat("é", 200) + ".tgz": strings.Repeat("_", maxName-1-len(".tgz")) + ".tgz",
	} {
		if got := packageName(location); got != want {
			t.Errorf("%s: got %q, want %q", location, got, want)
		}
	}
}

// Whatever an address is, its package has a name that is safe everywhere, and that
// says nothing of its query.
func TestPackageNameIsSafe(t *testing.T) {
	t.Parallel()
	safe := regexp.MustCompile(`^[A-Za-z0-9_+]([A-Za-z0-9._+-]*[A-Za-z0-9_+])?$`)
	rapid.Check(t, func(t *rapid.T) {
		location := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.String(), func(s string) string { return "https://h.example/" + s }),
			rapid.StringMatching(`(https://h|/srv)/(con|nul|com1|x)?[.a-z?#\\/@:%-]{0,120}`),
		).Draw(t, "location")
		name := packageName(location)
		if !safe.MatchString(name) || len(name) > maxName || plugin.IsWindowsDevice(name) {
			t.Fatalf("%q is not a safe name", name)
		}
		if strings.Contains(location, "://") && packageName(location+"?"+rapid.String().Draw(t, "query")) != name {
			t.Fatalf("the query of %q counts", location)
		}
	})
}
