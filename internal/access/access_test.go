package access_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// What cannot work is refused at once, not by a crash later.
func TestNewWithoutAbs(t *testing.T) {
	t.Parallel()
	if a, err := access.New(access.Options{}); err == nil || a != nil {
		t.Errorf("New = %v, %v", a, err)
	}
}

// Limits that nobody sets are the usual ones, not zero bytes.
func TestLimitsByDefault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"plugin.json": `{"name": "tool", "version": "1.0.0"}`, "tool": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	a, err := access.New(access.Options{Abs: func(p string) string { return p }})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	tree, err := a.Try(t.Context(), access.Wanted{
		Requirement: plugin.Requirement{Name: "tool"},
		Package:     plugin.Package{Platform: plugin.AnyPlatform, Path: dir}, Platform: plugin.CurrentPlatform(),
	})
	if err != nil || tree.Manifest.Name != "tool" || len(tree.Files) != 2 {
		t.Errorf("Try = %+v, %v", tree, err)
	}
}

// A host that the policy does not allow is not asked, by whichever way.
func TestPolicyHolds(t *testing.T) {
	t.Parallel()
	a, err := access.New(access.Options{
		Abs:    func(p string) string { return p },
		Policy: plugin.Policy{AllowHosts: []string{"allowed.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	const url = "https://elsewhere.example/x.tar.gz"
	pkg := plugin.Package{Platform: plugin.AnyPlatform, URL: url}
	r := plugin.Requirement{Name: "tool"}
	for name, do := range map[string]func() error{
		"Document": func() error { _, err := a.Document(t.Context(), url, 1); return err },
		"Digest":   func() error { _, err := a.Digest(t.Context(), r, pkg); return err },
		"Manifest": func() error { _, err := a.Manifest(t.Context(), r, pkg); return err },
		"Read":     func() error { return a.Read(t.Context(), r, pkg, nil) },
		"Try":      func() error { _, err := a.Try(t.Context(), access.Wanted{Requirement: r, Package: pkg}); return err },
		"Stage": func() error {
			_, err := a.Stage(t.Context(), access.Wanted{Requirement: r, Package: pkg}, filepath.Join(t.TempDir(), "x"))
			return err
		},
	} {
		var refused *trust.PolicyError
		if err := do(); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
