package lock_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/lock"
)

// The digest is what sha256sum says of the file, and does not change with line ends.
func TestDigest(t *testing.T) {
	t.Parallel()
	const path = "../examples/quickstart/plugins.lock.hcl"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	for how, text := range map[string]string{
		"as it is":       string(data),
		"from Windows":   strings.ReplaceAll(string(data), "\n", "\r\n"),
		"with a remark":  string(data) + "# mine\n",
		"another indent": strings.ReplaceAll(string(data), "\n  ", "\n\t"),
	} {
		f, err := lock.Parse([]byte(text), path)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		if got := string(f.Digest()); got != want {
			t.Errorf("%s: %s, want %s", how, got, want)
		}
	}
}
