package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// thirdPartyFile holds the licences of what is linked into a program. Most of them
// demand that they go wherever it goes.
const thirdPartyFile = "THIRD_PARTY_LICENSES.txt"

// moduleLicense is the licence of a module, and whatever notices come with it.
type moduleLicense struct {
	version string
	text    []byte
}

var licenseFile = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying|notice|patents)([.-].*)?$`)

// findLicenses reads those of all modules that might be linked, and of Go itself.
func findLicenses(ctx context.Context, env []string, clone string) (map[string]moduleLicense, []byte, error) {
	root, err := command(ctx, env, clone, "go", "env", "GOROOT")
	if err != nil {
		return nil, nil, err
	}
	ofGo, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return nil, nil, fmt.Errorf("the licence of Go: %w", err)
	}
	out, err := command(ctx, env, clone, "go", "list", "-m", "-f", "{{.Path}}\t{{.Version}}\t{{.Dir}}", "all")
	if err != nil {
		return nil, nil, err
	}
	licenses := map[string]moduleLicense{}
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		path, version, dir := fields[0], fields[1], fields[2]
		if dir == "" || path == modulePath {
			continue // it is not even downloaded: nothing of it is linked
		}
		text, err := licenseIn(dir)
		if err != nil {
			return nil, nil, err
		}
		licenses[path] = moduleLicense{version, text}
	}
	return licenses, ofGo, nil
}

func licenseIn(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, e := range entries {
		if !e.Type().IsRegular() || !licenseFile.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s\n\n", bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
	}
	return b.Bytes(), nil
}

// thirdParty are the licences of what is linked into this program.
func (d documents) thirdParty(p program) file {
	var b bytes.Buffer
	fmt.Fprintf(&b, "plugins is made with the Go standard library and the modules below. Their licences follow.\n")
	chapter := func(title string, text []byte) {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), title, bytes.TrimSpace(text))
	}
	chapter("Go "+p.info.GoVersion, d.goLicense)
	for _, m := range linked(p.info) {
		chapter(m.Path+" "+m.Version, d.licenses[m.Path].text)
	}
	return file{thirdPartyFile, 0o644, b.Bytes()}
}

// missingLicense demands that every module that is linked says what one may do with it.
func (d documents) missingLicense(p program) error {
	for _, m := range linked(p.info) {
		if l := d.licenses[m.Path]; l.version != m.Version || len(bytes.TrimSpace(l.text)) == 0 {
			return fmt.Errorf("%s %s is linked, and has no licence that could go with it", m.Path, m.Version)
		}
	}
	return nil
}
