package lock_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/lock"
)

const (
	packageAny = "\n  package \"any\" {\n    path   = \"./x\"\n    digest = \"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n  }\n"
	authz      = "version = 1\n\nplugin \"authz\" {\n  version = \"1.0.0\"\n  source  = \"r/authz\"\n" + packageAny + "}\n"
)

// Every mistake is told with its line; nothing is guessed.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	// swap is authz with one thing changed.
	swap := func(old, replacement string) string {
		if !strings.Contains(authz, old) {
			t.Fatalf("%q is not in the lock", old)
		}
		return strings.Replace(authz, old, replacement, 1)
	}
	for name, test := range map[string]struct {
		src    string
		line   int
		reason string
	}{
		"empty":                     {"", 1, `no "version"`},
		"no HCL":                    {"version = 1\nplugin {{{\n", 2, ""},
		"cut off":                   {authz[:len(authz)-40], 9, ""},
		"JSON":                      {`{"version": 1}`, 1, ""},
		"binary":                    {"version = 1\n\x00\x01\xff\n", 2, ""},
		"newer format":              {swap("version = 1\n", "version = 2\n"), 1, "version 1"},
		"older format":              {swap("version = 1\n", "version = 0\n"), 1, "version 1"},
		"version as text":           {swap("version = 1\n", "version = \"1\"\n"), 1, "version 1"},
		"version twice":             {swap("version = 1\n", "version = 1\nversion = 1\n"), 2, ""},
		"unknown attribute":         {swap("  source", "  sorce = \"x\"\n  source"), 5, `"sorce"`},
		"unknown at the top":        {"extra = 1\n" + authz, 1, `"extra"`},
		"unknown block":             {authz + "host \"x\" {\n}\n", 12, `"host"`},
		"block in a package":        {swap("    path", "    more {\n    }\n    path"), 8, `"more"`},
		"plugin without a label":    {swap(`plugin "authz"`, "plugin"), 3, `"plugin"`},
		"plugin with two labels":    {swap(`plugin "authz"`, `plugin "a" "b"`), 3, `"plugin"`},
		"bad name":                  {swap(`plugin "authz"`, `plugin "../authz"`), 3, "not a plugin name"},
		"device name":               {swap(`plugin "authz"`, `plugin "con"`), 3, "device name"},
		"plugin twice":              {authz + authz[len("version = 1\n"):], 13, "twice"},
		"no version":                {swap("  version = \"1.0.0\"\n", ""), 3, `"version" is missing`},
		"no source":                 {swap("  source  = \"r/authz\"\n", ""), 3, `"source" is missing`},
		"bad version":               {swap(`"1.0.0"`, `"one"`), 3, `"one"`},
		"version is a number":       {swap(`"1.0.0"`, `1`), 3, "not a text"},
		"null":                      {swap(`"1.0.0"`, `null`), 4, "plain value"},
		"a variable":                {swap(`"1.0.0"`, `env`), 4, "plain value"},
		"a template":                {swap(`"1.0.0"`, `"${"1.0.0"}"`), 4, "never writes"},
		"a function":                {swap(`"1.0.0"`, `upper("x")`), 4, "never writes"},
		"arithmetic":                {swap("version = 1\n", "version = 2 - 1\n"), 1, "never writes"},
		"a condition":               {swap("version = 1\n", "version = true ? 1 : 2\n"), 1, "never writes"},
		"a heredoc":                 {swap(`"1.0.0"`, "<<EOT\n1.0.0\nEOT"), 4, "never writes"},
		"bad host":                  {swap("  source", "  min_host = \"new\"\n  source"), 3, `"new"`},
		"host is a number":          {swap("  source", "  min_host = 1\n  source"), 3, "not a text"},
		"bad constraint":            {swap("  source", "  constraints = \"~~\"\n  source"), 3, `"~~"`},
		"required_by is a text":     {swap("  source", "  required_by = \"x\"\n  source"), 3, "required_by"},
		"required_by holds a null":  {swap("  source", "  required_by = [null]\n  source"), 3, "required_by"},
		"required_by holds numbers": {swap("  source", "  required_by = [1e9999999]\n  source"), 3, "required_by"},
		"required_by is an object":  {swap("  source", "  required_by = {a = \"b\"}\n  source"), 3, "required_by"},
		"required_by holds no name": {swap("  source", "  required_by = [\"A/B\"]\n  source"), 3, "not a plugin name"},
		"no package":                {swap(packageAny, ""), 3, "no package"},
		"two packages":              {swap(packageAny, packageAny+packageAny), 12, "\"authz\" has two packages"},
		"bad platform":              {swap(`"any"`, `"linux"`), 7, "not a platform"},
		"no digest":                 {swap("    digest", "    # digest"), 7, `"digest" is missing`},
		"bad digest":                {swap("sha256:aaaa", "sha256:zzzz"), 7, "not a digest"},
		"short digest":              {swap("sha256:aaaa", "sha256:"), 7, "64 hexadecimal"},
		"other algorithm":           {swap("sha256:", "sha512:"), 7, "not a digest"},
		"url and path":              {swap("    path ", "    url = \"https://x\"\n    path "), 7, "either"},
		"neither url nor path":      {swap("    path   = \"./x\"\n", ""), 7, "either"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := lock.Parse([]byte(test.src), "dir/plugins.lock.hcl")
			var parse *lock.ParseError
			if !errors.As(err, &parse) || f != nil {
				t.Fatalf("Parse = %v, %v: want a ParseError alone", f, err)
			}
			if parse.Pos.File != "dir/plugins.lock.hcl" || parse.Pos.Line != test.line || parse.Pos.Column == 0 {
				t.Errorf("it is at %+v, want line %d: %v", parse.Pos, test.line, err)
			}
			if !strings.Contains(parse.Reason, test.reason) {
				t.Errorf("the reason is %q, want one with %q", parse.Reason, test.reason)
			}
		})
	}
}

