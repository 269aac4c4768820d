package trust_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestAllowSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, source string
		want            bool
	}{
		{"acme/*", "acme/billing", true},
		{"acme/*", "acme2/billing", false},
		{"acme/bill*", "acme/billing", true},
		{"https://dl.example.com/**", "https://dl.example.com/a/b.tar.gz", true},
		{"https://dl.example.com/*", "https://dl.example.com/a/b.tar.gz", false},
		{"https://dl.example.com/**", "https://dl.example.com.evil.example/a", false},
		{"./plugins-src/**", "./plugins-src/scratch", true},
		{"./plugins-src/**", "./elsewhere", false},
		{"github.com/acme/*", "github.com/acme/x", true},
		{"[", "[", false}, // no pattern at all
	} {
		err := trust.AllowSource(plugin.Policy{AllowSources: []string{c.pattern}}, c.source)
		var refused *trust.PolicyError
		if (err == nil) != c.want || err != nil && !errors.As(err, &refused) {
			t.Errorf("%q with %q: %v", c.source, c.pattern, err)
		}
	}
	if err := trust.AllowSource(plugin.Policy{}, "anything"); err != nil {
		t.Errorf("no policy: %v", err)
	}
	if err := trust.AllowSource(plugin.Policy{AllowSources: []string{}}, "anything"); err == nil {
		t.Error("an empty list allows something")
	}
}

func TestAllowURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		host, url string
		want      bool
	}{
		{"example.com", "https://example.com/x", true},
		{"Example.com", "https://EXAMPLE.com/x", true},
		{"example.com", "https://example.com:8443/x", true},
		{"example.com:8443", "https://example.com:8443/x", true},
		{"example.com:8443", "https://example.com/x", false},
		{"example.com", "https://example.com@evil.example/x", false},
		{"*.example.com", "https://a.b.example.com/x", true},
		{"*.example.com", "https://example.com/x", false},
		{"*.example.com", "https://evilexample.com/x", false},
		{"example.com", "./here", true},
		{"example.com", "file:///srv/x", true},
	} {
		if err := trust.AllowURL(plugin.Policy{AllowHosts: []string{c.host}}, c.url); (err == nil) != c.want {
			t.Errorf("%q with %q: %v", c.url, c.host, err)
		}
	}
}

func pair(t *testing.T) (trust.Key, minisign.PrivateKey) {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := trust.ParseKey(public.String())
	if err != nil {
		t.Fatal(err)
	}
	return key, private
}

func sign(t *testing.T, private minisign.PrivateKey, message string) []byte {
	t.Helper()
	r := minisign.NewReader(strings.NewReader(message))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	return r.Sign(private)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	key, private := pair(t)
	_, stranger := pair(t)
	good := sign(t, private, "package")
	for name, c := range map[string]struct {
		signature []byte
		message   string
		want      string // "" for none
	}{
		"good":            {good, "package", ""},
		"legacy":          {minisign.Sign(private, []byte("package")), "package", ""},
		"other bytes":     {good, "packagE", "not of these bytes"},
		"legacy, other":   {minisign.Sign(private, []byte("x")), "package", "not of these bytes"},
		"a stranger's":    {sign(t, stranger, "package"), "package", "signed by the key"},
		"no signature":    {[]byte("<html>"), "package", "not a minisign signature"},
		"nothing":         {nil, "package", "not a minisign signature"},
		"legacy and long": {minisign.Sign(private, make([]byte, 2<<20)), string(make([]byte, 2<<20)), "legacy"},
		"changed comment": {bytes.Replace(good, []byte("timestamp:"), []byte("timestamp:1"), 1), "package", "not of these bytes"},
	} {
		err := key.Verify(strings.NewReader(c.message), c.signature)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.Is(err, plugin.ErrRefused) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want a refusal that says %q", name, err, c.want)
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "RW", "RWQ", strings.Repeat("R", 56), "not base64 at all"} {
		if _, err := trust.ParseKey(s); err == nil {
			t.Errorf("%q is taken for a key", s)
		}
	}
}

