package plugin_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestDigest(t *testing.T) {
	t.Parallel()
	const digits = "212a8100000000000000000000000000000000000000000000000000000000ff"
	for _, algorithm := range []string{plugin.SHA256, plugin.TreeSHA256} {
		d, err := plugin.ParseDigest(algorithm + ":" + strings.ToUpper(digits))
		if err != nil || string(d) != algorithm+":"+digits {
			t.Errorf("ParseDigest = %s, %v", d, err)
		}
		if d.Algorithm() != algorithm || d.Hex() != digits || d.Short() != algorithm+":212a81000000" {
			t.Errorf("%s: Algorithm = %q, Hex = %q, Short = %q", d, d.Algorithm(), d.Hex(), d.Short())
		}
	}
	for _, s := range []string{"", digits, "sha256:", "sha256:" + digits[2:], "sha256:" + digits + "00", "md5:" + digits, "SHA256:" + digits, "sha256:zz" + digits[2:]} {
		if d, err := plugin.ParseDigest(s); err == nil || d != "" {
			t.Errorf("ParseDigest(%q) = %s, %v", s, d, err)
		}
	}
	if got := plugin.NewDigest(plugin.SHA256, []byte{0xab}); got != "sha256:ab" || got.Short() != "sha256:ab" {
		t.Errorf("NewDigest = %s", got)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	refused := &plugin.RefusedError{Entry: "a\nb", Rule: "it is a symlink"}
	digest := &plugin.DigestError{Where: "https://h/x", Want: "sha256:aa", Got: "sha256:bb"}
	for _, test := range []struct {
		err     error
		refused bool
		want    string
	}{
		{refused, true, `entry "a\nb": it is a symlink`},
		{&plugin.RefusedError{Rule: "it is empty"}, true, "it is empty"},
		{digest, true, "the digest of https://h/x is not the one expected:\n  want sha256:aa\n  got  sha256:bb"},
		{&plugin.Error{Plugin: "authz", Err: digest}, true, "authz: " + digest.Error()},
		{&plugin.Error{Plugin: "authz", Where: "/x", Err: fs.ErrNotExist}, false, "authz: file does not exist (/x)"},
	} {
		if test.err.Error() != test.want || errors.Is(test.err, plugin.ErrRefused) != test.refused {
			t.Errorf("%q, refused %v; want %q, %v", test.err, errors.Is(test.err, plugin.ErrRefused), test.want, test.refused)
		}
	}
	if !errors.Is(&plugin.Error{Err: fs.ErrNotExist}, fs.ErrNotExist) {
		t.Error("an Error hides its cause")
	}
}

func TestPosAndKinds(t *testing.T) {
	t.Parallel()
	if got := (plugin.Pos{File: "f", Line: 3, Column: 7}).String() + " " + (plugin.Pos{File: "f"}).String(); got != "f:3 f" {
		t.Errorf("Pos = %s", got)
	}
	var kinds []string
	for k := plugin.SourceRegistry; k <= plugin.SourceOCI+1; k++ {
		kinds = append(kinds, k.String())
	}
	if got := strings.Join(kinds, " "); got != "registry https local github oci SourceKind(6)" {
		t.Errorf("kinds = %s", got)
	}
	if !(plugin.Asset{}).IsZero() {
		t.Error("the zero Asset is not zero")
	}
}

// Every default limit is set: none of them means no limit at all.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	l := plugin.DefaultLimits()
	for _, n := range []int64{
		l.Packed, l.Unpacked, l.File, l.Entries, l.Ratio, l.Depth, l.Path, l.Component, l.Manifest, l.Document, l.Window, int64(l.Idle),
	} {
		if n <= 0 {
			t.Errorf("a limit of %+v is not positive", l)
		}
	}
}

func TestObserver(t *testing.T) {
	t.Parallel()
	plugin.Observer(nil).Tell(plugin.WaitEvent{}) // nobody is told, and nothing panics
	var got []plugin.Event
	o := plugin.Observer(func(e plugin.Event) { got = append(got, e) })
	o.Tell(plugin.WarningEvent{Message: "x"})
	if len(got) != 1 || got[0] != (plugin.WarningEvent{Message: "x"}) {
		t.Errorf("told %v", got)
	}
}

func ExampleConstraint_Allows() {
	c := plugin.MustConstraint("~> 1.2")
	for _, s := range []string{"1.1.9", "1.2.0", "1.9.0", "2.0.0", "1.3.0-rc.1"} {
		fmt.Println(s, c.Allows(plugin.MustVersion(s)))
	}
	// Output:
	// 1.1.9 false
	// 1.2.0 true
	// 1.9.0 true
	// 2.0.0 false
	// 1.3.0-rc.1 false
}

func ExampleParseName() {
	for _, s := range []string{"authz", "Authz", "../authz"} {
		_, err := plugin.ParseName(s)
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// "Authz" is not a plugin name: it may hold only a-z, 0-9, ".", "_" and "-"
	// "../authz" is not a plugin name: it must start and end with a letter or a digit
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]string{
		0: "0 bytes", 1: "1 bytes", 2999: "2999 bytes", 1 << 10: "1 KiB", 100 << 10: "100 KiB", 1 << 20: "1 MiB", 256 << 20: "256 MiB",
		1_000_000_000: "953.7 MiB", 5_000_000_000: "4.7 GiB", 1 << 40: "1 TiB", 1536 << 10: "1.5 MiB", 1<<20 + 1: "1.0 MiB",
	} {
		if got := plugin.Size(size); got != want {
			t.Errorf("%d is %s, want %s", size, got, want)
		}
	}
	for got, want := range map[string]string{
		plugin.RaiseSize("packed", 256<<20): `raise it with limits { packed = "512MiB" }`,
		plugin.RaiseSize("file", 2999):      `raise it with limits { file = 5998 }`,
		plugin.RaiseCount("depth", 32):      `raise it with limits { depth = 64 }`,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
