package cli

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Wherever a secret stands (in the configuration, the environment, a document of a
// registry, a mirror) and whatever a server answers, no command shows it, and no file
// holds it but those it was written into and, as a query, the lock.
func TestNoCommandShowsASecret(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "USERPROFILE", "LocalAppData", "AppData"} {
		t.Setenv(name, home)
	}
	for _, name := range []string{"GH_TOKEN", "GITHUB_TOKEN", "RELEASES_TOKEN", "PLUGINS_CONFIG", "PLUGINS_CACHE_DIR", "HTTP_PROXY", "NETRC"} {
		t.Setenv(name, "")
	}
	for _, place := range secretPlaces {
		for _, answer := range []string{"well", "401", "404", "html", "echo", "moved", "tampered"} {
			secret := "S3" + rand.Text()[:10]
			t.Setenv("MY_TOKEN", secret)
			w := &secretWorld{secret: secret, dir: t.TempDir(), answer: answer}
			t.Setenv("GITHUB_ACTIONS", "true") // annotations, and a summary among the files
			t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(w.dir, "summary.md"))
			srv := httptest.NewServer(w)
			w.host = strings.TrimPrefix(srv.URL, "http://")
			w.config = strings.NewReplacer("SECRET", secret, "HOST", w.host).Replace(place)
			if err := os.WriteFile(filepath.Join(w.dir, "plugins.hcl"), []byte(w.config), 0o600); err != nil {
				t.Fatal(err)
			}
			commands := []string{"-v lock", "--json lock"}
			if answer == "well" {
				commands = []string{
					"-v lock", "--json lock --upgrade", "-v --offline lock --upgrade", "lock --check", "plan", "--json plan", "plan --markdown", "plan --out saved",
					"-v apply saved", "list", "--json list", "verify", "--json verify", "validate", "--json validate", "fmt --check", "rollback --auto-approve", "history", "--json history", "rollback --to 1 --auto-approve", "diff plugins.lock.hcl", "outdated",
					"--json apply --auto-approve",
				}
			}
			for _, command := range commands {
				w.run(t, command)
			}
			srv.Close()
		}
	}
}

// run runs a command, and looks at what it printed and left.
func (w *secretWorld) run(t *testing.T, command string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := append([]string{"-C", w.dir, "--cache-dir", filepath.Join(w.dir, "cache")}, strings.Fields(command)...)
	Run(args, strings.NewReader(""), &stdout, &stderr)
	if out := stdout.String() + stderr.String(); strings.Contains(out, w.secret) {
		t.Errorf("where it is answered %q, plugins %s shows %s:\n%s\n--- of\n%s", w.answer, command, w.secret, out, w.config)
	}
	w.checkFiles(t, command)
}

