package installed_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	r := d.recordOf("authz")
	r.Settings = installed.Settings{Binary: "bin/x", Manifest: "{}\n"}
	d.writeRecord(r)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	d.recordedAt("authz", at)
	got, written, err := d.ReadRecord("authz")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got); diff != "" || !written.Equal(at) {
		t.Errorf("written %v; ReadRecord (-want +got):\n%s", written, diff)
	}
}

func TestReadRecordMissing(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	var record *installed.RecordError
	if _, _, err := d.ReadRecord("authz"); !errors.Is(err, fs.ErrNotExist) || errors.As(err, &record) {
		t.Errorf("ReadRecord = %v", err)
	}
}

// What an apply left half done beside the records is none.
func TestScanSkipsWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	for _, name := range []string{".authz.json.123.tmp", "authz.json.old", "UPPER.json", "..json", ".json"} {
		write(t, d.Records()+string(os.PathSeparator)+name, "{", 0o644)
	}
	if got := d.scan(installed.Options{}).Plugins; len(got) != 0 {
		t.Errorf("Plugins = %+v", got)
	}
}

// good is a record as it is written.
const good = `{
 "format_version": 1,
 "name": "authz",
 "version": "1.0.0",
 "source": "acme/authz",
 "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
 "files": [
  {
   "path": "bin",
   "dir": true
  },
  {
   "path": "bin/authz",
   "exec": true,
   "size": 3,
   "sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
   "stat": {
    "inode": 1,
    "mtime": 2,
    "ctime": 3
   }
  }
 ]
}
`

// Records are read by other versions of this program: their form is fixed.
func TestRecordGolden(t *testing.T) {
	t.Parallel()
	r, err := installed.DecodeRecord([]byte(good), "authz")
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(good, string(data)); diff != "" {
		t.Errorf("Encode (-want +got):\n%s", diff)
	}
}

// A record that cannot be trusted is an error, not an empty one: it names paths that
// are looked at.
func TestDecodeRecordRefuses(t *testing.T) {
	t.Parallel()
	swap := func(old, replacement string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the record", old)
		}
		return strings.Replace(good, old, replacement, 1)
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":               {"", "cut off"},
		"cut off":               {good[:200], "cut off"},
		"zeros":                 {strings.Repeat("\x00", 100), "not valid JSON"},
		"more behind it":        {good + "{}", "follows"},
		"a key twice":           {swap(`"name"`, `"Name": "x", "name"`), "duplicate key"},
		"newer":                 {swap(`"format_version": 1`, `"format_version": 2`), "version 1 of the format only, not 2"},
		"no format":             {swap(`"format_version": 1,`, ""), "not 0"},
		"another plugin's":      {swap(`"authz"`, `"billing"`), `"billing"`},
		"no version":            {swap(`"version": "1.0.0",`, ""), "no version"},
		"bad version":           {swap(`"1.0.0"`, `"one"`), "not a version"},
		"no digest":             {swap(`"digest"`, `"other"`), "not a digest"},
		"bad digest":            {swap("sha256:aaaa", "sha256:zzzz"), "not a digest"},
		"bad sum":               {swap("bbbb", "zzzz"), "invalid byte"},
		"short sum":             {swap("bbbb", ""), "64 hexadecimal"},
		"a path that leaves":    {swap(`"bin/authz"`, `"bin/../../x"`), `"bin/../../x"`},
		"an absolute path":      {swap(`"bin/authz"`, `"/etc/passwd"`), `"/etc/passwd"`},
		"no path":               {swap(`"bin/authz"`, `""`), `a file ""`},
		"the root":              {swap(`"path": "bin",`, `"path": ".",`), `a file "."`},
		"a path not cleaned":    {swap(`"bin/authz"`, `"bin//authz"`), `"bin//authz"`},
		"not sorted":            {swap(`"path": "bin",`, `"path": "c",`), "not sorted"},
		"the same path twice":   {swap(`"path": "bin",`, `"path": "bin/authz",`), "not sorted"},
		"a size that is a word": {swap(`"size": 3`, `"size": "3"`), "not the JSON expected"},
	} {
		if r, err := installed.DecodeRecord([]byte(test.text), "authz"); err == nil || r != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: DecodeRecord = %v, %v: want %q", name, r, err, test.want)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"format_version":1,"name":"authz","version":"v1","digest":"tree-sha256:` + strings.Repeat("0", 64) + `","settings":{"manifest":"{}"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := installed.DecodeRecord(data, "authz")
		if err != nil {
			return
		}
		for _, file := range r.Files {
			if !fs.ValidPath(file.Path) {
				t.Fatalf("a path that leaves the plugin: %q", file.Path)
			}
		}
		once, err := r.Encode()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := installed.DecodeRecord(once, plugin.Name("authz"))
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, once)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("writing it again changes it: %v\n%s\n%s", err, once, twice)
		}
	})
}
