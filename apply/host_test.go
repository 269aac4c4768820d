package apply

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

const someLock = plugin.Digest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

// What a session writes of the host is what whoever reads finds; nothing of it leaves
// nothing behind.
func TestHost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := Host{
		Owed:    &Owed{Since: since, Changed: []plugin.Name{"authz", "billing"}, Lock: someLock, Transaction: "0123456789abcdef"},
		Refused: &Refused{Lock: someLock, Since: since, Why: "it was sick"},
	}
	for _, h := range []Host{want, {Refused: want.Refused}, {}} {
		if err := s.SetHost(h); err != nil {
			t.Fatal(err)
		}
		got, err := ReadHost(dir)
		if diff := cmp.Diff(h, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, ".plugins", "host")); err == nil {
		t.Error("a file is left that says nothing")
	}
	if !want.Refuses(someLock) || want.Refuses("") || (Host{}).Refuses("") {
		t.Error("Refuses is about another lock")
	}
	if _, err := s.TurnBack(t.Context(), nil, Refused{}); !errors.Is(err, ErrNotKept) {
		t.Errorf("nothing is owed, and undone is: %v", err)
	}
	want.Owed.Transaction = "fedcba9876543210"
	if err := s.SetHost(want); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TurnBack(t.Context(), nil, Refused{}); !errors.Is(err, ErrNotKept) {
		t.Errorf("what was replaced is gone, and undone is: %v", err)
	}
}

// What cannot be used is an error, never nothing.
func TestHostUnusable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "JSON",
		"[]":                      "JSON",
		`{}`:                      "version 1 of the format only",
		`{"format_version": 2}`:   "version 1 of the format only",
		`{"format_version": "1"}`: "format_version",
		`{"format_version": 1, "owed": {"changed": ["../x"]}}`:                        "plugin name",
		`{"format_version": 1, "owed": {"transaction": "../../previous"}}`:            "transaction",
		`{"format_version": 1, "owed": {"since": "yesterday"}}`:                       "JSON",
		`{"format_version": 1, "refused": {"lock": "md5:x"}}`:                         "digest",
		`{"format_version": 1, "refused": {}}`:                                        "digest",
		`{"format_version": 1, "owed": {}, "OWED": {}}`:                               "duplicate",
		`{"format_version": 1, "owed": ` + strings.Repeat("[", 100) + `}`:             "JSON",
		strings.Repeat(" ", 8<<20) + `{"format_version": 1}`:                          "larger",
		`{"format_version": 1, "owed": {"changed": ["a\u0000"]}}`:                     "plugin name",
		`{"format_version": 1, "refused": {"lock": "` + string(someLock) + `"}} more`: "JSON",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, ".plugins", "host")
		if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
		_, err := ReadHost(dir)
		var unusable *HostError
		if !errors.As(err, &unusable) || unusable.Path != path || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want it to tell of %s", text, err, want)
		}
	}
}
