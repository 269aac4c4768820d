package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// The formula names each archive with its own digest, and is Ruby.
func TestFormula(t *testing.T) {
	t.Parallel()
	src := source{tag: "v1.2.3", version: plugin.MustVersion("1.2.3"), time: time.Unix(86400, 0).UTC()}
	made := artifacts{}
	for _, platform := range []string{"darwin_arm64", "darwin_amd64", "linux_arm64"} {
		made["plugins_1.2.3_"+platform+".tar.gz"] = []byte(platform)
	}
	if _, ok, err := formula(src, made); ok || err != nil {
		t.Errorf("without one of its archives: made %v, %v", ok, err)
	}
	made["plugins_1.2.3_linux_amd64.tar.gz"] = []byte("linux_amd64")
	text, ok, err := formula(src, made)
	if !ok || err != nil {
		t.Fatalf("made %v, %v", ok, err)
	}
	for name, data := range made {
		want := "url \"" + homepage + "/releases/download/v1.2.3/" + name + "\"\n      sha256 \"" + digest(data) + "\"\n"
		if strings.Count(string(text), want) != 1 {
			t.Errorf("it does not say once:\n%s\nin\n%s", want, text)
		}
	}
	if _, err := exec.LookPath("ruby"); err != nil {
		t.Skip("needs ruby to look whether it is Ruby")
	}
	check := exec.CommandContext(t.Context(), "ruby", "-c")
	check.Stdin = strings.NewReader(string(text))
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