// What an editor or git may do to the file is no damage.
func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"as written":      authz,
		"Windows lines":   strings.ReplaceAll(authz, "\n", "\r\n"),
		"byte order mark": "\ufeff" + authz,
		"comments":        "# a\n// b\n/* c */\n" + authz,
		"v and capitals":  strings.Replace(strings.Replace(authz, `"1.0.0"`, `"v1.0.0"`, 1), "sha256:aa", "sha256:AA", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := lock.Parse([]byte(src), "x")
			if err != nil {
				t.Fatal(err)
			}
			const header = "# Maintained by \"plugins lock\". Commit this file; changes made by hand are lost.\n\n"
			if got := string(lock.Format(f)); got != header+authz {
				t.Errorf("it is normalised to\n%s", got)
			}
		})
	}
}

// A parser that calls itself for every bracket and operator must not see a million of
// them: the stack that overflows then ends the program. What Format never writes is
// refused before.
func TestParseRefusesNestingBeforeItIsParsed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"version = [[[[", "version = {a={a={a={", "version = [{a=[{", "version = (", "version = -1", "version = !a",
		"version = a ? b : c", "version = 1+1", "version = a && b", "version = a.b", "version = a[*].b", "version = \"${a}\"", "version = \"%{if a}\"",
		"a = ]]\nversion = [[[[", "a = 1 }}\nversion = [[[[", "a b ]]\nversion = [[[[", "]\n", "}\n", "version = [}", "version = 1000000000", "plugin \"a\" {\n]\n",
	} {
		_, err := lock.Parse([]byte(text), "x")
		if err == nil || !strings.Contains(err.Error(), "which plugins lock never writes there") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(golden))
	f.Add([]byte(authz))
	f.Add([]byte("version = 1\nplugin \"a\" {\n version = \"1\"\n source = \"$${x}%%{y}$$${z}\\u0000\"\n package \"any\" {\n path = \"\\\\\"\n digest = \"tree-sha256:" + strings.Repeat("0", 64) + "\"\n}\n}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		parsed, err := lock.Parse(src, "x")
		if err != nil {
			return
		}
		once := lock.Format(parsed)
		again, err := lock.Parse(once, "x")
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, once)
		}
		if twice := lock.Format(again); !bytes.Equal(once, twice) {
			t.Fatalf("writing it again changes it:\n%s\n%s", once, twice)
		}
	})
}