// secretPlaces are configurations, each with a secret in one place or made from one.
var secretPlaces = []string{
	"registry \"r\" {\n  url   = \"http://HOST/v1\"\n  token = \"SECRET\"\n}\nplugin \"tool\" {}\n",
	"registry \"r\" {\n  url   = \"http://HOST/v1\"\n  token = env(\"MY_TOKEN\")\n}\nplugin \"tool\" {}\n",
	"registry \"r\" { url = \"http://me:SECRET@HOST/v1\" }\nplugin \"tool\" {}\n",
	"registry \"r\" { url = \"http://HOST/v1?SECRET\" }\nplugin \"tool\" {}\n",
	"registry \"r\" { url = \"http://HOST/v1\" }\nplugin \"tool\" {}\n", // its documents hold one
	"credentials \"HOST\" { token = \"SECRET\" }\nregistry \"r\" { url = \"http://HOST/v1\" }\nplugin \"tool\" {}\n",
	"credentials \"HOST\" {\n  token = \"SECRET\"\n  more = 1\n}\n",
	"locals { t = \"SECRET\" }\ncredentials \"HOST\" {\n  token = local.t + 1\n}\n",
	"mirror \"https://dl.example/\" { url = \"http://me:SECRET@HOST/\" }\nplugin \"tool\" { source = \"https://dl.example/tool.tar\" }\n",
	"plugin \"tool\" { source = \"http://HOST/tool.tar?token=SECRET\" }\n",
	"plugin \"tool\" {\n  source  = \"http://HOST/tool.tar?v=${version}&token=SECRET\"\n  version = \"1.0.0\"\n}\n",
	"locals { base = \"http://HOST\" }\nplugin \"tool\" { source = \"${local.base}/tool.tar?token=SECRET\" }\n",
	"plugin \"tool\" { source = \"http://me:SECRET@HOST/tool.tar\" }\n",
	"plugin \"tool\" { source = \"http://HOST/tool.tar?token=${env(\"MY_TOKEN\")}\" }\n",
	"plugin \"tool\" {\n  source  = \"http://HOST/tool.tar\"\n  version = env(\"MY_TOKEN\")\n}\n",
	"plugin \"tool\" {\n  source  = \"http://HOST/tool.tar\"\n  binary = env(\"MY_TOKEN\")\n}\n",
	"plugin \"tool\" {\n  source = \"http://HOST/tool.tar\"\n  verify { command = [\"sh\", \"-c\", \"echo $0; exit 1\", env(\"MY_TOKEN\")] }\n}\n",
	"plugin \"tool\" {\n  source = \"http://HOST/tool.tar\"\n  verify { command = [\"true\", env(\"MY_TOKEN\")] }\n}\n",
	"plugin \"tool\" {\n  source = \"http://HOST/tool.tar\"\n  verify { command = [env(\"MY_TOKEN\")] }\n}\n",
	"policy { allow_sources = [\"http://HOST/x?SECRET\"] }\nplugin \"tool\" { source = \"http://HOST/tool.tar?SECRET\" }\n",
	"plugin \"tool\" { source = \"git://me:SECRET@HOST/tool?SECRET\" }\n",
	"plugin \"tool\" { source = \"oci://me:SECRET@HOST/tool\" }\n",
}

// secretWorld is a server that wants the secret in some places, and gives it away in
// others.
type secretWorld struct {
	secret, dir, host, answer, config string
}

func (w *secretWorld) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch {
	case w.answer == "401" || w.answer == "404":
		var code int
		fmt.Sscan(w.answer, &code)
		http.Error(rw, w.secret, code)
	case w.answer == "html":
		fmt.Fprintf(rw, "<html>%s %s", r.URL, r.Header.Get("Authorization"))
	case w.answer == "echo":
		fmt.Fprintf(rw, "%s %s", r.URL, r.Header.Get("Authorization"))
	case w.answer == "moved":
		http.Redirect(rw, r, "ftp://me:"+w.secret+"@h/?"+w.secret, http.StatusFound)
	case strings.HasSuffix(r.URL.Path, "/tool/manifest.json"):
		fmt.Fprintf(rw, `{"name": "tool", "version": "1.0.0", "downloads": [{"os": "linux", "arch": "amd64", "url": "http://%s/tool.tar?sig=%s"}]}`, w.host, w.secret)
	case strings.HasSuffix(r.URL.Path, "/tool.tar"):
		_, _ = rw.Write(toolPackage(w.answer == "tampered"))
	default:
		http.NotFound(rw, r)
	}
}

func toolPackage(link bool) []byte {
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	for name, content := range map[string]string{"plugin.json": `{"name": "tool", "version": "1.0.0"}`, "tool": "#!/bin/sh\n"} {
		_ = tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg})
		_, _ = tw.Write([]byte(content))
	}
	if link {
		_ = tw.WriteHeader(&tar.Header{Name: "evil", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink})
	}
	_ = tw.Close()
	return b.Bytes()
}

func (w *secretWorld) checkFiles(t *testing.T, command string) {
	t.Helper()
	_ = filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == "cache" {
			return fs.SkipDir // what the server sends, as it is
		}
		if err != nil || !d.Type().IsRegular() || d.Name() == "plugins.hcl" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		// Addresses that the configuration, or a registry, gives a query.
		if d.Name() == "plugins.lock.hcl" && (strings.HasPrefix(w.config, "registry") || !strings.Contains(w.config, "env(")) {
			for _, query := range []string{"?token=", "&token=", "?sig=", "?"} {
				text = strings.ReplaceAll(text, query+w.secret, "")
			}
		}
		if strings.Contains(text, w.secret) {
			t.Errorf("after plugins %s, %s holds %s:\n%s\n--- of\n%s", command, path, w.secret, text, w.config)
		}
		return nil
	})
}
