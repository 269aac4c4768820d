package plugin_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestParseOCI(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0f", 32)
	for address, want := range map[string]string{
		"oci://reg.example/a":                                "oci://reg.example/a",
		"OCI://Reg.Example:5000/plugins/a_b/c--d/":           "oci://reg.example:5000/plugins/a_b/c--d",
		"oci://[::1]:5000/a.b":                               "oci://[::1]:5000/a.b",
		"oci://reg.example/a@" + digest:                      "oci://reg.example/a@" + digest,
		"oci://reg.example/a@" + strings.ToUpper(digest[7:]): "",
		"oci://reg.example/a@" + digest + "/x-1.0_a.tgz":     "oci://reg.example/a@" + digest + "/x-1.0_a.tgz",

		"oci://reg.example/a@" + digest + "/../x": "", "oci://reg.example/a@" + digest + "/": "", "oci://reg.example/a@" + digest + "/-x": "",
		"oci://reg.example/a@tree-" + digest: "", "oci://reg.example/a@sha256:00": "", "oci://reg.example/a:1.0": "", "oci://reg.example/a:1@" + digest: "",
		"oci://reg.example/A": "", "oci://reg.example/a//b": "", "oci://reg.example/../a": "", "oci://reg.example/a%2fb": "", "oci://reg.example": "",
		"oci:///a": "", "https://reg.example/a": "", "reg.example/a": "", "oci://me:pw@reg.example/a": "", "oci://reg.example/a?b": "", "oci://reg.example/a#b": "", "": "",
	} {
		ref, err := plugin.ParseOCI(address)
		if (err == nil) != (want != "") || err == nil && ref.String() != want {
			t.Errorf("%q is %q, %v, want %q", address, ref, err, want)
		}
	}
}

// An address that is read is written so that it is read the same, and never leads anywhere
// else than into its repository.
func TestOCIAddresses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref, err := plugin.ParseOCI("oci://" + rapid.StringMatching(`[a-z0-9.:\[\]]{1,12}`).Draw(t, "host") + "/" + rapid.StringMatching(`[a-z0-9._/@:%-]{1,20}`).Draw(t, "rest"))
		if err != nil {
			return
		}
		again, err := plugin.ParseOCI(ref.String())
		if err != nil || again != ref || strings.Contains(ref.Repository, "..") || strings.ContainsAny(ref.Repository, "@:%") {
			t.Fatalf("%+v is written as %s, and read as %+v, %v", ref, ref, again, err)
		}
	})
}
