package config_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
)

func certificate(t *testing.T) string {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

func TestCAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert := certificate(t)
	write(t, filepath.Join(dir, "one.pem"), "The company's own:\n"+cert)
	write(t, filepath.Join(dir, "two.pem"), cert+"-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n"+cert)
	write(t, filepath.Join(dir, "none.pem"), "no certificate\n")
	write(t, filepath.Join(dir, "broken.pem"), cert+"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	write(t, filepath.Join(dir, "large.pem"), strings.Repeat("\n", config.MaxSize+1)+cert)
	if err := os.Mkdir(filepath.Join(dir, "folder.pem"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, value string
		n           int
		want        string
	}{
		{"none", `null`, 0, ""},
		{"relative to the file that says it", `"one.pem"`, 1, ""},
		{"absolute", `"` + filepath.ToSlash(filepath.Join(dir, "two.pem")) + `"`, 2, ""},
		{"with env", `"${env("UNSET") == null ? "one" : "x"}.pem"`, 1, ""},
		{"not there", `"missing.pem"`, 0, "missing.pem cannot be read: "},
		{"a folder", `"folder.pem"`, 0, "folder.pem cannot be read: it is not a regular file."},
		{"too large", `"large.pem"`, 0, "large.pem cannot be read: it is larger than 1 MiB."},
		{"without a certificate", `"none.pem"`, 0, "There is no certificate in "},
		{"with half of one", `"broken.pem"`, 0, "Certificate 2 in "},
		{"empty", `""`, 0, "It is empty."},
		{"no text", `7`, 0, "It must be a string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := options()
			opts.UserConfig = write(t, filepath.Join(dir, strings.ReplaceAll(test.name, " ", "-")+".hcl"), "\nca_file = "+test.value+"\n")
			f, err := config.Parse(nil, "plugins.hcl", opts)
			if test.want == "" {
				if err != nil || len(f.CertificateAuthorities) != test.n {
					t.Errorf("Parse = %v, %v", f, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), opts.UserConfig+":2: Invalid ") {
				t.Errorf("Parse: %v", err)
			}
		})
	}
	// A project must not have a machine trust anybody.
	if _, err := config.Parse([]byte(`ca_file = "one.pem"`), filepath.Join(dir, "plugins.hcl"), options()); err == nil {
		t.Error("a project's file may name one")
	}
}