// The real minisign signs, and we verify, in both of its ways.
func TestVerifiesWhatMinisignSigns(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("minisign"); err != nil {
		t.Skip("minisign is not installed")
	}
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "minisign", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("minisign %v: %v\n%s", args, err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("package"), 0o644); err != nil {
		t.Fatal(err)
	}
	run("-G", "-W", "-p", "key.pub", "-s", "key.sec")
	public, err := os.ReadFile(filepath.Join(dir, "key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(public)), "\n")
	key, err := trust.ParseKey(lines[len(lines)-1])
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"-H", "-l"} {
		run("-S", how, "-s", "key.sec", "-m", "f", "-x", "f.minisig")
		signature, err := os.ReadFile(filepath.Join(dir, "f.minisig"))
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Verify(strings.NewReader("package"), signature); err != nil {
			t.Errorf("minisign -S %s: %v", how, err)
		}
		if err := key.Verify(strings.NewReader("other"), signature); err == nil {
			t.Errorf("minisign -S %s: other bytes verify", how)
		}
	}
}

func TestChecksum(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	list := []byte("# list\n\nrubbish\n" + sum + "  a.tar.gz\r\n" + strings.Repeat("cd", 32) + " *dist/b.tar.gz\nshort  c.tar.gz\n")
	for name, want := range map[string]plugin.Digest{
		"a.tar.gz": plugin.Digest("sha256:" + sum),
		"b.tar.gz": plugin.Digest("sha256:" + strings.Repeat("cd", 32)),
		"c.tar.gz": "",
		"tar.gz":   "",
	} {
		if got := trust.Checksum(list, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The other style of sha256sum, and a file that holds the digits alone.
func TestChecksumStyles(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	digest := plugin.Digest("sha256:" + sum)
	for list, want := range map[string]plugin.Digest{
		"SHA256 (a.tar.gz) = " + sum:                     digest,
		"SHA256(dist/a.tar.gz)= " + strings.ToUpper(sum): digest,
		"SHA2-256 (a.tar.gz) = " + sum:                   digest,
		"SHA512 (a.tar.gz) = " + sum:                     "",
		"SHA256 (b.tar.gz) = " + sum:                     "",
		"SHA256 (a.tar.gz) = " + sum[1:]:                 "",
	} {
		if got := trust.Checksum([]byte("x\n"+list+"\n"), "a.tar.gz"); got != want {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
	for list, want := range map[string]plugin.Digest{
		sum + "\n": digest, "sha256:" + sum: digest, sum + "  a.tar.gz": digest,
		sum + "  b.tar.gz": "", sum + " " + sum: "", "": "", "<html>": "", sum[1:]: "",
	} {
		if got := trust.ChecksumBeside([]byte(list), "a.tar.gz"); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are Unix's")
	}
	dir := t.TempDir()
	for name, c := range map[string]struct {
		v       plugin.Verification
		refused bool
		want    string // "" for none
	}{
		"accepts":      {plugin.Verification{Command: []string{"test", "${package}", "=", "/p"}}, false, ""},
		"refuses":      {plugin.Verification{Command: []string{"sh", "-c", "echo why >&2; exit 7"}}, true, "exit status 7):\n  why"},
		"too slow":     {plugin.Verification{Command: []string{"sh", "-c", "sleep 60 & sleep 60"}, Timeout: 50 * time.Millisecond}, true, "did not end within 50ms"},
		"not there":    {plugin.Verification{Command: []string{"/no/such/command"}}, false, "no such file"},
		"no shell":     {plugin.Verification{Command: []string{"test", "$HOME", "=", "$HOME"}}, false, ""},
		"in its place": {plugin.Verification{Command: []string{"sh", "-c", "test \"$(pwd -P)\" = \"$0\"", real(t, dir)}, Dir: dir}, false, ""},
	} {
		err := trust.Run(t.Context(), c.v, "/p")
		if (err == nil) != (c.want == "") || errors.Is(err, plugin.ErrRefused) != c.refused {
			t.Errorf("%s: %v", name, err)
		} else if err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
	if err := trust.Run(t.Context(), plugin.Verification{Command: []string{"/no/such/command"}}, "/p"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a command that is not there: %v", err)
	}
}

func real(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
